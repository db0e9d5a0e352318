"""The study: a small file that crosses ways to set up a world with what may happen to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from twin.model.amounts import NonNegative, Number
from twin.model.limits import MOST_REPLICATIONS, MOST_SEED
from twin.model.scenario import Change, Disruption, Record

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class Configuration(Record):
    """One way to set up the world, such as where racks are assembled."""

    name: Name
    """One word."""
    title: str = ""
    """What it is, in a line."""
    extends: str = ""
    """The scenario that it begins from, by bare name or path; blank: the study's own."""
    warm_start: Literal["shared", "own"] | None = None
    """`own`: day one is made from its own world; blank: as the study says."""
    settings: dict[str, Any] = {}
    """Settings of the world that differ."""
    changes: list[Change] = []
    """How its world differs."""


class Situation(Record):
    """Something that may happen, to every configuration alike; without disruptions and changes: nothing does."""

    name: Name
    """One word."""
    title: str = ""
    """What happens, in a line."""
    disruptions: list[Disruption] = []
    """What goes wrong."""
    changes: list[Change] = []
    """How the world then differs."""


class Crossing(Record):
    """A number that is varied until another configuration is the better one."""

    name: Name
    """One word."""
    title: str = ""
    """The number in a planner's words, such as installation crews."""
    unit: str = ""
    """Of the number, where values are set."""
    table: str
    """One of the tables of a world."""
    where: dict[str, Any] = {}
    """The rows it varies."""
    column: str
    """The number it varies."""
    set: list[Number] = []
    """The values that it takes, in order."""
    multiply: list[NonNegative] = []
    """Or the factors on its present value, in order."""
    between: Annotated[list[str], Field(max_length=2)] = []
    """Two configurations; blank: the base and the first other."""
    situation: str = ""
    """In which situation; blank: the first."""
    measure: str = "racks_online"
    """The measure by which they are compared."""

    @property
    def values(self) -> list[float]:
        """What the number takes: values, or factors on it."""
        return self.set or self.multiply

    def change(self, value: float) -> Change:
        """The change that gives the number a value, or multiplies it."""
        if self.set:
            return Change(table=self.table, where=self.where, set={self.column: value})
        return Change(table=self.table, where=self.where, multiply={self.column: value})


class Doubts(Record):
    """Estimates of the world at their low and high value: does the verdict hold?"""

    estimates: list[str] = []
    """By their names in the table `estimates`."""
    between: Annotated[list[str], Field(max_length=2)] = []
    """Two configurations; blank: the base and the first other."""
    situation: str = ""
    """In which situation; blank: the first."""
    measure: str = "racks_online"
    """The measure by which they are compared."""


class Study(Record):
    """A study as its file says it."""

    name: Name
    """One word, as the file is called."""
    title: str = ""
    """What it asks, in a line."""
    extends: str = ""
    """The scenario that configurations begin from, by bare name or path; give this or `world`."""
    world: str = ""
    """A world folder or workbook, by bare name or path."""
    settings: dict[str, Any] = {}
    """Settings of the world that differ in the whole study."""
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)] = 1
    """Of all random draws; every cell of the crossing meets the same luck."""
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 10
    """Runs of the simulation in each cell of the crossing."""
    warm_start: Literal["shared", "own"] = "shared"
    """`own`: day one is made from each configuration's own world."""
    changes: list[Change] = []
    """How the world differs in the whole study."""
    base: str = ""
    """The configuration that the others are compared with; blank: the first."""
    configurations: Annotated[list[Configuration], Field(min_length=2)]
    """The ways to set up the world."""
    situations: Annotated[list[Situation], Field(min_length=1)]
    """What may happen; the first is what the others are compared with, such as calm."""
    crossings: list[Crossing] = []
    """Numbers that are varied until the verdict flips."""
    doubts: Doubts = Doubts()
    """Estimates on which the verdict may hang."""

    @property
    def base_name(self) -> str:
        """The configuration that the others are compared with."""
        return self.base or self.configurations[0].name

    @property
    def calm_name(self) -> str:
        """The situation that the others are compared with."""
        return self.situations[0].name

    def pair(self, between: list[str]) -> tuple[str, str]:
        """Two configurations to compare: as given, else the base and the first other."""
        if len(between) == 2:
            return between[0], between[1]
        other = next(each.name for each in self.configurations if each.name != self.base_name)
        return self.base_name, other
