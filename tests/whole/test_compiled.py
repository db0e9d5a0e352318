"""The inner loop of the simulation, compiled and interpreted: the same answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import twin
from twin.simulate import clock

STORY = """
from known.stock_worlds import customers, shop_world
from properties.stock_worlds_generated import run
from properties.worlds_generated import arm_of
from worlds import day, noisy_chain_world
from twin.events.canonical import log_digest
from twin.model.scenario import Disruption, Target
from twin.simulate import clock
from twin.study.replicate import simulate_arm
hit = Disruption(name="fire", at=Target(site="pack_a"), kind="outage", starts=day(21), lasts_weeks=3, wip_lost=0.3)
print(clock.__file__, *(log_digest(simulate_arm(arm_of(noisy_chain_world(), hits), 0).log) for hits in ((), (hit,))))
asked = customers("exponential(0.2)", "poisson(2)")
sent = shop_world("order_up_to(8, 20)", asked, "gamma(1, 0.5)", by_lane=True, weeks=8)
made = shop_world("kanban(9)", asked, "exponential(1)", weeks=8, unmet="lost")
print(log_digest(run(sent)), log_digest(run(made)))
"""


def told_by(package: Path) -> list[str]:
    """The file of the clock, and the digests of two logs, by the package in a folder."""
    paths = os.pathsep.join([str(package), str(Path(__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", STORY],
        env=os.environ | {"PYTHONPATH": paths},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(
    str(clock.__file__).endswith(".py"), reason="nothing is compiled: there is no C compiler, or make has not set up"
)
def test_compiled_and_interpreted_give_the_same_logs(tmp_path: Path) -> None:
    source = Path(twin.__file__).parent
    shutil.copytree(source, tmp_path / "twin", ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    compiled, interpreted = told_by(source.parent), told_by(tmp_path)
    assert not compiled[0].endswith(".py")
    assert interpreted[0] == str(tmp_path / "twin" / "simulate" / "clock.py")
    assert compiled[1:] == interpreted[1:]
    assert len(set(compiled[1:])) == 4
