"""The solver as it is called: it hears interrupts, and its errors come through."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ortools.math_opt.python import mathopt

from twin.plan.linear import solve_heard

HEARD = """
import os, signal, sys, threading, time
from ortools.math_opt.python import mathopt
from twin.plan.linear import solve_heard
mathopt.solve = lambda *_, **__: time.sleep(60)
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    solve_heard(mathopt.Model(), mathopt.SolverType.GLOP, mathopt.SolveParameters())
except KeyboardInterrupt:
    sys.exit(7)
"""


def test_an_interrupt_is_heard_while_a_programme_is_solved() -> None:
    ended = subprocess.run([sys.executable, "-c", HEARD], timeout=30, check=False)
    assert ended.returncode == 7


def test_an_error_of_the_solver_is_raised_where_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_cells: object) -> None:
        raise RuntimeError("no basis")

    monkeypatch.setattr(mathopt, "solve", fails)
    with pytest.raises(RuntimeError, match="no basis"):
        solve_heard(mathopt.Model(), mathopt.SolverType.GLOP, mathopt.SolveParameters())
