"""The clock: by second, then phase, then order of entry, whatever page of the calendar an entry is on."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from twin.simulate.clock import ARRIVALS, CHANGES, ENDS, PAGE_S, PLANNING, STARTS, Clock

moments = st.integers(0, 5 * PAGE_S)
entries = st.lists(st.tuples(moments, st.sampled_from([ENDS, ARRIVALS, STARTS])), max_size=60)


@given(entries, moments)
def test_things_happen_by_second_phase_and_entry(asked: list[tuple[int, int]], until_s: int) -> None:
    clock, happened = Clock(), []
    for number, (time_s, phase) in enumerate(asked):
        clock.at(time_s, phase, lambda entry: happened.append((clock.now, *entry)), (phase, number))
    ordered = sorted((time_s, phase, number) for number, (time_s, phase) in enumerate(asked))
    clock.run(until_s)
    assert happened == [entry for entry in ordered if entry[0] < until_s]
    assert clock.now == until_s
    clock.run(6 * PAGE_S)
    assert happened == ordered


@given(st.lists(st.integers(1, 3 * PAGE_S), min_size=1, max_size=40))
def test_what_an_event_brings_about_falls_into_place(gaps_s: list[int]) -> None:
    clock, seen = Clock(), []
    left = list(gaps_s)

    def happen(_none: object) -> None:
        seen.append(clock.now)
        if left:
            clock.at(clock.now + left.pop(0), ENDS, happen)

    clock.at(0, ENDS, happen)
    clock.run(sum(gaps_s) + 1)
    assert seen == [sum(gaps_s[:count]) for count in range(len(gaps_s) + 1)]


def test_soon_is_at_once_when_nothing_else_happens_and_last_otherwise() -> None:
    clock, seen = Clock(), []
    clock.at(PAGE_S, ENDS, lambda _none: clock.soon(lambda _none: seen.append("alone")))
    clock.at(2 * PAGE_S, ENDS, lambda _none: clock.soon(lambda _none: seen.append("last")))
    clock.at(2 * PAGE_S, ARRIVALS, lambda _none: seen.append("arrival"))
    clock.run(3 * PAGE_S)
    assert seen == ["alone", "arrival", "last"]
    assert clock.events == 4


def test_the_page_tells_the_phases_of_an_instant_in_their_order(project_folder: Path) -> None:
    page = (project_folder / "docs" / "semantics.md").read_text(encoding="utf-8")
    told = re.findall(r"^(\d)\. \*\*([\w ]+)\*\*", page, flags=re.MULTILINE)
    phases = {"Ends of work": ENDS, "Arrivals": ARRIVALS, "Changes": CHANGES, "Planning": PLANNING, "Starts": STARTS}
    assert [(int(number), name) for number, name in told] == [(at + 1, name) for name, at in phases.items()]
