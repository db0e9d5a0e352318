"""Arguments and options that commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twin.model.limits import MOST_REPLICATIONS, MOST_SEED, MOST_WORKERS

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A shipped scenario by its bare name, or a scenario file by its path.")
]
ScenariosArgument = Annotated[
    list[str],
    typer.Argument(metavar="SCENARIO...", help="Shipped scenarios by bare name, or scenario files by path."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object with a schema_version on standard output, nothing else.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; only the answer, and problems.")]
SaveOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", dir_okay=False, help="Also save the answer as JSON in this file."),
]
RunsOption = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", file_okay=False, help="Folder that holds the saved runs.")
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=MOST_SEED, help="Seed of the random streams, instead of the scenario's own."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=MOST_WORKERS,
        help="Processes at work; the answer does not depend on it. Default: all cores.",
    ),
]
ReplicationsOption = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-n",
        min=1,
        max=MOST_REPLICATIONS,
        help="Replications, instead of the scenario's own number.",
    ),
]
PageOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", dir_okay=False, help="Also write a self-contained HTML page."),
]

# One set of options fits every command. Those that draw nothing and need one process take these two and leave them be.
UnusedSeed = Annotated[int | None, typer.Option("--seed", min=0, hidden=True)]
UnusedWorkers = Annotated[int | None, typer.Option("--workers", min=1, hidden=True)]

RUNS_FOLDER = Path("runs")
PAGES_FOLDER = Path("reports")
