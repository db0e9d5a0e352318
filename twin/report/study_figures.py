"""Charts of a study: configurations as points, what a rack is made of as bars, curves along a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twin.events.result import Measure
from twin.events.study_result import CrossingTold
from twin.report.figures import Trace, figure_json
from twin.report.palette import DASHES, GREY, SERIES
from twin.report.words import rounded

SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star", "hexagon")
PATTERNS = ("", "/", "x", ".", "-", "\\", "+", "|")
BESIDE = ("top center", "bottom center", "top right", "bottom left")
"""Where names stand at their points, so that neighbours do not cover each other."""
FRAME_PX, BAR_PX = 150, 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A configuration in a chart of two measures."""

    name: str
    across: Measure
    up: Measure
    place: int


def scatter(points: Sequence[Point], across: str, up: str, factor: float = 1.0) -> str:
    """Configurations by two measures with their 95 % intervals; `factor` is on the measure across."""
    traces: list[Trace] = []
    for point in points:
        assert point.across.value is not None
        assert point.up.value is not None
        colour = SERIES[point.place % len(SERIES)]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": point.name,
                "x": [rounded(point.across.value * factor)],
                "y": [rounded(point.up.value)],
                "text": [point.name],
                "textposition": BESIDE[point.place % len(BESIDE)],
                "marker": {"size": 14, "symbol": SYMBOLS[point.place % len(SYMBOLS)], "color": colour},
                "error_x": _error(point.across, factor, colour),
                "error_y": _error(point.up, 1.0, colour),
                "hovertemplate": f"{point.name}: %{{x:,.4~g}}, %{{y:,.4~g}}<extra></extra>",
                "cliponaxis": False,
            }
        )
    layout: Trace = {
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {"title": {"text": across}, "automargin": True},
        "yaxis": {"title": {"text": up}, "automargin": True},
    }
    return figure_json(traces, layout)


def _error(measure: Measure, factor: float, colour: str) -> Trace:
    if measure.value is None or measure.low is None or measure.high is None:
        return {"type": "data", "array": [0], "visible": False}
    return {
        "type": "data",
        "symmetric": False,
        "array": [rounded((measure.high - measure.value) * factor)],
        "arrayminus": [rounded((measure.value - measure.low) * factor)],
        "color": colour,
        "thickness": 1.4,
    }


def stacked(parts: Mapping[str, Sequence[float]], names: Sequence[str], unit: str) -> str:
    """A bar for each name, made up of parts; told apart by colour and by pattern."""
    traces: list[Trace] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": part,
            "x": [rounded(amount) for amount in amounts],
            "y": list(names),
            "marker": {"color": _colour(place), "pattern": {"shape": PATTERNS[place % len(PATTERNS)]}},
            "hovertemplate": f"%{{y}}, {part}: %{{x:,.4~g}} {unit}<extra></extra>",
        }
        for place, (part, amounts) in enumerate(parts.items())
    ]
    layout: Trace = {
        "barmode": "stack",
        "showlegend": True,
        "hovermode": "closest",
        "legend": {"traceorder": "normal"},
        "xaxis": {"title": {"text": unit}},
        "yaxis": {"automargin": True, "autorange": "reversed"},
    }
    return figure_json(traces, layout)


def grouped(parts: Mapping[str, Sequence[float | None]], names: Sequence[str], unit: str) -> str:
    """For each name a bar of each part, side by side."""
    traces: list[Trace] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": part,
            "x": [None if amount is None else rounded(amount) for amount in amounts],
            "y": list(names),
            "marker": {"color": _colour(place), "pattern": {"shape": PATTERNS[place % len(PATTERNS)]}},
            "hovertemplate": f"%{{y}}, {part}: %{{x:,.4~g}} {unit}<extra></extra>",
        }
        for place, (part, amounts) in enumerate(parts.items())
    ]
    layout: Trace = {
        "barmode": "group",
        "showlegend": True,
        "hovermode": "closest",
        "xaxis": {"title": {"text": unit}, "rangemode": "tozero"},
        "yaxis": {"automargin": True, "autorange": "reversed"},
    }
    return figure_json(traces, layout)


def bars_height(names: Sequence[str], each: int = 1) -> int:
    """Pixels of a chart with so many bars a name."""
    return FRAME_PX + BAR_PX * max(len(names), 1) + 12 * len(names) * (each - 1)


def _colour(place: int) -> str:
    return SERIES[place % len(SERIES)]


def curves(told: CrossingTold, across: str, up: str) -> str:
    """Both configurations along the number, and dotted lines where the choice changes."""
    traces: list[Trace] = []
    for place, (name, amounts) in enumerate(
        ((told.first, [each.first for each in told.values]), (told.second, [each.second for each in told.values]))
    ):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": name,
                "x": [rounded(each.value) for each in told.values],
                "y": [None if each.value is None else rounded(each.value) for each in amounts],
                "line": {"color": SERIES[place], "dash": DASHES[place], "width": 2.2},
                "marker": {"symbol": SYMBOLS[place], "size": 9},
                "hovertemplate": f"{name}: %{{y:,.4~g}}<extra></extra>",
            }
        )
    layout: Trace = {
        "hovermode": "x unified",
        "showlegend": True,
        "xaxis": {"title": {"text": across}, "automargin": True},
        "yaxis": {"title": {"text": up}, "automargin": True, "rangemode": "tozero"},
        "shapes": [
            {
                "type": "line",
                "x0": point.value,
                "x1": point.value,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"width": 1.4, "dash": "dot", "color": GREY},
            }
            for point in told.points
        ],
    }
    return figure_json(traces, layout)
