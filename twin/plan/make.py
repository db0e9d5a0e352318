"""Make a supply plan: build the programme, solve it, tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from twin.disrupt.record import Availability
from twin.model.order_book import OrderLine
from twin.model.state import State
from twin.network.record import Network, ProcessKey
from twin.plan.allocation import add_allocations
from twin.plan.binding import bindings_of, merged
from twin.plan.buckets import Edges, plan_edges
from twin.plan.capacity import add_lane_capacity, add_rack_places, add_routing_resources, add_shared_lines
from twin.plan.cost import MONEY_PER_LATENESS, OVERFLOW_WEEKS, late_weights, money_weight, price_changes, price_columns
from twin.plan.frame import Frame, plan_frame
from twin.plan.levels import add_levels
from twin.plan.linear import ABSENT, SIMPLEX_COLUMNS, Indexes, Reals, Solution
from twin.plan.lots import add_lots, in_whole_lots, where_they_matter
from twin.plan.policies import add_policies
from twin.plan.program import Program, add_balances, add_flows, add_production
from twin.plan.promises import promises
from twin.plan.ranging import Optimum, optimum_of, price_ranges
from twin.plan.record import SOLVED, Binding, Objective, PlanOptions, Series, SupplyPlan
from twin.plan.relaxed import broken_limits
from twin.plan.service import add_readiness, add_service
from twin.plan.sharing import add_sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with the programme and the solution it was read from."""

    plan: SupplyPlan
    program: Program
    solution: Solution


def make_plan(
    network: Network,
    availability: Availability,
    state: State,
    orders: Sequence[OrderLine],
    options: PlanOptions,
) -> SupplyPlan:
    """The plan from `state.at_s` on that serves `orders` best with what is `available`.

    Operational: least priority-weighted lateness in rack-weeks, then least cost; its
    bindings carry `rack_weeks_per_unit` only, see `explain`. Bound: most units accepted by
    `until_s`, with their bindings in racks. Where limits contradict each other, or the state,
    those named in `broken` give way, and the status is `relaxed`. A programme without
    solution comes back with its status and empty series. Where the settings ask for
    `minimum_lots`, an operational plan starts whole lots in its first quarter, see `lots`.
    Raises RunError when the solver fails.
    """
    edges = plan_edges(network.world.settings, options, state.at_s)
    planned = plan_over(network, availability, state, orders, edges, options.objective)
    in_lots = options.objective == "operational" and network.world.settings.minimum_lots
    return _in_whole_lots(planned) if in_lots and planned.plan.solved else planned.plan


def explain(
    network: Network,
    availability: Availability,
    state: State,
    orders: Sequence[OrderLine],
    plan: SupplyPlan,
) -> tuple[Binding, ...]:
    """What holds an operational plan back, worth most first, in accepted racks and in rack-weeks.

    Rack-weeks come from the plan itself. Racks come from a bound over its buckets up to the
    moment of its largest backlog in the report window, for orders due by then and with the
    plan's own safety: later on it has caught up, and no limit would cost a rack. The first
    `RANGED` in each measure also say how far the price holds: racks by that bound, rack-weeks
    by the plan itself where it is small, else by the plan in four-weekly buckets over the
    report window.
    """
    edges = plan.edges_s[: _worst_bucket(plan, network.world.settings.report_s) + 2]
    due = [order for order in orders if order.due_s <= edges[-1]]
    optimum = optimum_of(
        build_program(plan_frame(network, availability, state, due, edges, "bound", careful=True), state)
    )
    bindings = merged(plan.bindings, bindings_of(optimum.program, optimum.solution) if optimum else ())
    by_racks = sorted(bindings, key=lambda binding: -binding.racks_per_unit * binding.limit)[:RANGED]
    racks = price_ranges(optimum, [binding for binding in by_racks if binding.racks_per_unit > 0])
    by_weeks = [binding for binding in bindings if binding.rack_weeks_per_unit > 0][:RANGED]
    late = _lateness(network, availability, state, orders, plan) if by_weeks else None
    weeks = price_ranges(late, by_weeks)
    return tuple(
        replace(binding, racks_hold_percent=racks.get(binding), rack_weeks_hold_percent=weeks.get(binding))
        for binding in bindings
    )


def _lateness(
    network: Network, availability: Availability, state: State, orders: Sequence[OrderLine], plan: SupplyPlan
) -> Optimum | None:
    """The plan, or a coarse one like it, at a corner; level production is left out where it is coarse."""
    settings = network.world.settings
    coarse = PlanOptions(weekly_buckets=0, coarse_weeks=4, end_s=max(settings.report_s, plan.starts_s + 1))
    small = plan.columns <= SIMPLEX_COLUMNS
    edges = plan.edges_s if small else plan_edges(settings, coarse, plan.starts_s)
    frame = plan_frame(network, availability, state, orders, edges, "operational")
    return optimum_of(build_program(frame, state, level=small))


def _worst_bucket(plan: SupplyPlan, report_s: int) -> int:
    """The bucket at whose end most is due and not accepted; the last of the report window where nothing is."""
    within = max(int((plan.edges_s[1:] <= report_s).sum()), 1)
    late = np.sum([series[:within] for series in plan.backlog.values()], axis=0) if plan.backlog else np.zeros(within)
    return int(np.argmax(late)) if late.max() > 0 else within - 1


def plan_over(
    network: Network,
    availability: Availability,
    state: State,
    orders: Sequence[OrderLine],
    edges: Edges,
    objective: Objective,
    *,
    careful: bool = False,
) -> Planned:
    """As `make_plan`, over given edges of buckets; keeps programme and solution for other questions."""
    frame = plan_frame(network, availability, state, orders, edges, objective, careful=careful)
    program = build_program(frame, state)
    solution = program.linear.solve()
    return Planned(plan=_told(program, solution), program=program, solution=solution)


