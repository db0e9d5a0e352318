"""What the parts of `make bench` share: how a figure is told, and how work is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

REPEATS = 3

Answer = TypeVar("Answer")
Put = Callable[[str, float, str], None]
"""Told a figure's name, value and unit."""


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """The answer of some work, and the CPU seconds that it took."""
    began = time.process_time()
    answer = work()
    return answer, time.process_time() - began


def median_of(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """The last answer of some work done `REPEATS` times, and the median of its CPU seconds."""
    answers = [timed(work) for _ in range(REPEATS)]
    return answers[-1][0], statistics.median(seconds for _, seconds in answers)
