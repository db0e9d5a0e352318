"""The rule that no item goes into itself: each tangle of the bill of materials told once, by one cycle of lines."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_make import BomLine
from twin.model.tables import Tables

_Placed = tuple[BomLine, Place]


def check_bom_cycles(tables: Tables) -> Iterator[Problem]:
    """No item goes, by whatever way, into itself; every line of the cycle is listed."""
    left = _tangled(list(tables.of(BomLine)))
    while left:
        first = left[0][0].item
        tangle = _between(first, left)
        if tangle:
            yield _problem(tangle)
        # What lies behind a tangle stays: it may be another one.
        left = _tangled(_without(left, tangle) if tangle else left[1:])


def _tangled(lines: Sequence[_Placed]) -> list[_Placed]:
    """The lines that are left when those that end in a bought item, or begin in a finished one, are taken off in turn.

    Every cycle is left whole, with the ways from one cycle to another; nothing is left where there is none.
    """
    left = list(lines)
    while True:
        made, used = {line.item for line, _ in left}, {line.input for line, _ in left}
        kept = [pair for pair in left if pair[0].input in made and pair[0].item in used]
        if len(kept) == len(left):
            return kept
        left = kept


def _between(item: str, lines: Sequence[_Placed]) -> list[_Placed]:
    """The lines that lie on some way from an item back to itself."""
    down: dict[str, list[str]] = defaultdict(list)
    up: dict[str, list[str]] = defaultdict(list)
    for line, _ in lines:
        down[line.item].append(line.input)
        up[line.input].append(line.item)
    both = _reached(item, down) & _reached(item, up)
    return [pair for pair in lines if {pair[0].item, pair[0].input} <= both]


def _without(lines: list[_Placed], taken: list[_Placed]) -> list[_Placed]:
    gone = {id(line) for line, _ in taken}
    return [pair for pair in lines if id(pair[0]) not in gone]


def _reached(item: str, ways: dict[str, list[str]]) -> set[str]:
    reached, waiting = set(ways[item]), list(ways[item])
    while waiting:
        for following in ways[waiting.pop()]:
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    return reached


def _problem(tangle: list[_Placed]) -> Problem:
    """The tangle told at its last line on which every cycle of it depends, if there is one, else at its last line."""
    alone = (pair for pair in reversed(tangle) if not _tangled(_without(tangle, [pair])))
    culprit = next(alone, tangle[-1])
    cycle = _shortest(culprit, tangle)
    names = " -> ".join([*(line.item for line, _ in cycle), cycle[0][0].item])
    listed = ", ".join(replace(place.problem("input", ""), column=None).position for _, place in cycle)
    remedy = f"remove or change one of the lines of this cycle: {listed}"
    return culprit[1].problem("input", f"no item may go into itself ({names})", culprit[0].input, remedy)


def _shortest(last: _Placed, lines: Sequence[_Placed]) -> list[_Placed]:
    """The fewest lines that lead from the input of a line back to its item, then that line."""
    by_item: dict[str, list[_Placed]] = defaultdict(list)
    for pair in lines:
        by_item[pair[0].item].append(pair)
    came: dict[str, _Placed] = {}
    waiting = deque([last[0].input])
    while last[0].item not in came and waiting:
        for pair in by_item[waiting.popleft()]:
            if pair[0].input not in came:
                came[pair[0].input] = pair
                waiting.append(pair[0].input)
    way, item = [last], last[0].item
    while item != last[0].input:
        way.append(came[item])
        item = came[item][0].item
    return way[::-1]