def _in_whole_lots(fluid: Planned) -> SupplyPlan:
    """The plan made again with whole lots where they matter by the fluid one, whose prices it keeps."""
    frame = fluid.program.frame
    keys = where_they_matter(frame, fluid.plan.production)
    if not keys:
        return fluid.plan
    program = build_program(frame, fluid.program.state, lots=keys)
    plan = _told(program, in_whole_lots(program, keys))
    behind = max(plan.value - fluid.plan.value, 0.0)
    return replace(plan, bindings=fluid.plan.bindings, lots_of=tuple(sorted(keys)), lots_rack_weeks=behind)


def build_program(
    frame: Frame, state: State, *, level: bool = True, lots: frozenset[ProcessKey] = frozenset()
) -> Program:
    """Every column and row of a plan; an operational one prefers `level` production.

    Of the processes in `lots` the first quarter starts whole ones.
    """
    program = Program(frame=frame, state=state)
    shape = (len(frame.streams), frame.buckets)
    dollar = money_weight(frame)
    late_cost, goal = np.zeros(shape), np.zeros(shape)
    if frame.operational:
        late_cost += late_weights(frame).reshape(-1, 1) * frame.weeks
    else:
        # Most racks is least of their negative; money only chooses among equals.
        dollar *= TIE_BREAK
        goal[:, -1] = [-float(stream.item in frame.finished) for stream in frame.streams]
    add_production(program)
    add_lots(program, lots)
    add_flows(program)
    add_service(program, late_cost, goal)
    add_balances(program)
    add_policies(program, dollar)
    add_shared_lines(program)
    add_routing_resources(program)
    add_rack_places(program, OVERFLOW_WEEKS)
    add_lane_capacity(program)
    add_readiness(program)
    add_allocations(program)
    add_sharing(program, dollar)
    if frame.with_safety:
        add_levels(program)
    price_columns(program, dollar)
    if frame.operational and level:
        price_changes(program, dollar)
    return program


RANGED = 3
"""So many bindings by racks and by rack-weeks are asked how far their price holds: a quarter second each."""
TIE_BREAK = 1e-3
"""Of the weight of money in the operational plan, for choosing among equal maxima."""


def _told(program: Program, solution: Solution) -> SupplyPlan:
    """The solution as series."""
    frame = program.frame
    plan = SupplyPlan(
        objective=frame.objective,
        status=solution.status,
        value=solution.value,
        bound=solution.bound,
        edges_s=frame.edges,
        production={},
        shipments={},
        deliveries={},
        due={},
        stock={},
        backlog={},
        promises={order.order: None for order in frame.orders},
        bindings=(),
        columns=program.linear.columns,
        rows=program.linear.rows,
        solve_seconds=solution.seconds,
    )
    if solution.status not in SOLVED:
        return plan
    values = solution.values
    broken = broken_limits(program, solution)
    totals = _series(program.total, values)
    plan = replace(
        plan,
        status="relaxed" if broken and solution.status == "optimal" else solution.status,
        broken=broken,
        production=dict(zip(frame.makers, _series(program.starts, values), strict=True)),
        shipments={
            (flow.lane, flow.item): series
            for flow, series in zip(frame.flows, _series(program.moved, values), strict=True)
        },
        stock=dict(zip(frame.places, _series(program.stock, values), strict=True)),
        deliveries=_by_customer(program, _series(program.served, values)),
        due=_by_customer(program, [np.diff(stream.due, prepend=0.0) for stream in frame.streams]),
        backlog=_by_customer(program, [s.due - t for s, t in zip(frame.streams, totals, strict=True)]),
        promises=promises(frame, totals),
        bindings=bindings_of(program, solution),
        asked=_asked(program, values),
        open_orders={place: _one(columns, values) for place, columns in program.open_orders.items()},
    )
    if frame.operational:
        return plan
    # Racks, without the money that chose among equal maxima.
    racks = sum(float(t[-1]) for s, t in zip(frame.streams, totals, strict=True) if s.item in frame.finished)
    return replace(plan, value=racks, bound=racks * (1.0 + MONEY_PER_LATENESS * TIE_BREAK))


def _series(columns: Indexes, values: Reals) -> list[Series]:
    """A series per row of columns; rounding below zero is cut off, absent columns are zero."""
    return [_one(row, values) for row in columns]


def _one(columns: Indexes, values: Reals) -> Series:
    return np.where(columns == ABSENT, 0.0, np.maximum(values[columns], 0.0))


def _asked(program: Program, values: Reals) -> dict[tuple[str, ...], Series]:
    """What the plan's own ask of stocks under a policy: what they start, and by how much more they are ahead of it."""
    frame = program.frame
    starts: dict[tuple[str, ...], Indexes] = dict(zip(frame.makers, program.released, strict=True))
    starts |= {(flow.lane, flow.item): columns for flow, columns in zip(frame.flows, program.moved, strict=True)}
    return {
        key: np.maximum(_one(starts[key], values) + np.diff(_one(ahead, values), prepend=0.0), 0.0)
        for key, ahead in program.asked_ahead.items()
    }


def _by_customer(program: Program, series: Sequence[Series]) -> dict[tuple[str, str, str], Series]:
    """Streams of all priorities of one customer, site and item added up, each at least zero."""
    total: dict[tuple[str, str, str], Series] = {}
    for stream, units in zip(program.frame.streams, series, strict=True):
        before = total.get(stream.key, np.zeros(program.frame.buckets))
        total[stream.key] = before + np.maximum(units, 0.0)
    return total
