"""How far a command is: a bar with the time left at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

_SECONDS_BETWEEN_LINES = 10.0
_SHARE_THAT_TELLS = 0.2
_MOST_SECONDS = 100
"""Longer times are told in minutes."""


class Progress(Protocol):
    """What a long computation calls as it goes on."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that `done` of `total` parts of a stage are done."""


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """The progress display that suits standard error."""
    console = Console(stderr=True)
    if quiet:
        yield _silent
    elif console.is_terminal:
        with _bars(console) as bars:
            yield _BarProgress(bars)
    else:
        yield _LineProgress(console)


def _silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""


def _bars(console: Console) -> Bars:
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        _LeftColumn(),
        console=console,
        transient=True,
    )


def time_left(elapsed_s: float, done: float, total: float) -> str:
    """The time left, once enough is done to tell; what is done first takes longest, since it starts the workers."""
    if not 0 < done < total or done < _SHARE_THAT_TELLS * total:
        return ""
    left_s = elapsed_s * (total - done) / done
    return f"about {left_s:.0f} s left" if left_s < _MOST_SECONDS else f"about {left_s / 60:.0f} min left"


class _LeftColumn(ProgressColumn):
    """The time left of a bar, in words."""

    def render(self, task: Task) -> Text:
        """See `time_left`."""
        return Text(time_left(task.elapsed or 0.0, task.completed, task.total or 0.0))


class _BarProgress:
    """One bar for each stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)


class _LineProgress:
    """A line when a stage is first heard of, when it is done, and now and then between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage = ""
        self._began: dict[str, float] = {}
        self._last = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        is_new = stage != self._stage
        self._stage = stage
        # A stage may go on while another is told, and begin again.
        if done == 0 or stage not in self._began:
            self._began[stage] = now
        if is_new or done >= total or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self._console.print(
                self._line(done, total, now - self._began[stage]), markup=False, highlight=False, soft_wrap=True
            )

    def _line(self, done: int, total: int, elapsed_s: float) -> str:
        left = time_left(elapsed_s, done, total)
        return f"{self._stage}: {done} of {total}{', ' if left else ''}{left}"
