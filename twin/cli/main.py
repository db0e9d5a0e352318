"""The command `twin`: its commands, and what each kind of failure ends with.

Exit codes: 0 done; 1 the run failed, explained; 2 bad input or usage; 4 a threshold of
`--fail-if` was not met; 130 interrupted. No failure that a user can mend shows a traceback.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from typing import Annotated

import typer

import twin
from twin.cli import climbing, planning, project, promising, running, saved, studying
from twin.cli.output import answer, message
from twin.model.problems import InputError, RunError

_RUN_FAILED = 1
_BAD_INPUT = 2
_INTERRUPTED = 130

app = typer.Typer(
    name="twin",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with: twin check baseline, then twin run hbm-outage --report reports/hbm-outage.html",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        answer(f"twin {twin.__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A digital twin of how racks of AI servers come to be, from wafer to datacenter.

    It says what will be delivered and when, what holds it back, and what a disruption costs.
    """


app.command()(project.new)
app.command()(project.check)
app.command()(project.show)
app.command()(planning.plan)
app.command()(planning.kits)
app.command()(promising.promise)
app.command()(planning.schedule)
app.command()(running.run)
app.command()(running.compare)
app.command()(climbing.bottleneck)
app.command()(studying.study)
app.command()(saved.why)
app.command()(saved.report)
app.add_typer(saved.runs_app, name="runs")


def _tell_of_thread(failure: threading.ExceptHookArgs) -> None:
    """As Python tells it; but that a pool which ended early has a thread that misses its work is no news."""
    in_pool = failure.thread is not None and failure.thread.name == "ExecutorManagerThread"
    if not (in_pool and failure.exc_type is KeyError):
        threading.__excepthook__(failure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and end the process with its exit code."""
    threading.excepthook = _tell_of_thread
    # Asked to end, as by `kill` or `timeout`, it ends as at an interrupt: with its workers and its temporary files.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(args=None if arguments is None else list(arguments))
    except InputError as error:
        for problem in error.problems:
            message(str(problem))
        if error.closing:
            message(error.closing)
        count = len(error.problems)
        message(f"{count} problem{'s' if count != 1 else ''} in the input; nothing was done.")
        sys.exit(_BAD_INPUT)
    except BrokenExecutor:
        message("failed: a worker process was killed, perhaps because memory ran out; try again with --workers 1")
        sys.exit(_RUN_FAILED)
    except MemoryError:
        message("failed: memory ran out; try fewer replications, or --workers 1")
        sys.exit(_RUN_FAILED)
    except RunError as error:
        message(f"failed: {error}")
        sys.exit(_RUN_FAILED)
    except (KeyboardInterrupt, SystemExit) as ended:
        # Typer ends an interrupted command by itself, without a word.
        if isinstance(ended, SystemExit) and ended.code != _INTERRUPTED:
            raise
        message("interrupted: what was not finished is not saved")
        sys.exit(_INTERRUPTED)
