"""What a study of configurations in situations saves and a page or a program reads: one document per study.

It is `twin study --json`, and `result.json` of a study's folder. Numbers are not rounded here.
"""

from __future__ import annotations

from typing import Literal

from twin.events.part import Part
from twin.events.provenance_parts import Assumption, SourceEntry, WorldChange
from twin.events.result import SCHEMA_VERSION, Manifest, Measure, RecoveryMeasure

Turn = Literal["flips", "vanishes"]


class CellRuns(Part):
    """What the replications of one cell of a crossing gave; kept, so that an interrupted study goes on."""

    kpis: list[dict[str, float | None]]
    """By replication; None: not defined in it."""
    accepted: list[list[float]]
    """By replication: racks accepted on each day of the horizon."""
    backlog: list[list[float]]
    """By replication: backlog at the end of each day."""
    gates: list[str] | None = None
    """What holds the first plan back, in words, tightest first; None: not asked."""


class ConfigurationTold(Part):
    """One way to set up the world."""

    name: str
    title: str
    changes: list[WorldChange]
    """What it changes in the world's tables and settings."""
    gates: list[str]
    """What holds its first plan back while nothing happens, tightest first."""


class SituationTold(Part):
    """Something that happens."""

    name: str
    title: str


class StudyCell(Part):
    """A configuration in a situation: means over replications with 95 % intervals."""

    configuration: str
    situation: str
    kpis: dict[str, Measure]
    against_base: dict[str, Measure]
    """Less the base configuration in the same situation, replication by replication; empty for the base."""
    against_calm: dict[str, Measure]
    """Less the same configuration in the first situation; empty for that one."""
    loss: dict[str, RecoveryMeasure]
    """Measures of resilience against the first situation; empty for that one."""


class SweptValue(Part):
    """A value of a number that is varied: the measure in both configurations, and the difference."""

    value: float
    first: Measure
    second: Measure
    difference: Measure
    """Second less first, replication by replication."""


class CrossingPoint(Part):
    """Where the verdict changes along a number."""

    turn: Turn
    """`flips`: the other configuration is the better one from here on; `vanishes`: they no longer differ."""
    value: float
    low: float
    high: float
    """95 % interval over replications, never wider than the values next to it."""
    before: str
    """The better configuration below; blank: neither."""
    after: str
    """The better one above; blank: neither."""


class CrossingTold(Part):
    """A number that was varied, and where the choice changes."""

    name: str
    title: str
    unit: str
    scaled: bool
    """Values are factors on what the number is now."""
    now: float | None
    """What it is now over the rows meant, added up; None where values are set, or none is in force."""
    first: str
    second: str
    situation: str
    measure: str
    values: list[SweptValue]
    points: list[CrossingPoint]


class DoubtTold(Part):
    """An estimate at its low and high value: the difference of two configurations."""

    estimate: str
    low: float
    high: float
    first: str
    second: str
    measure: str
    as_used: Measure
    at_low: Measure
    at_high: Measure
    holds: bool
    """Whether the same configuration is the better one at both ends as with the value used."""
    source: str


class StudyResult(Part):
    """Configurations crossed with situations under common random numbers, and the verdict."""

    schema_version: int = SCHEMA_VERSION
    study: str
    title: str
    world: str
    world_title: str
    seed: int
    replications: int
    run: str
    starts: str
    report_weeks: int
    tail_weeks: int
    verdict: str
    """One paragraph."""
    headline: str
    base: str
    """The configuration that others are compared with."""
    calm: str
    """The situation that others are compared with."""
    configurations: list[ConfigurationTold]
    situations: list[SituationTold]
    cells: list[StudyCell]
    crossings: list[CrossingTold]
    doubts: list[DoubtTold]
    assumptions: list[Assumption]
    sources: list[SourceEntry]
    warnings: list[str]
    manifest: Manifest

    def cell(self, configuration: str, situation: str) -> StudyCell:
        """The cell of a configuration in a situation. Raises KeyError where there is none."""
        for each in self.cells:
            if (each.configuration, each.situation) == (configuration, situation):
                return each
        raise KeyError((configuration, situation))
