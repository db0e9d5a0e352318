"""Profiles under random disruptions: nothing from no length, overlaps, more left is never less."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import day, noisy_chain_world, row

from twin.disrupt.availability import availability
from twin.disrupt.resolve import as_known, resolve
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource
from twin.model.rows_network import LaneGroup, SiteGroup
from twin.model.scenario import Disruption
from twin.model.units import DAY_S, WEEK_S
from twin.network.build import build_network

_chain = noisy_chain_world()
WORLD = _chain.model_copy(
    update={
        "site_groups": (row(SiteGroup, group="fault", site="fab"), row(SiteGroup, group="fault", site="pack_a")),
        "lane_groups": (row(LaneGroup, group="strait", lane="fab-pack_b"),),
        "lanes": tuple(lane.model_copy(update={"capacity_kg_per_week": 500.0}) for lane in _chain.lanes),
        "resources": (*_chain.resources, row(Resource, site="fab", resource="line", capacity=11)),
        "processes": tuple(
            one.model_copy(update={"resource": "line"}) if one.site == "fab" else one for one in _chain.processes
        ),
    }
)
NETWORK = build_network(WORLD)
NOTHING = availability(NETWORK, ())

TARGETS = (
    {"site": "fab"},
    {"site": "integrator"},
    {"operator": "Package One"},
    {"country": "TW"},
    {"group": "fault"},
    {"group": "strait"},
    {"item": "package"},
    {"process": "packaging", "site": "pack_b"},
    {"resource": "line"},
    {"resource": "cell"},
    {"lane": "trays-integrator"},
)
KINDS = ("outage", "starts_blocked", "shipments_blocked", "capacity", "lead_time", "yield", "scrap", "curtailment")


def disruptions(lengths, kinds=KINDS, targets=TARGETS):
    return st.builds(
        Disruption,
        name=st.just("any"),
        at=st.sampled_from(targets),
        kind=st.sampled_from(kinds),
        starts=st.integers(-10, 60).map(day),
        known_after_days=st.integers(-5, 20),
        lasts_days=lengths,
        recovers_over_weeks=st.integers(0, 4),
        capacity_left=st.sampled_from((0.0, 0.25, 0.5, 1.0)),
        lead_time_factor=st.sampled_from((1.0, 1.5)),
        yield_factor=st.sampled_from((1.0, 0.7)),
        scrap_fraction=st.sampled_from((0.0, 0.4)),
        wip_lost=st.sampled_from((0.0, 0.3)),
    )


def profiles(found):
    """Every profile of an availability, by a name; losses as they are."""
    parts = {}
    for key, one in found.processes.items():
        for name in ("starts_per_week", "blocked", "frozen", "yield_factor", "lead_time_factor", "wip_losses"):
            parts["process", key, name] = getattr(one, name)
    for key, lane in found.lanes.items():
        for name in ("capacity_kg_per_week", "closed", "stopped", "transit_factor"):
            parts["lane", key, name] = getattr(lane, name)
    for table in ("resources", "open_hours", "shipments_blocked", "site_frozen"):
        parts |= {(table, key): profile for key, profile in getattr(found, table).items()}
    return parts


def same(one, other):
    if not isinstance(one, StepProfile) or not isinstance(other, StepProfile):
        return one == other
    return np.array_equal(one.times_s, other.times_s) and np.array_equal(one.values, other.values)


def all_same(one, other):
    first, second = profiles(one), profiles(other)
    return first.keys() == second.keys() and all(same(first[name], second[name]) for name in first)


@settings(max_examples=60, deadline=None)
@given(st.lists(disruptions(st.just(0)), min_size=1, max_size=3))
def test_no_length_changes_nothing(given_):
    found = availability(NETWORK, resolve(WORLD, given_))
    assert all_same(found, NOTHING)
    assert found.change_times_s == ()


@settings(max_examples=30, deadline=None)
@given(
    disruptions(st.integers(1, 40), targets=({"site": "nowhere"}, {"group": "none"}, {"site": "fab", "item": "tray"}))
)
def test_what_hits_nothing_changes_nothing(one):
    assert all_same(availability(NETWORK, resolve(WORLD, [one])), NOTHING)


@settings(max_examples=60, deadline=None)
@given(disruptions(st.integers(1, 40)))
def test_nothing_changes_before_a_disruption_starts_or_is_known(one):
    (resolved,) = resolve(WORLD, [one])
    first_s = min(resolved.starts_s, resolved.known_s)
    found = profiles(availability(NETWORK, (resolved,)))
    for name, before in profiles(NOTHING).items():
        if isinstance(before, StepProfile):
            for time_s in (first_s - 1, first_s - 20 * DAY_S):
                assert found[name].at(time_s) == before.at(time_s)


OUTPUT = ("outage", "starts_blocked", "capacity")


@settings(max_examples=60, deadline=None)
@given(
    disruptions(st.integers(1, 40), OUTPUT, ({"site": "pack_a"},)),
    disruptions(st.integers(1, 40), OUTPUT, ({"item": "package", "site": "pack_a"},)),
    disruptions(st.integers(1, 40), ("yield",), ({"site": "pack_a"},)),
    disruptions(st.integers(1, 40), ("yield",), ({"country": "TW"},)),
)
def test_overlaps_take_the_smallest_capacity_and_the_product_of_factors(one, two, three, four):
    key = ("packaging", "pack_a", "package")
    some = (one, two, three, four)
    each = [availability(NETWORK, resolve(WORLD, [alone])).processes[key] for alone in some]
    both = availability(NETWORK, resolve(WORLD, some)).processes[key]
    for time_s in range(-12 * DAY_S, 140 * DAY_S, DAY_S // 2):
        capacities = [one.starts_per_week.at(time_s) for one in each]
        assert both.starts_per_week.at(time_s) == min(capacities)
        assert both.yield_factor.at(time_s) == each[2].yield_factor.at(time_s) * each[3].yield_factor.at(time_s)
        assert both.blocked.at(time_s) == max(one.blocked.at(time_s) for one in each)


@settings(max_examples=60, deadline=None)
@given(disruptions(st.integers(1, 40), ("outage",), ({"site": "fab"}, {"country": "TW"}, {"resource": "line"})))
def test_lost_capacity_is_the_outage_and_half_the_ramp(one):
    (resolved,) = resolve(WORLD, [one])
    limit = availability(NETWORK, (resolved,)).processes["fabrication", "fab", "wafer"].starts_per_week
    lost_s = (resolved.ends_s - resolved.starts_s) + (resolved.recovered_s - resolved.ends_s) / 2
    window_s = (-2 * WEEK_S, 20 * WEEK_S)
    np.testing.assert_allclose(limit.integral(*window_s), 10 * (22 * WEEK_S - lost_s), rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(disruptions(st.integers(1, 30)), st.integers(1, 60), st.integers(-30, 120))
def test_a_planner_never_knows_more_than_has_been_seen(one, true_days, at_day):
    mean, true = resolve(WORLD, [one]), resolve(WORLD, [one], {"any": float(true_days)})
    known = as_known(mean, true, at_day * DAY_S)
    if true[0].known_s > at_day * DAY_S:
        assert known == ()
    elif true[0].ends_s <= at_day * DAY_S:
        assert known == true
    else:
        assert known[0].ends_s == max(mean[0].ends_s, at_day * DAY_S)
