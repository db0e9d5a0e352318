"""Work spread over local processes. The answer never depends on how many there are."""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from twin.study.ground import Progress, silent

Answer = TypeVar("Answer")


def worker_count(asked: int | None) -> int:
    """As many as asked for, else one per processor that this process may use."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, asked if asked is not None else available)


def run_all(
    work: Callable[..., Answer],
    tasks: Sequence[tuple[Any, ...]],
    workers: int,
    stage: str,
    progress: Progress = silent,
) -> list[Answer]:
    """`work(*task)` for every task, answers in the order of the tasks."""
    return collect(begin(work, tasks, workers), len(tasks), stage, progress)


def begin(work: Callable[..., Answer], tasks: Sequence[tuple[Any, ...]], workers: int) -> Iterator[tuple[int, Answer]]:
    """Set workers to `work(*task)` for every task, and go on; `collect` has the answers.

    A single worker is this process, which begins when the answers are collected.
    """
    if min(workers, len(tasks)) <= 1:
        return ((position, work(*task)) for position, task in enumerate(tasks))
    from joblib import Parallel, delayed

    # What an interrupted study leaves unused is no news to whoever interrupted it.
    warnings.filterwarnings("ignore", message=".*could benefit from adjusting the input task iterator.*")
    # All at once, so that what is begun later waits behind what was begun before.
    parallel = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch="all")
    begun: Iterator[tuple[int, Answer]] = parallel(
        delayed(_numbered)(work, position, task) for position, task in enumerate(tasks)
    )
    return begun


def collect(begun: Iterator[tuple[int, Answer]], count: int, stage: str, progress: Progress = silent) -> list[Answer]:
    """The answers of work that was begun, in the order of its tasks.

    Raises KeyboardInterrupt where the workers were interrupted, which joblib tells by ending early.
    """
    progress(stage, 0, count)
    answers: dict[int, Answer] = {}
    for position, answer in begun:
        answers[position] = answer
        progress(stage, len(answers), count)
    if len(answers) < count:
        raise KeyboardInterrupt
    return [answers[position] for position in range(count)]


def _numbered(work: Callable[..., Answer], position: int, task: tuple[Any, ...]) -> tuple[int, Answer]:
    """A task in a worker. An interrupt at the terminal reaches it too, but its parent is to end it and to tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return position, work(*task)


@contextmanager
def shared(*things: object) -> Iterator[list[str]]:
    """Write large things to files that workers read once each; the files go when the work is done."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        paths = []
        for number, thing in enumerate(things):
            path = Path(folder) / f"{number}.pickle"
            path.write_bytes(pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL))
            paths.append(str(path))
        yield paths
