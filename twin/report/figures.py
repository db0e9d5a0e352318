"""Interactive charts as plotly JSON without a template: the page's script sets the theme once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from twin.events.result import BandedSeries
from twin.report.document import embedded
from twin.report.palette import DASHES, GREY, RED, SERIES, STYLES, faint
from twin.report.words import rounded

Trace = dict[str, Any]
DAY_MS = 86_400_000
MOST_POINTS = 500
"""Of one series in a chart; more cannot be seen at the width of a page."""
DRAWN = frozenset({"scatter", "bar"})
"""Kinds of trace in use, all in plotly's basic bundle; others would leave an empty frame."""
LEGEND_OVER_LABELS = 1.1
"""Height of the legend where labels of disruptions stand between it and the chart."""
BAND = "10 to 90 % of runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart over time.

    Its name picks colour and dash where it is one of `STYLES`, else its place; with `by_place`, always its place.
    """

    name: str
    time: Sequence[str]
    mean: Sequence[float]
    place: int = 0
    by_place: bool = False
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time to shade, or where `end` is blank, a day to mark."""

    label: str
    start: str
    end: str = ""


def line_of(name: str, series: BandedSeries, place: int = 0, banded: bool = True) -> Line:
    """A line of the record's series."""
    low, high = (series.low, series.high) if banded else ((), ())
    return Line(name=name, time=series.time, mean=series.mean, place=place, low=low, high=high)


def thinned(values: Sequence[Any], length: int) -> list[Any]:
    """Evenly spaced entries, first and last kept, at most `MOST_POINTS` of `length`."""
    if length <= MOST_POINTS:
        return list(values)
    step = (length - 1) / (MOST_POINTS - 1)
    return [values[round(point * step)] for point in range(MOST_POINTS)]


def points(values: Sequence[float]) -> list[float]:
    """Values of a chart: thinned and cut to four digits."""
    return [rounded(value) for value in thinned(values, len(values))]


def figure_json(traces: list[Trace], layout: Trace) -> str:
    """Check traces and layout against plotly's schema and write them for the page.

    Raises ValueError for a kind of trace that the page's chart library does not hold.
    """
    import plotly.graph_objects as go

    foreign = {trace["type"] for trace in traces} - DRAWN
    if foreign:
        raise ValueError(f"The page's chart library does not draw {', '.join(sorted(foreign))}.")
    document = json.loads(go.Figure(data=traces, layout=layout).to_json())
    document["layout"].pop("template", None)
    return embedded(document)


def _traces(line: Line, unit: str) -> list[Trace]:
    """A line, and its band under it as two edges with the space between filled."""
    own = (SERIES[line.place % len(SERIES)], DASHES[line.place % len(DASHES)])
    colour, dash = own if line.by_place else STYLES.get(line.name, own)
    # Dots mark where the values of an uneven line stand; between them it is only drawn.
    across = _across(line.time)
    mean: Trace = {
        "type": "scatter",
        "mode": "lines" if "dx" in across else "lines+markers",
        "name": line.name,
        **across,
        "y": points(line.mean),
        "line": {"color": colour, "dash": dash, "width": 2.2},
        "hovertemplate": f"%{{y:,.4~g}} {unit}",
    }
    if not line.low:
        return [mean]
    low, high = points(line.low), points(line.high)
    mean["customdata"] = list(map(list, zip(low, high, strict=True)))
    mean["hovertemplate"] += " (%{customdata[0]:,.4~g} to %{customdata[1]:,.4~g})"
    mean["legendgroup"] = line.name
    edge: Trace = {"type": "scatter", "mode": "lines", **across, "hoverinfo": "skip", "showlegend": False}
    edge |= {"legendgroup": line.name, "line": {"width": 0, "color": colour}}
    return [edge | {"y": low}, edge | {"y": high, "fill": "tonexty", "fillcolor": faint(colour)}, mean]


def _across(time: Sequence[str]) -> Trace:
    """Dates of a line; evenly spaced ones as their first and their distance, which is shorter."""
    days = [date.fromisoformat(moment[:10]) for moment in time]
    steps = {(after - before).days for before, after in pairwise(days)}
    if len(steps) == 1 and len(days) <= MOST_POINTS:
        return {"x0": days[0].isoformat(), "dx": steps.pop() * DAY_MS}
    return {"x": [day.isoformat() for day in thinned(days, len(days))]}


def _window_shapes(windows: Sequence[Window]) -> tuple[list[Trace], list[Trace]]:
    """Shaded stretches and marked days, with their labels."""
    shapes: list[Trace] = []
    labels: list[Trace] = []
    for window in windows:
        shape: Trace = {"x0": window.start, "x1": window.end or window.start, "y0": 0, "y1": 1, "yref": "paper"}
        if window.end:
            shape |= {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": faint(RED)}
        else:
            shape |= {"type": "line", "line": {"width": 1, "dash": "dot", "color": GREY}}
        shapes.append(shape)
        labels.append(_label(window))
    return shapes, labels


def _label(window: Window) -> Trace:
    return {
        "x": window.start,
        "y": 1.01 if window.end else 0.5,
        "yref": "paper",
        "xanchor": "left" if window.end else "right",
        "yanchor": "bottom" if window.end else "middle",
        "textangle": 0 if window.end else -90,
        "text": window.label.replace("<", "&lt;"),
        "showarrow": False,
        "font": {"size": 12, "color": RED if window.end else GREY},
    }


def time_figure(lines: Sequence[Line], unit: str, windows: Sequence[Window] = ()) -> str:
    """Lines over the weeks with their bands; `unit` stands on the axis and in the hover text."""
    shapes, labels = _window_shapes(windows)
    layout: Trace = {
        "hovermode": "x unified",
        "xaxis": {"type": "date", "title": {"text": "week ending"}},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero"},
        "shapes": shapes,
        "annotations": labels,
    }
    days = sorted(moment[:10] for line in lines for moment in line.time)
    if days:
        # Else dots get room at the sides, and a narrow screen's dates no longer fit beside each other.
        layout["xaxis"]["range"] = [days[0], days[-1]]
    if any(window.end for window in windows):
        layout["legend"] = {"y": LEGEND_OVER_LABELS}
    return figure_json([trace for line in lines for trace in _traces(line, unit)], layout)


def running_total(values: Sequence[float]) -> list[float]:
    """Sums up to each entry."""
    total, sums = 0.0, []
    for value in values:
        total += value
        sums.append(total)
    return sums


def clipped(series: Mapping[str, BandedSeries], until: str) -> dict[str, BandedSeries]:
    """Series up to a day, as far as they have entries there."""
    result = {}
    for name, whole in series.items():
        kept = sum(time[:10] < until for time in whole.time)
        if kept:
            result[name] = whole.model_copy(
                update={key: getattr(whole, key)[:kept] for key in ("time", "mean", "low", "high")}
            )
    return result
