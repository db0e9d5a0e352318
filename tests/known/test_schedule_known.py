"""Published and worked-out answers, through the twin's own tables and scheduler."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import permutations, product

import pytest
from known.ladder import exact, rung
from schedule.shops import (
    GRID_S,
    SHORT,
    chain_job,
    flexible_shop,
    instances_folder,
    problem_of,
    shop,
    table_project,
    table_shop,
)
from worlds import line_world

from twin.model.scenario import Budgets
from twin.schedule.check import check
from twin.schedule.record import Release, Schedule, ScheduleProblem
from twin.schedule.solve import solve

# Fisher and Thompson (1963), 6 jobs on 6 machines: machine and duration of each step.
FT06 = (
    ((2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)),
    ((1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)),
    ((2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)),
    ((1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)),
    ((2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)),
    ((1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)),
)

# Lawrence (1984), 10 jobs on 5 machines.
LA01 = (
    ((1, 21), (0, 53), (4, 95), (3, 55), (2, 34)),
    ((0, 21), (3, 52), (4, 16), (2, 26), (1, 71)),
    ((3, 39), (4, 98), (1, 42), (2, 31), (0, 12)),
    ((1, 77), (0, 55), (4, 79), (2, 66), (3, 77)),
    ((0, 83), (3, 34), (2, 64), (1, 19), (4, 37)),
    ((1, 54), (2, 43), (4, 79), (0, 92), (3, 62)),
    ((3, 69), (4, 77), (1, 87), (2, 87), (0, 93)),
    ((2, 38), (0, 60), (1, 41), (3, 24), (4, 83)),
    ((3, 17), (1, 49), (4, 25), (0, 44), (2, 98)),
    ((4, 77), (3, 79), (2, 43), (1, 75), (0, 96)),
)

# Lawrence (1984), 10 jobs on 10 machines.
LA19 = """
2 44 3 5 5 58 4 97 0 9 7 84 8 77 9 96 1 58 6 89
4 15 7 31 1 87 8 57 0 77 3 85 2 81 5 39 9 73 6 21
9 82 6 22 4 10 3 70 1 49 0 40 8 34 2 48 7 80 5 71
1 91 2 17 7 62 5 75 8 47 4 11 3 7 6 72 9 35 0 55
6 71 1 90 3 75 0 64 2 94 8 15 4 12 7 67 9 20 5 50
7 70 5 93 8 77 2 29 4 58 6 93 3 68 1 57 9 7 0 52
6 87 1 63 4 26 5 6 2 82 3 27 7 56 8 48 9 36 0 95
0 36 5 15 8 41 9 78 3 76 6 84 4 30 7 76 2 36 1 8
5 88 2 81 3 13 6 82 4 54 7 13 8 29 9 40 1 78 0 75
9 88 4 54 6 64 7 32 0 52 2 6 8 54 5 82 3 6 1 26
"""

# Per job: its steps; per step: how many machines it may run on, then each with its time.
# Brandimarte (1993), 10 jobs on 6 machines.
MK01 = """
6 2 1 5 3 4 3 5 3 3 5 2 1 2 3 4 6 2 3 6 5 2 6 1 1 1 3 1 3 6 6 3 6 4 3
5 1 2 6 1 3 1 1 1 2 2 2 6 4 6 3 6 5 2 6 1 1
5 1 2 6 2 3 4 6 2 3 6 5 2 6 1 1 3 3 4 2 6 6 6 2 1 1 5 5
5 3 6 5 2 6 1 1 1 2 6 1 3 1 3 5 3 3 5 2 1 2 3 4 6 2
6 3 5 3 3 5 2 1 3 6 5 2 6 1 1 1 2 6 2 1 5 3 4 2 2 6 4 6 3 3 4 2 6 6 6
6 2 3 4 6 2 1 1 2 3 3 4 2 6 6 6 1 2 6 3 6 5 2 6 1 1 2 1 3 4 2
5 1 6 1 2 1 3 4 2 3 3 4 2 6 6 6 3 2 6 5 1 1 6 1 3 1
5 2 3 4 6 2 3 3 4 2 6 6 6 3 6 5 2 6 1 1 1 2 6 2 2 6 4 6
6 1 6 1 2 1 1 5 5 3 6 6 3 6 4 3 1 1 2 3 3 4 2 6 6 6 2 2 6 4 6
6 2 3 4 6 2 3 3 4 2 6 6 6 3 5 3 3 5 2 1 1 6 1 2 2 6 4 6 2 1 3 4 2
"""

# Fattahi, Saidi Mehrabad and Jolai (2007), 5 jobs on 6 machines.
MFJS1 = """
3 3 0 147 1 123 2 145 2 3 140 1 130 2 3 150 4 160
3 2 0 214 2 150 2 2 87 1 66 2 4 178 5 95
3 2 0 87 1 62 2 2 180 3 105 3 3 190 4 100 5 153
3 2 0 87 1 65 1 4 173 2 3 145 5 136
3 3 1 123 2 145 0 128 3 2 86 3 65 4 47 2 4 110 5 85
"""


def makespan_slots(schedule: Schedule) -> int:
    return round(schedule.makespan_h * 3600 / GRID_S)


def bound_slots(schedule: Schedule) -> int:
    return round(schedule.makespan_bound_h * 3600 / GRID_S)


def least_makespan(problem: ScheduleProblem, seconds: float) -> Schedule:
    budgets = Budgets(schedule_deterministic_seconds=seconds, schedule_dispatch_trials=24)
    schedule = solve(replace(problem, objective="makespan"), budgets, seed=1)
    assert check(problem, schedule) == []
    return schedule


@pytest.mark.parametrize(
    ("name", "jobs", "machines", "best"), [("ft06", FT06, 6, 55), ("la01", LA01, 5, 666)], ids=["ft06", "la01"]
)
def test_job_shop_has_its_published_optimum(name, jobs, machines, best):
    named = [[(f"machine-{machine}", slots) for machine, slots in job] for job in jobs]
    problem = table_shop(named, {f"machine-{machine}": 1 for machine in range(machines)})
    schedule = least_makespan(problem, 10.0)
    assert schedule.status == "optimal"
    assert bound_slots(schedule) == best
    source = {"ft06": "Fisher and Thompson 1963", "la01": "Lawrence 1984"}[name]
    exact(f"job shop {name}: makespan", best, makespan_slots(schedule), unit="slots", source=source, family="Schedule")


@pytest.mark.slow
def test_a_job_shop_of_ten_machines_lies_between_bound_and_published_optimum():
    numbers = [[int(cell) for cell in line.split()] for line in LA19.split("\n") if line]
    named = [[(f"machine-{each[n]}", each[n + 1]) for n in range(0, 20, 2)] for each in numbers]
    schedule = least_makespan(table_shop(named, {f"machine-{number}": 1 for number in range(10)}), 100.0)
    bound, makespan = bound_slots(schedule), makespan_slots(schedule)
    words = {"unit": "slots", "source": "Lawrence 1984", "family": "Schedule"}
    rung("job shop la19: makespan", 842, makespan, bound, makespan, **words)
    assert makespan <= 842 * 1.02


def read_flexible_shop(text: str) -> list[list[list[tuple[str, int]]]]:
    """Of every job its steps, of every step the machines it may run on, each with its time."""
    jobs = []
    for line in text.split("\n"):
        cells = iter(int(cell) for cell in line.split())
        jobs.append(
            [[(f"machine-{next(cells)}", next(cells)) for _ in range(next(cells))] for _ in range(next(cells, 0))]
        )
    return [job for job in jobs if job]


@pytest.mark.parametrize(
    ("name", "text", "best", "source"),
    [("Mk01", MK01, 40, "Brandimarte 1993"), ("MFJS1", MFJS1, 468, "Fattahi and others 2007")],
    ids=["Mk01", "MFJS1"],
)
def test_flexible_job_shop_has_its_published_optimum(name, text, best, source):
    schedule = least_makespan(flexible_shop(read_flexible_shop(text)), 20.0)
    assert schedule.status == "optimal"
    assert bound_slots(schedule) == best
    words = {"unit": "slots", "source": source, "family": "Schedule"}
    exact(f"flexible job shop {name}: makespan", best, makespan_slots(schedule), **words)


PROJECTS = ("J30_5", "J30_22", "J30_71", "J30_94", "J30_118", "J30_190", "J30_238", "J30_310", "J60_9", "J120_26")


def best_known(folder: str, name: str) -> int:
    with (instances_folder() / "best-known.csv").open(newline="") as file:
        best = {(line["folder"], line["instance"]): int(line["best_known"]) for line in csv.DictReader(file)}
    return best[folder, name]


def read_project(name: str) -> ScheduleProblem:
    """Activities as items of their own, made of those that go before; the two that only mark begin and end left out."""
    cells = iter(int(cell) for cell in (instances_folder() / "rcpsp" / f"{name}.txt").read_text().split())
    activities, resources = next(cells), next(cells)
    capacities = {f"resource-{number}": next(cells) for number in range(resources)}
    jobs, after = [], {}
    for number in range(activities):
        slots = next(cells)
        held = {name: float(amount) for name in capacities if (amount := next(cells))}
        jobs.append([(slots, held)])
        for _ in range(next(cells)):
            after.setdefault(next(cells) - 1, []).append(number)
    inner = range(1, activities - 1)
    before = {number - 1: [each - 1 for each in after[number] if each] for number in inner}
    return table_project([jobs[number] for number in inner], capacities, before)


@pytest.mark.parametrize("name", PROJECTS)
def test_project_has_its_published_optimum(name):
    problem, best = read_project(name), best_known("rcpsp", f"{name}.txt")
    schedule = least_makespan(problem, 20.0)
    words = {"unit": "slots", "source": "PSPLIB, best known", "family": "Schedule"}
    bound, makespan = bound_slots(schedule), makespan_slots(schedule)
    rung(f"project {name}: makespan", best, makespan, bound, makespan, **words)
    assert schedule.status == "optimal"


def test_line_of_three_stations_takes_33_hours():
    releases = [Release(order="batch", unit=n, item="job", release_s=0, due_s=0, weight=1.0) for n in range(1, 11)]
    schedule = least_makespan(problem_of(line_world(hours=(2, 3, 1), units=10), "shop", releases), 1.0)
    words = {"source": "2 + 10 x 3 + 1", "family": "Schedule"}
    exact("line of 2, 3, 1 h, 10 units: makespan", 33, schedule.makespan_h, unit="h", **words)
    assert schedule.status == "optimal"
    # The whole of the bottleneck: 30 of the 33 hours, within a week of 168.
    assert schedule.utilisation["station_2"] == pytest.approx(30 / 168)


# How far above the best known makespan a search of a few seconds may end.
HYBRID_FLOW_SHOPS = {
    "0.txt": 0.0,
    "33.txt": 0.07,
    "120.txt": 0.13,
    "377.txt": 0.05,
    "455.txt": 0.06,
    "804.txt": 0.03,
    "1150.txt": 0.02,
}


def read_hybrid_flow_shop(name: str) -> tuple[ScheduleProblem, int]:
    folder = instances_folder()
    lines = (folder / "hybrid-flow-shop" / name).read_text().splitlines()
    jobs, stages = int(lines[0]), int(lines[1])
    machines = [int(cell) for cell in lines[2].split()]
    times = [[int(cell) for cell in line.split()] for line in lines[3 : 3 + jobs]]
    assert [len(row) for row in times] == [stages] * jobs
    named = [[(f"stage-{stage}", slots) for stage, slots in enumerate(row)] for row in times]
    capacities = {f"stage-{stage}": count for stage, count in enumerate(machines)}
    return table_shop(named, capacities), best_known("hybrid-flow-shop", name)


@pytest.mark.parametrize(("name", "above"), HYBRID_FLOW_SHOPS.items())
def test_hybrid_flow_shop_lies_between_bound_and_published_best(name, above):
    problem, best = read_hybrid_flow_shop(name)
    schedule = least_makespan(problem, 2.0)
    bound, makespan = bound_slots(schedule), makespan_slots(schedule)
    words = {"source": "best known, published with the instances", "family": "Schedule"}
    rung(
        f"hybrid flow shop {name.removesuffix('.txt')}: makespan",
        best,
        makespan,
        bound,
        makespan,
        unit="slots",
        **words,
    )
    assert makespan <= best * (1 + above)
    assert bound >= 0.99 * best


def brute_force_tardiness(problem: ScheduleProblem) -> float:
    """The least weighted tardiness in hours over all orders of the racks at each of two single stations."""
    jobs = problem.jobs
    least = float("inf")
    for first, second in product(permutations(range(len(jobs))), repeat=2):
        done, free = [0] * len(jobs), 0
        for number in first:
            free = max(free, jobs[number].release_s) + jobs[number].operations[0].duration_s
            done[number] = free
        free = late = 0
        for number in second:
            free = max(free, done[number]) + jobs[number].operations[1].duration_s
            late += jobs[number].weight * max(0, free - jobs[number].due_s) / 3600
        least = min(least, late)
    return least


@pytest.mark.parametrize("variant", range(4))
def test_few_racks_have_the_least_tardiness_of_all_orders(variant):
    slots = [(3, 9), (8, 4), (5, 5), (11, 2)]
    jobs = [[("mount", first + variant * n % 3), ("test", second)] for n, (first, second) in enumerate(slots)]
    timing = [
        (GRID_S * (7 * n * variant % 5), GRID_S * (10 + (5 + variant) * n % 9), float(1 + (3 * n + variant) % 4))
        for n in range(len(jobs))
    ]
    problem = table_shop(jobs, {"mount": 1, "test": 1}, timing)
    schedule = solve(problem, SHORT, seed=1)
    assert schedule.status == "optimal"
    words = {"source": "all orders tried", "family": "Schedule"}
    least, found = brute_force_tardiness(problem), schedule.tardiness_h
    exact(f"two stations, four racks, variant {variant}: tardiness", least, found, unit="weighted h", **words)
    assert schedule.tardiness_bound_h == pytest.approx(schedule.tardiness_h)


def small_flow_shop(scale: int = 1, **capacities: float) -> ScheduleProblem:
    slots = [(3, 7, 2), (6, 2, 4), (4, 5, 3), (2, 6, 5), (5, 3, 6)]
    jobs = [chain_job(n, [(f"stage-{k}", scale * p) for k, p in enumerate(own)]) for n, own in enumerate(slots)]
    return shop(jobs, {"stage-0": 1, "stage-1": 2, "stage-2": 1} | capacities)


def with_power(problem: ScheduleProblem, stage: str, kilowatts: float) -> ScheduleProblem:
    def powered(operation):
        demands = (*operation.demands, ("power", kilowatts))
        return replace(operation, demands=demands) if operation.demands[0][0] == stage else operation

    jobs = tuple(replace(job, operations=tuple(powered(step) for step in job.operations)) for job in problem.jobs)
    return replace(problem, jobs=jobs)


def proven(problem: ScheduleProblem) -> int:
    schedule = least_makespan(problem, 5.0)
    assert schedule.status == "optimal"
    return makespan_slots(schedule)


def test_power_without_end_changes_nothing():
    free = with_power(small_flow_shop(power=1e6), "stage-1", 140)
    assert proven(free) == proven(small_flow_shop())


def test_power_for_one_rack_makes_two_bays_one():
    assert proven(with_power(small_flow_shop(power=250), "stage-1", 140)) == proven(small_flow_shop(**{"stage-1": 1}))


def test_makespan_scales_with_time():
    assert proven(small_flow_shop(scale=3)) == 3 * proven(small_flow_shop())


def test_dropping_a_rack_never_raises_the_optimum():
    problem = small_flow_shop()
    whole = proven(problem)
    for number in range(len(problem.jobs)):
        assert proven(replace(problem, jobs=problem.jobs[:number] + problem.jobs[number + 1 :])) <= whole
