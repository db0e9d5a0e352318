"""What a planner would say of a bottleneck ladder."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twin.events.bottleneck import Lever, Rung, RungGate
from twin.events.result import Measure
from twin.network.record import Network

LEAST_GAIN = 5e-4
"""Of the racks as things stand: gains below are told as none."""
ON_SITE = "datacenter"
MOST_NAMED = 3
"""Of what racks hold at a kind of site."""


def rack_words(racks: float) -> str:
    """Racks a week, whole from a hundred on, else to three digits."""
    told = f"{racks:,.0f}" if racks >= 100 else f"{racks:.3g}"
    return f"{told} rack a week" if told == "1" else f"{told} racks a week"


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence."""
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def verdict_of(start: float, ordered: float, rungs: Sequence[Rung], ended: str) -> str:
    """What binds first and at which rate, then what stands close behind it, in a few sentences."""
    rates = f"{rack_words(start)}; {rack_words(ordered)} are ordered"
    if not rungs:
        return f"The chain can bring {rates}. {ended}"
    first = rungs[0]
    said = [f"{_begin(names_of(first))} {_binds(first)} first, at {rates}."]
    if start >= ordered:
        said.append("Over the window as a whole that is enough: rungs help where more is ordered, or wanted earlier.")
    step = [rung for rung in rungs if rung.step == first.step]
    if len(step) > 1:
        others = listed([name for rung in step[1:] for name in names_of(rung)])
        said.append(
            f"Close behind, so that a fifth more of one would change their order: the {others}; "
            f"with all of these raised it is {rack_words(step[-1].after)}."
        )
    else:
        said.append(f"Raised {_by(first)}, it brings {rack_words(first.after)}.")
    later = [rung for rung in rungs if rung.step != first.step]
    if later:
        said.append(f"Then the {listed(names_of(later[0]))} {_binds(later[0])}.")
    return " ".join(said)


def rung_said(rung: Rung, next_names: Sequence[str]) -> str:
    """One rung as a planner would tell it."""
    joint = " together: one of them alone brings little or nothing" if len(rung.gates) > 1 else ""
    then = f", until the {listed(next_names)} {_bind(next_names)}" if next_names else ""
    return " ".join(
        part
        for part in (
            f"{_begin(names_of(rung))} {_binds(rung)}{joint}.",
            f"{_growth(rung)} {_bring(rung)} {rack_words(rung.gain)} more{then}.",
            _confirmed(rung.simulated_gain),
            _resting(rung),
        )
        if part
    )


def _confirmed(gain: Measure | None) -> str:
    """What the simulation says of it; one replication, or two that agree, say nothing of luck."""
    if gain is None or gain.value is None:
        return ""
    if gain.low is None or gain.high is None:
        return f"One replication of each brings {gain.value:+.3g}."
    between = f"{gain.low:+.3g} to {gain.high:+.3g}"
    if gain.low == gain.high:
        return f"Simulation: {gain.value:+.3g}, in every replication."
    if gain.low > 0:
        return f"Simulation confirms it: {gain.value:+.3g}, {between}."
    return f"Simulated, no gain is clear: {gain.value:+.3g}, {between}."


def _growth(rung: Rung) -> str:
    told = ["giving it up" if gate.factor is None else f"{percent_more(gate.factor)} more" for gate in rung.gates]
    if len(set(told)) == 1:
        return f"{told[0][:1].upper()}{told[0][1:]}{' of each' if len(told) > 1 else ''}"
    text = listed([f"{more} of {gate.gate}" for more, gate in zip(told, rung.gates, strict=True)])
    return text[:1].upper() + text[1:]


def _bring(rung: Rung) -> str:
    return "bring" if len({gate.factor for gate in rung.gates}) > 1 else "brings"


def percent_more(factor: float) -> str:
    """By how much a limit grows."""
    more = 100.0 * (factor - 1.0)
    return f"{more:.2g} %" if more < 99.5 else f"{more:,.0f} %"


def _by(rung: Rung) -> str:
    factors = [gate.factor for gate in rung.gates if gate.factor is not None]
    return f"by {percent_more(max(factors))}" if factors else "that is, given up"


