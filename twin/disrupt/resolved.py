"""A disruption on the clock: when it starts, ends, has recovered, and is known."""

from __future__ import annotations

from dataclasses import dataclass

from twin.model.scenario import Disruption


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedDisruption:
    """A disruption of the scenario with one length: the mean, or a replication's own draw."""

    disruption: Disruption
    starts_s: int
    ends_s: int
    recovered_s: int
    """`ends_s` plus the recovery ramp."""
    known_s: int
