"""Why orders are late, in words: small worlds in which one thing alone goes wrong, and is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from properties.worlds_generated import arm_of
from worlds import chain_world, day, noisy_chain_world, row, weekly_orders

from twin.disrupt.resolve import resolve
from twin.events.late_result import LateLink, LateOrders
from twin.metrics.facts import facts_from
from twin.metrics.late_hits import Struck
from twin.metrics.late_orders import late_orders
from twin.metrics.view import View
from twin.model.rows_make import Resource, RoutingResource
from twin.model.scenario import Disruption, Target
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.record import Binding
from twin.study.late import held_by_site, late_world
from twin.study.replicate import simulate_arm

UNHEARD = 300
"""Days after which planners hear of a disruption: never within these runs."""


def hit(kind: Any, at: dict[str, str], starts: int = 40, **cells: Any) -> Disruption:
    told = {"known_after_days": UNHEARD, "lasts_weeks": "3"} | cells
    return Disruption(name=f"the {kind}", at=Target(**at), kind=kind, starts=day(starts), **told)


def why(world: World, *hits: Disruption) -> LateOrders:
    arm = arm_of(world, hits)
    assert arm.playbook.opening is not None
    view = View(simulate_arm(arm, 0).log, facts_from(arm.ground.network))
    late = late_orders(view, late_world(arm, arm.playbook.opening.plan, {}))
    for order in late.orders:
        assert sum(link.days for link in order.links) == pytest.approx(order.delay_days, abs=1e-9)
        assert not [link for link in order.links if link.cause in ("wait", "dock", "rework") and link.days < 0]
    return late


def told(late: LateOrders, words: str) -> list[LateLink]:
    return [link for order in late.orders for link in order.links if words in link.what]


def changed(rows: Sequence[Any], name: str, **cells: Any) -> tuple[Any, ...]:
    """Rows with cells changed where `name` is their step, lane or resource."""
    return tuple(
        each.model_copy(update=cells)
        if name in (getattr(each, key, "") for key in ("name", "lane", "resource"))
        else each
        for each in rows
    )


def settled(world: World, **settings: Any) -> World:
    return world.model_copy(update={"settings": world.settings.model_copy(update=settings)})


def test_a_resource_that_is_down_is_named_where_racks_wait_for_it() -> None:
    waits = told(why(chain_world(), hit("outage", {"site": "integrator", "resource": "cell"})), "waited for test")
    longest = max(waits, key=lambda link: link.days)
    assert longest.because.startswith("the outage")
    assert (longest.cause, longest.where) == ("disruption", "integrator")
    assert longest.days > 10


def test_a_datacenter_that_stands_still_is_named_at_its_dock() -> None:
    dock = told(why(chain_world(), hit("outage", {"site": "campus"})), "waited at the dock")
    assert {link.because for link in dock if link.days > 1} == {"the outage"}


def test_starts_held_up_are_named_where_less_came_of_them() -> None:
    late = why(noisy_chain_world(), hit("starts_blocked", {"process": "packaging"}))
    assert any("packaging at pack a had been held up by the starts_blocked" in link.because
               for link in told(late, "waited for package"))  # fmt: skip


def test_a_wait_for_the_departure_that_the_plan_reckons_with_is_not_counted_twice() -> None:
    """Racks leave each Monday; transit is as planned, and what is told of the wait is what it is over half a week."""
    world = chain_world(lanes=changed(chain_world().lanes, "integrator-campus", departs_every_days=7.0))
    late = why(world)
    assert not told(late, "transit took")
    waits = told(late, "finished, waited to ship") + told(late, "left sooner than the plan reckons")
    assert waits
    assert all(-3.5 <= link.days <= 3.5 and link.because == "departures every 7 days" for link in waits)


def test_a_date_promised_in_the_tables_is_no_cause() -> None:
    """Orders promised for one day late in the run are late for what holds them up, as they are without it."""
    promised = weekly_orders("campus", "rack_accepted", 12, 2, promised=day(60))
    lates = [why(chain_world(**orders)) for orders in ({}, {"orders": promised})]
    links = [[[(link.days, link.cause) for link in order.links] for order in late.orders] for late in lates]
    assert links[0] == links[1]
    assert not told(lates[1], "promised")


def test_scrapped_racks_are_told_and_repeated_steps_wait_no_negative_time() -> None:
    routings = changed(noisy_chain_world().routings, "install", first_pass_yield=0.4, max_attempts=2, then="scrap")
    turns = told(why(noisy_chain_world(routings=routings)), "its turn among")
    assert any("scrapped at campus, and another had to take its place" in link.because for link in turns)


def test_a_wait_that_lasted_too_long_is_told_with_the_step_that_it_repeats() -> None:
    base = noisy_chain_world()
    world = base.model_copy(
        update={
            "routings": changed(base.routings, "assemble", max_wait_hours_after=1.0),
            "resources": changed(base.resources, "cell", capacity=1),
        }
    )
    late = why(settled(world, schedule_weeks=0), hit("outage", {"site": "integrator", "resource": "cell"}))
    vain = told(late, "waited too long for test")
    assert vain
    assert all("so assemble had to be repeated" in link.because for link in vain)
    assert any("at assemble" in link.because for link in told(late, "rework and repeated work"))


def test_a_rack_waits_for_the_others_of_its_cluster() -> None:
    routings = changed(noisy_chain_world().routings, "test", cluster=2)
    waits = told(why(noisy_chain_world(routings=routings)), "waited for test")
    assert any(link.because == "for the others of its cluster: 2 racks do it together" for link in waits)


def test_work_in_a_slower_mode_is_told_with_the_hours_it_took() -> None:
    base = chain_world()
    old = [each for each in base.routing_resources if each.resource != "cell"]
    cells = {"item": "rack_l11", "level": "L11", "step": 2}
    modes = (
        row(RoutingResource, **cells, resource="cell", mode="new"),
        row(RoutingResource, **cells, resource="old", mode="old", mode_hours=90),
    )
    resources = (*base.resources, row(Resource, site="integrator", resource="old", capacity=2))
    world = settled(chain_world(routing_resources=(*old, *modes), resources=resources), schedule_weeks=0)
    late = why(world, hit("outage", {"site": "integrator", "resource": "cell"}))
    assert "most at test: 3.75 days for 1.25, which has a slower mode" in told(late, "steps took longer")[0].because


@pytest.mark.parametrize(
    ("at", "kind", "said"),
    [
        ({"site": "trays"}, "outage", "2 not begun; integrator has waited for tray"),
        ({"site": "integrator", "resource": "cell"}, "outage", "2 being made; test at integrator comes next; held up"),
        ({"site": "integrator"}, "shipments_blocked", "2 being made; finished at integrator, and not shipped; held up"),
        ({"site": "campus"}, "outage", "2 on the way or at the dock; campus is held up"),
    ],
)
def test_racks_missing_at_the_end_are_told_with_where_they_are(at: dict[str, str], kind: str, said: str) -> None:
    """Whatever is hit stays so to the end of the run."""
    late = why(chain_world(), hit(kind, at, starts=60, lasts_weeks="30"))
    missing = [link.because for link in told(late, "not complete at the end of the run")]
    assert any(said in because for because in missing)
    assert all(f"by the {kind}" in because for because in missing)


def test_a_plan_without_an_end_for_an_order_is_told_so() -> None:
    late = why(chain_world(), hit("outage", {"site": "trays"}, starts=60, lasts_weeks="30", known_after_days=0))
    assert told(late, "a new plan does not complete it by the end of the run")


ACTS = {
    "outage": ({"site": "integrator"}, {"starts", "steps", "work"}),
    "starts_blocked": ({"site": "integrator"}, {"starts"}),
    "shipments_blocked": ({"site": "integrator"}, {"departures"}),
    "capacity": ({"site": "integrator"}, {"starts", "steps"}),
    "curtailment": ({"site": "integrator", "resource": "cell"}, {"steps"}),
    "lead_time": ({"site": "integrator"}, {"work"}),
    "yield": ({"site": "integrator"}, {"losses"}),
    "scrap": ({"site": "integrator"}, {"losses"}),
}


@pytest.mark.parametrize("kind", ACTS)
def test_each_kind_is_named_for_what_it_does_and_for_nothing_else(kind: str) -> None:
    """As the table of docs/disruptions.md has it, within its time and at no other."""
    network = build_network(chain_world())
    at, acts = ACTS[kind]
    cells = {"lead_time_factor": 2.0, "yield_factor": 0.5, "scrap_fraction": 0.5}
    key = ("integration", "integrator", "rack_l11")
    struck = Struck(network, resolve(network.world, [hit(kind, at, **cells)]))

    def named(since: int, until: int) -> set[str]:
        spell = (since * 86_400.0, until * 86_400.0)
        answers = {
            "starts": struck.starts(key, *spell),
            "steps": struck.steps(key, ["cell"], *spell),
            "work": struck.work(key, *spell),
            "departures": struck.departures("integrator-campus", "integrator", "rack_l11", *spell),
            "transit": struck.transit("integrator-campus", *spell),
            "losses": struck.losses(key, *spell),
        }
        assert set(answers.values()) <= {"", f"the {kind}"}
        return {name for name, answer in answers.items() if answer}

    assert named(38, 42) == acts
    assert named(30, 39) == named(62, 70) == set()


def test_a_lane_that_stands_still_holds_up_departures_and_goods_on_it() -> None:
    network = build_network(chain_world())
    struck = Struck(network, resolve(network.world, [hit("outage", {"lane": "integrator-campus"})]))
    spell = (38 * 86_400.0, 42 * 86_400.0)
    assert struck.departures("integrator-campus", "integrator", "rack_l11", *spell) == "the outage"
    assert struck.transit("integrator-campus", *spell) == "the outage"
    assert struck.transit("trays-integrator", *spell) == ""


def test_a_full_datacenter_holds_back_its_own_orders_alone() -> None:
    """Power at two campuses binds hardest; orders of a third are held back by the line that all of them need."""
    line = Binding(
        kind="process", name="packaging", site="fab", item="package", unit="wafers/week", limit=10.0, load=1.0,
        periods=(), racks_per_unit=1.0, rack_weeks_per_unit=2.0, source="test", confidence="estimate",
    )  # fmt: skip
    power = [
        replace(line, kind="readiness", name=f"power at {site}", site=site, rack_weeks_per_unit=worth)
        for site, worth in (("north", 9.0), ("south", 1.0))
    ]
    assert held_by_site([line, *power], ["north", "south", "west"]) == {
        "north": "power at north", "south": "packaging at fab", "west": "packaging at fab",
    }  # fmt: skip
    assert held_by_site(power, ["west"]) == {"west": ""}


@pytest.mark.parametrize(("rate", "said"), [(7030.4, "7,030"), (12.345, "12.3")])
def test_a_rate_that_limits_starts_is_said_in_full(rate: float, said: str) -> None:
    rows = tuple(
        each.model_copy(update={"capacity_per_week": rate}) if each.item == "tray" else each
        for each in chain_world().processes
    )
    arm = arm_of(chain_world(processes=rows), ())
    assert arm.playbook.opening is not None
    world = late_world(arm, arm.playbook.opening.plan, {})
    (key,) = (key for key in world.network.processes if world.network.processes[key][0].item == "tray")
    assert world.limit_words(key, 10 * 86400) == f"no more than {said} a week may start"