def _resting(rung: Rung) -> str:
    return " ".join(dict.fromkeys(grade_said(gate) for gate in rung.gates))


def grade_said(gate: RungGate) -> str:
    """What the capacity of a gate rests on."""
    grades = list(dict.fromkeys(source.confidence for source in gate.sources))
    if not grades:
        return "Nothing is said of where its capacity comes from."
    if grades == ["estimate"]:
        return "Its capacity is an assumption: no publication stands behind it."
    if "estimate" in grades:
        return f"Its capacity rests in part on estimates, in part on publications of {listed(grades[1:])} grade."
    return f"Its capacity rests on publications of {listed(grades)} grade."


def names_of(rung: Rung) -> list[str]:
    """What its gates are called."""
    return [gate.gate for gate in rung.gates]


def _first(rung: Rung) -> str:
    return f"the {listed(names_of(rung))} {_binds(rung)} first"


def _begin(names: Sequence[str]) -> str:
    return f"The {listed(names)}"


def _binds(rung: Rung) -> str:
    return _bind(names_of(rung))


def _bind(names: Sequence[str]) -> str:
    """One thing binds, several bind."""
    head = re.split(r" at | of | \(", names[0])[0]
    return "bind" if len(names) > 1 or (head.endswith("s") and not head.endswith("ss")) else "binds"


def lever_lines(network: Network, levers: Sequence[Lever], rungs: Sequence[Rung], start: float) -> list[str]:
    """What more of a floor brings, at each kind of site where racks are worked on, and that all else brings nothing."""
    if not rungs:
        return []
    kinds: dict[str, list[Lever]] = {}
    for lever in levers:
        kind = _floor_of(network, lever)
        if kind:
            kinds.setdefault(kind, []).append(lever)
    lines = [_floor_line(kind, found, rungs, start) for kind, found in sorted(kinds.items())]
    idle = [lever for lever in levers if lever.gain_alone <= LEAST_GAIN * start]
    return [*lines, f"Of {len(levers)} gates, {len(idle)} gain nothing if more of them alone is had."]


def _floor_of(network: Network, lever: Lever) -> str:
    """The kind of site where the steps of racks hold it; blank where they do not."""
    held = {resource.replace("_", " ") for _, resource in network.seized_places}
    bare = lever.gate.rpartition(" (")[0]
    return network.sites[lever.sites[0]].kind if lever.kind == "resource" and bare in held else ""


def _floor_line(kind: str, levers: Sequence[Lever], rungs: Sequence[Rung], start: float) -> str:
    """Whether work on racks at a kind of site holds the chain back, and what taking work from it would bring."""
    first, where = rungs[0], kind.replace("_", " ")
    less = "work that moves upstream off its floor" if kind == ON_SITE else "work taken off its floor"
    binding = [lever for lever in levers if lever.rung == 1]
    names = listed([lever.gate.rpartition(" (")[0] for lever in binding or levers])
    if binding:
        alone = len(first.gates) == len(binding)
        others = listed([name for name in names_of(first) if name not in {lever.gate for lever in binding}])
        bring = f"up to {rack_words(first.gain)}" + ("" if alone else f", together with {others} alone")
        return f"At {where} sites, the chain is held back by {names}: more of that, or {less}, gains {bring}."
    helps = [lever for lever in levers if lever.gain_alone > LEAST_GAIN * start]
    if helps:
        most = max(helps, key=lambda lever: lever.gain_alone)
        name, gain = most.gate.rpartition(" (")[0], rack_words(most.gain_alone)
        return f"At {where} sites, more {name}, or {less}, gains {gain} by itself: {_first(first)}."
    if len(levers) > MOST_NAMED:
        by_use = sorted(levers, key=lambda lever: -lever.used)[:MOST_NAMED]
        names = ", ".join(lever.gate.rpartition(" (")[0] for lever in by_use) + ", nor of what else racks hold there,"
    busiest = max(levers, key=lambda lever: lever.used)
    return (
        f"At {where} sites, neither more {names} nor {less} gains a rack: {_first(first)}. "
        f"What is used most there, {busiest.gate.rpartition(' (')[0]}, is used to "
        f"{100 * busiest.used:.0f} %."
    )
