"""The command that crosses configurations with situations."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from twin.cli import options
from twin.cli.output import answer, answer_json, check_writable, message
from twin.cli.progress import progress

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="A shipped study by its bare name, or a study file by its path.")
]


def study(
    name: StudyArgument,
    replications: options.ReplicationsOption = None,
    report: options.PageOption = None,
    as_json: options.JsonOption = False,
    out: options.RunsOption = options.RUNS_FOLDER,
    seed: options.SeedOption = None,
    workers: options.WorkersOption = None,
    quiet: options.QuietOption = False,
) -> None:
    """Cross ways to set up the world with what may happen to it: who wins, at what cost, and where the choice flips.

    What is played is kept: the same command goes on where it was interrupted.
    Example: twin study upstream --report reports/upstream.html
    """
    from twin import api
    from twin.cli.tables_study import study_tables

    case = api.load_study(name)
    check_writable([out], [report])
    words = ["twin", "study", name]
    words += [] if replications is None else ["--replications", str(replications)]
    words += [] if seed is None else ["--seed", str(seed)]
    with progress(quiet) as tell:
        result = api.study(
            case,
            replications=replications,
            seed=seed,
            workers=workers,
            out=out,
            progress=tell,
            command=shlex.join(words),
        )
    page = api.report(result, report) if report is not None else None
    if as_json:
        answer_json(result)
    else:
        answer(*study_tables(result))
    lines = [f"study: {result.run}"] + ([f"page: {page}"] if page is not None else [])
    if not as_json:
        answer(*lines)
    elif not quiet:
        for line in lines:
            message(line)
