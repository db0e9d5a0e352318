"""What commands ask of the library, and what they answer."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from twin.cli.tables_plan import kit_tables, plan_tables
from twin.cli.tables_schedule import Window, schedule_tables
from twin.events import result as parts
from twin.events import views
from twin.events.plan_parts import BrokenRow, ConversionRow

from .conftest import GANTT, GATES, PLAN, SCHEDULES, measure, run_result

WINDOW = Window(date(2026, 1, 5), date(2026, 1, 11), ())


def printed(tables: Iterable[Any], width: int = 200) -> list[str]:
    """The lines of an answer."""
    console = Console(file=io.StringIO(), width=width, markup=False, emoji=False)
    for part in tables:
        console.print(part)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_run_passes_its_options_on(library, command, tmp_path: Path):
    page = tmp_path / "page.html"
    out = tmp_path / "kept"
    command(
        "run", "small", "-n", "12", "--seed", "7", "--workers", "2", "--out", str(out), "--report", str(page), "--quiet"
    )
    asked = library.called("run")
    assert (asked["replications"], asked["seed"], asked["workers"], asked["out"]) == (12, 7, 2, out)
    assert library.called("report")["path"] == page
    assert library.called("report")["result"].scenario == "small"


def test_the_command_kept_is_the_one_that_gives_the_same_answer(library, command):
    command("run", "my scenario.yaml", "--workers", "2", "--seed", "7", "--quiet")
    assert library.called("run")["command"] == "twin run 'my scenario.yaml' --seed 7"


def test_run_says_the_verdict_and_where_things_are_last(library, command):
    lines = command("run", "small", "--report", "reports/small.html").out.splitlines()
    assert lines[-4] == "2,000 racks are accepted."
    assert lines[-2:] == ["run: runs/small-12345678", "page: reports/small.html"]


def test_a_disrupted_run_stands_beside_its_baseline(library, command):
    out = command("run", "fire").out
    row = next(line for line in out.splitlines() if line.startswith("Racks accepted")).split()
    assert row[2:5] == ["2,100", "2,000", "-100"]
    assert "By hand: lost weeks x share = 95 racks; simulated 100, 5 % apart." in out
    assert "Supply recovery" in out


def test_compare_shows_each_against_the_first(library, command):
    out = command("compare", "small", "fire", "flood").out
    assert "fire against small" in out
    assert "flood against small" in out
    assert "Best on racks_accepted, not ruled out at 95 %: small." in out


def test_compare_says_what_moved(library, command):
    lines = command("compare", "small", "fire", "flood").out.splitlines()
    fire, flood = lines.index("What moved: fire against baseline"), lines.index("What moved: flood against baseline")
    told = "\n".join(lines[fire:flood])
    assert "96 of 1,200 racks (8 %), of 30 orders" in " ".join(told.split())
    rows = [line.split() for line in lines[fire:flood]]
    assert ["package", "trays", "pack_a", "60", "%", "25", "%", "-350", "-17,500"] in rows
    assert ["fab-north", "air", "10,000", "14,000", "+40", "%", "+4", "+20,000"] in rows
    assert ["order-1", "A", "2026-03-01", "2026-03-02", "2026-03-14", "+12"] in rows
    # Five rows of each table.
    assert sum(row[:1] == [f"order-{number}"] for row in rows for number in range(3, 20)) == 2
    assert lines[flood + 1].startswith("Nothing moved")


def test_the_command_that_compares_again_names_the_files_given(library, command):
    assert command("compare", "small", "./my fire.yaml", "--replications", "3", "--seed", "7").code == 0
    assert library.called("compare")["command"] == "twin compare small './my fire.yaml' --replications 3 --seed 7"


def test_a_difference_that_is_the_same_in_every_run_has_no_interval(library, command, monkeypatch: pytest.MonkeyPatch):
    same = {"racks_accepted": measure(0.0, 0.0, 0.0)}
    results = [run_result(name, 2100.0) for name in ("small", "again")]
    monkeypatch.setattr(
        library, "compare", lambda cases, **options: views.CompareResult(results=results, paired=[same], best=None)
    )
    out = command("compare", "small", "again").out
    assert next(line for line in out.splitlines() if line.startswith("Racks accepted")).split() == [
        "Racks", "accepted", "2,100", "2,100", "0", "racks",
    ]  # fmt: skip
    assert "0 to 0" not in out


def test_plan_shows_weeks_customers_and_limits(library, command):
    out = command("plan", "small").out
    assert out.splitlines()[0].startswith("small: 2,000 racks are accepted and 2,100 due before 2026-01-19 (optimal)")
    week = next(line for line in out.splitlines() if line.startswith("2026-01-05")).split()
    assert week == ["2026-01-05", "1", "1,000", "900", "100"]
    for letter in "abcdefg":
        assert f"customer {letter}" in out
    assert "packaging line" in out


def test_a_plan_that_breaks_a_limit_is_shown_and_ends_with_one(library, command, monkeypatch: pytest.MonkeyPatch):
    broken = BrokenRow(
        kind="resource", name="finished_rack_places at hall", site="hall", item="", unit="racks", limit=3.0,
        reached=10.0, begins="2026-01-05", ends="2026-02-02", why="they have nowhere else to wait",
    )  # fmt: skip
    relaxed = PLAN.model_copy(update={"status": "relaxed", "broken": [broken]})
    view = views.PlanView(scenario="small", plan=relaxed, gates=[], customers=[])
    monkeypatch.setattr(library, "plan", lambda case, progress: view)
    ended = command("plan", "small")
    assert ended.code == 1
    assert ended.err.splitlines()[-1] == (
        "no plan keeps every limit: finished_rack_places at hall, 10 against 3 racks from 2026-01-05 to 2026-02-02, "
        "since they have nowhere else to wait"
    )
    assert "(relaxed)" in ended.out
    assert "Limits that no plan can keep" in ended.out
    printed_json = command("plan", "small", "--json")
    assert printed_json.code == 1
    assert json.loads(printed_json.out)["plan"]["broken"][0]["reached"] == 10.0


def test_kits_say_what_is_short(library, command):
    out = command("kits", "small").out
    assert out.splitlines()[0] == "small: 7 of 10 racks planned by 2026-01-05 have full kits."
    assert "tray" in out


def test_schedule_draws_each_rack(library, command):
    lines = command("schedule", "small").out.splitlines()
    racks = [line for line in lines if line.startswith("order-1 #")]
    # 12 hours of assembly and 48 of burn-in, at six hours a character.
    assert [line.split()[-1] for line in racks] == ["AABBBBBBBB", "AABBBBBBBB"]


def test_show_names_single_points_and_concentration(library, command):
    out = command("show", "small").out
    assert "Single points of failure: 1" in out
    assert "package at island" in out
    assert "10,000" in out


@pytest.mark.parametrize("name", ["show", "plan", "kits", "schedule"])
def test_out_saves_the_same_object(library, command, tmp_path: Path, name: str):
    path = tmp_path / "deep" / "answer.json"
    printed = command(name, "small", "--json", "--out", str(path)).out
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(printed)


@pytest.mark.parametrize("name", ["show", "plan", "kits", "schedule"])
def test_an_answer_that_cannot_be_written_is_told_before_the_work(library, command, tmp_path: Path, name: str):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    ended = command(name, "small", "--out", str(tmp_path / "file" / "answer.json"))
    assert ended.code == 2
    assert "file: nothing can be written in this folder" in ended.err
    assert [called for called, _ in library.calls] == ["load"]


def test_runs_and_pages_that_cannot_be_written_are_told_before_the_run(library, command, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.write_text("in the way", encoding="utf-8")
    for asked in (["--out", str(taken / "runs")], ["--out", str(taken)], ["--report", str(taken / "page.html")]):
        ended = command("run", "small", *asked)
        assert ended.code == 2
        # A long path is broken at the edge of the box.
        assert "taken" in re.sub(r"[\s│]", "", ended.err)
    assert command("report", "one", "--out", str(taken / "pages")).code == 2
    assert not [called for called, _ in library.calls if called in ("run", "report")]


def test_report_takes_a_name_or_a_folder(library, command, tmp_path: Path):
    folder = tmp_path / "elsewhere" / "fire-1"
    folder.mkdir(parents=True)
    ended = command("report", "small-12345678", str(folder), "--out", str(tmp_path))
    asked = [given for name, given in library.calls if name == "report"]
    assert [given["result"] for given in asked] == [Path("runs/small-12345678"), folder]
    assert ended.out.split() == [str(tmp_path / "small-12345678.html"), str(tmp_path / "fire-1.html")]


def test_runs_are_listed_and_deleted_by_name(library, command, tmp_path: Path):
    assert "baseline-12345678" in command("runs", "--out", str(tmp_path)).out
    assert library.called("runs")["root"] == tmp_path
    command("runs", "delete", "one", "two", "--out", str(tmp_path))
    assert [given["names"] for name, given in library.calls if name == "delete_runs"] == [["one", "two"]]


def test_new_copies_what_is_shipped(command, tmp_path: Path, project_folder: Path):
    ended = command("new", str(tmp_path / "mine"))
    assert ended.code == 0
    copied = {path.relative_to(tmp_path / "mine") for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    scenarios = project_folder / "scenarios"
    assert copied == {path.relative_to(scenarios) for path in scenarios.rglob("*") if path.is_file()}
    assert Path("baseline.yaml") in copied


@pytest.mark.parametrize("name", ["", "  "])
def test_new_needs_a_name(command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    ended = command("new", name)
    assert ended.code == 2
    assert "a folder needs a name" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_new_does_not_write_over_a_file(command, tmp_path: Path):
    (tmp_path / "mine").write_text("words", encoding="utf-8")
    ended = command("new", str(tmp_path / "mine"))
    assert ended.code == 2
    assert "Invalid value for DIR" in ended.err
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "words"


def test_new_leaves_what_is_there_alone(command, tmp_path: Path):
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    ended = command("new", str(tmp_path))
    assert ended.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_hand_check_that_does_not_fit_is_told_without_a_percentage():
    from cli.conftest import run_result

    from twin.cli.tables_run import _hand_check

    check = run_result("fire", 2000.0, disrupted=True).hand_check.model_copy(
        update={"by_hand_racks": 0.0, "difference_fraction": None}
    )
    assert "no shortage is expected" in _hand_check(check, 1)
    assert "%" not in _hand_check(check, 1)


def test_buckets_of_the_plan_say_how_long_they_are(monkeypatch: pytest.MonkeyPatch):
    """Two single weeks, then what is left of the horizon."""
    plan = PLAN.model_copy(update={"time": ["2026-01-05", "2026-01-12"]})
    view = views.PlanView(scenario="small", plan=plan, gates=[], customers=[])
    lines = printed(plan_tables(view, date(2026, 2, 9)))
    assert [line.split()[:2] for line in lines if line.startswith("2026-01")][:2] == [
        ["2026-01-05", "1"],
        ["2026-01-12", "4"],
    ]


def test_what_the_plan_converts_has_a_table_of_its_own():
    row = ConversionRow(item="rack_a", into="rack_b", site="houston", units=[3.0, 1e-9])
    plan = PLAN.model_copy(update={"conversions": [row]})
    lines = printed(plan_tables(views.PlanView(scenario="small", plan=plan, gates=[], customers=[]), date(2026, 1, 19)))
    (told,) = [line.split() for line in lines if line.startswith("rack_a")]
    assert told == ["rack_a", "rack_b", "houston", "3", PLAN.time[0], PLAN.time[0]]
    bare = printed(plan_tables(views.PlanView(scenario="small", plan=PLAN, gates=[], customers=[]), date(2026, 1, 19)))
    assert not any("Conversions" in line for line in bare)


def test_what_is_only_noise_of_a_solver_is_nothing():
    noisy = {"customer a": [1.93e-8, 900.0], "customer b": [900.0, -2e-9]}
    gates = [GATES[0].model_copy(update={"racks_per_week_gained": 3e-9})]
    bindings = [PLAN.bindings[0].model_copy(update={"racks_per_unit": 4e-8})]
    plan = PLAN.model_copy(update={"accepted_by_customer": noisy, "bindings": bindings})
    view = views.PlanView(scenario="small", plan=plan, gates=gates, customers=[])
    text = "\n".join(printed(plan_tables(view, date(2026, 1, 19))))
    assert "0.00000" not in text
    assert "e-0" not in text


@pytest.mark.parametrize(("count", "tables"), [(1, [1]), (5, [5]), (6, [3, 3]), (7, [3, 4]), (11, [3, 4, 4])])
def test_customers_are_spread_evenly_over_tables_with_whole_names(count: int, tables: list[int]):
    names = [f"c{number:02d}" for number in range(count)]
    plan = PLAN.model_copy(update={"accepted_by_customer": {name: [1.0, 2.0] for name in names}})
    view = views.PlanView(scenario="small", plan=plan, gates=[], customers=[])
    lines = printed(plan_tables(view, date(2026, 1, 19)), width=80)
    headers = [lines[index + 1].split() for index, line in enumerate(lines) if line == "Accepted racks by customer"]
    assert [len(header) - 2 for header in headers] == tables
    assert [name for header in headers for name in header[2:]] == names


def test_kits_are_counted_from_the_start_and_never_added_up_over_weeks():
    """Ten racks are planned by the first week and twelve by the second, of which two lack a tray."""
    first = parts.KitRow(
        site="hall", item="rack", week="2026-01-11", planned_racks=10.0, full_kits=10.4, short_item="", racks_blocked=0
    )
    second = first.model_copy(
        update={"week": "2026-01-18", "planned_racks": 12.0, "full_kits": 10.0, "racks_blocked": 2.0}
    )
    lines = printed(kit_tables(views.KitsView(scenario="small", kits=[first, second])))
    assert lines[0] == "small: 10 of 12 racks planned by 2026-01-18 have full kits."
    row = next(line for line in lines if "2026-01-11" in line and line.startswith("hall"))
    assert row.split()[3:5] == ["10", "10"], "no more kits than racks"


def test_the_schedule_names_its_window_and_what_it_does_not_know(library, command):
    told = " ".join(command("schedule", "fire").out.split())
    assert "Racks released from 2026-01-05 to 2026-01-11, made before any disruption is known." in told
    assert "Not reckoned with: oven." in told
    assert "Not reckoned" not in command("schedule", "small").out


def test_a_site_without_a_schedule_is_told_with_its_reason(library, command, monkeypatch: pytest.MonkeyPatch):
    """Its hours are no zeros, what has a schedule is told beside it, and the command ends with 1."""
    none = dict.fromkeys([name for name in type(SCHEDULES[0]).model_fields if name.endswith(("_h", "_gap"))])
    why = {"site": "yard", "status": "infeasible", "reason": "the test needs 3 of bay, where there are 2"}
    missing = SCHEDULES[0].model_copy(update={**none, **why, "utilisation": {}})
    answered = views.ScheduleView(scenario="small", schedules=[*SCHEDULES, missing], gantt=[])
    monkeypatch.setattr(type(library), "schedule", lambda *_: answered)
    ended = command("schedule", "small", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["schedules"][1]["tardiness_h"] is None
    told = "No schedule at yard from 2026-01-05 for its 2 racks: the test needs 3 of bay, where there are 2."
    assert told in ended.err
    out = command("schedule", "small").out
    assert out.splitlines()[0] == "small: 2 racks scheduled at 1 site, 4 weighted hours late."
    assert told in " ".join(out.split())
    alone = views.ScheduleView(scenario="small", schedules=[missing], gantt=[])
    assert printed(schedule_tables(alone, WINDOW))[0] == "small: no schedule at 1 site."


def test_a_window_without_racks_is_told_as_that():
    lines = printed(schedule_tables(views.ScheduleView(scenario="small", schedules=[], gantt=[]), WINDOW))
    assert lines[0] == "small: no rack to schedule."
    assert "No rack is on a floor or released in these days" in lines[2]
    assert len(lines) == 3, "no tables without rows"


def test_what_is_known_from_the_start_is_reckoned_with(library, command, monkeypatch: pytest.MonkeyPatch):
    answered = views.ScheduleView(scenario="fire", foreseen=["oven"], schedules=SCHEDULES, gantt=GANTT)
    monkeypatch.setattr(type(library), "schedule", lambda *_: answered)
    told = " ".join(command("schedule", "fire").out.split())
    assert "made with oven reckoned with." in told
    assert "Not reckoned" not in told


def test_racks_of_long_names_differ(library, command, monkeypatch: pytest.MonkeyPatch):
    long = [bar.model_copy(update={"order": "customer-of-a-far-away-campus-" + bar.order}) for bar in GANTT]
    answered = views.ScheduleView(scenario="small", schedules=SCHEDULES, gantt=long)
    monkeypatch.setattr(type(library), "schedule", lambda *_: answered)
    labels = [line.split(" A")[0] for line in command("schedule", "small").out.splitlines() if "order-1 #" in line]
    assert len(set(labels)) == 2
    assert all(len(label) == 30 for label in labels)


def test_show_names_what_the_disruptions_hit(library, command):
    told = command("show", "fire").out
    row = next(line for line in told.splitlines() if line.startswith("oven"))
    assert row.split()[:6] == ["oven", "outage", "2026-02-02", "2026-02-23", "pack_a,", "pack_b,"]
    # Of many the first few are named.
    assert "pack_f and" in told
    assert "pack_g" not in told
    assert "Disruptions" not in command("show", "small").out


def test_the_same_scenario_twice_is_no_comparison(library, command):
    for again in ("small", "./small"):
        ended = command("compare", "small", "fire", again)
        assert ended.code == 2
        assert "name scenarios that differ" in " ".join(line.strip("│ ") for line in ended.err.splitlines())
    assert "compare" not in [called for called, _ in library.calls]


def test_notes_on_what_no_stage_reads_are_left_to_check_and_page(library, command, monkeypatch: pytest.MonkeyPatch):
    warnings = ["read by no stage yet: hazards (3 rows)", "orders due after the planned end: o7"]
    answered = run_result("small", 2000.0).model_copy(update={"warnings": warnings})
    monkeypatch.setattr(type(library), "run", lambda *_, **__: answered)
    out = command("run", "small").out
    assert "hazards" not in out
    assert "Note: orders due after the planned end: o7" in out
