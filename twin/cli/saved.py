"""Commands on saved runs: why orders are late, pages, list them, delete them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from twin.cli import options
from twin.cli.output import answer, answer_json, check_writable, message, table

if TYPE_CHECKING:
    from twin.events.result import Manifest

_SCHEMA_VERSION = 1
DAMAGED = 2
"""As bad input: some saved runs cannot be read, and the others were listed."""

runs_app = typer.Typer(help="List or delete saved runs. Example: twin runs list", invoke_without_command=True)
PagesOption = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", file_okay=False, help="Folder in which the pages land.")
]


def why(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The name of a run in the folder runs, or its folder.")],
    order: Annotated[
        str, typer.Argument(metavar="ORDER", help="An order by its name; without one: what makes orders late.")
    ] = "",
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Say why an order is late: the chain of causes, whose days add up to its delay.

    It tells the first replication of a saved run, whose log is kept.
    Example: twin why hbm-outage-1f2e3d4c MSFT-other-us-east-a-w32
    """
    from twin import api
    from twin.cli.tables_late import causes_tables, order_tables

    folder = _folder(run)
    if not order:
        all_late = api.whys(folder)
        _say(all_late.model_dump(), causes_tables(all_late, folder.name), folder, as_json)
    else:
        late = api.why(folder, order)
        _say(late.model_dump(), order_tables(late), folder, as_json)


def report(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="Names of runs in the folder runs, or run folders by path.")
    ],
    as_json: options.JsonOption = False,
    out: PagesOption = options.PAGES_FOLDER,
    quiet: options.QuietOption = False,
) -> None:
    """Write a self-contained HTML page from each saved run, without running it again.

    Example: twin report runs/hbm-outage-1f2e3d4c
    """
    from twin import api

    folders = [_folder(name) for name in runs]
    check_writable([out], [out / f"{folder.name}.html" for folder in folders])
    pages = [str(api.report(folder, out / f"{folder.name}.html")) for folder in folders]
    if as_json:
        answer_json({"schema_version": _SCHEMA_VERSION, "pages": pages})
    else:
        answer(*pages)


@runs_app.callback()
def runs(
    context: typer.Context,
    as_json: options.JsonOption = False,
    out: options.RunsOption = options.RUNS_FOLDER,
    quiet: options.QuietOption = False,
) -> None:
    """List or delete saved runs.

    Example: twin runs delete hbm-outage-1f2e3d4c
    """
    if context.invoked_subcommand is None:
        list_runs(as_json=as_json, out=out, quiet=quiet)


@runs_app.command("list")
def list_runs(
    as_json: options.JsonOption = False,
    out: options.RunsOption = options.RUNS_FOLDER,
    quiet: options.QuietOption = False,
) -> None:
    """List saved runs.

    Example: twin runs list --json
    """
    from twin import api

    found, damaged = api.runs(out), api.damaged_runs(out)
    if as_json:
        answer_json({"schema_version": _SCHEMA_VERSION, "runs": [run.model_dump(mode="json") for run in found]})
    elif found:
        answer(table("", ("run", "made", ">seed", ">replications", "command"), map(_row, found)))
    elif not quiet and not damaged:
        message(f"There is no saved run in {out}. Make one, for example: twin run baseline")
    for problem in damaged:
        message(str(problem))
    if damaged:
        raise typer.Exit(DAMAGED)


@runs_app.command("delete")
def delete_runs(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names as `twin runs list` shows them.")],
    as_json: options.JsonOption = False,
    out: options.RunsOption = options.RUNS_FOLDER,
    quiet: options.QuietOption = False,
) -> None:
    """Delete saved runs by name.

    Example: twin runs delete hbm-outage-1f2e3d4c
    """
    from twin import api

    api.delete_runs(out, names)
    if as_json:
        answer_json({"schema_version": _SCHEMA_VERSION, "deleted": names})
    elif not quiet:
        message(f"deleted: {', '.join(names)}")


def _say(document: dict[str, Any], tables: Iterable[RenderableType], folder: Path, as_json: bool) -> None:
    if as_json:
        answer_json({"schema_version": _SCHEMA_VERSION, "run": folder.name} | document)
    else:
        answer(*tables)


def _folder(name: str) -> Path:
    """A run's folder from its path, or from its bare name in the folder of runs."""
    path = Path(name)
    return path if path.is_dir() or len(path.parts) > 1 else options.RUNS_FOLDER / name


def _row(run: Manifest) -> tuple[Any, ...]:
    return run.run, run.created, str(run.seed), str(run.replications), run.command
