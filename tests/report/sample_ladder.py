"""A bottleneck ladder of three rungs on two steps, all of its costs known or none."""

from __future__ import annotations

from twin.events.bottleneck import Added, BottleneckView, Lever, Rung, RungGate
from twin.events.provenance_parts import SourceEntry
from twin.events.result import Measure


def sample_ladder(costs: tuple[float | None, ...] = (None, 4e6, 1e6)) -> BottleneckView:
    """Three rungs that cost so much."""
    gates = ("package line", "test power (rack integration)", "wafer <n3>")
    levels = (100.0, 120.0, 130.0, 180.0)
    rungs = [
        _rung(number, gate, levels[number], levels[number + 1], cost)
        for number, (gate, cost) in enumerate(zip(gates, costs, strict=True))
    ]
    lever = Lever(
        gate="crew (datacenter)", kind="resource", sites=["hall"], used=0.61, gain_alone=0.0, rung=None,
        confidence="estimate",
    )  # fmt: skip
    return BottleneckView(
        scenario="small", title="A title", world="small", world_title="A small world", starts="2026-01-05",
        report_weeks=52, seed=7, replications=3, ordered=110.0, orders_grown=2.0, start=100.0,
        start_simulated=_measure(98.0), rungs=rungs, levers=[lever], ended="", verdict="First. Then more.",
        said=["At datacenter sites, nothing gains."], command="twin bottleneck small --rungs 3",
    )  # fmt: skip


def _measure(value: float) -> Measure:
    return Measure(value=value, low=value - 1.0, high=value + 1.0, unit="racks a week")


def _rung(number: int, gate: str, before: float, after: float, cost: float | None) -> Rung:
    source = SourceEntry(key="s", title="A source", address="", published="2026", confidence="estimate")
    added = Added(name=gate, site="hall", unit="kW", present=10.0, needed=12.0, cost_usd=cost, lead_days=90.0)
    raised = RungGate(
        gate=gate, kind="process", sites=["hall"], factor=1.2, added=[added], confidence="estimate", sources=[source]
    )
    return Rung(
        number=number + 1, step=1 if number < 2 else 2, gates=[raised], binds_from="2026-01-05",
        binds_until="2026-12-28", weeks_binding=51.0, before=before, after=after, gain=after - before,
        orders_grown=2.0, simulated=_measure(after - 2.0), simulated_gain=_measure(after - before), cost_usd=cost,
        lead_days=90.0, said="It binds.", scenario="name: small-rung-1\n",
    )  # fmt: skip
