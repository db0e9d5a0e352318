"""Learning curves: what their rows must say, and what is told where they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from worlds import chain_world, row

from twin.model.load import load_world
from twin.model.problems import InputError
from twin.model.rows_learning import Learning
from twin.model.write import write_world_csv

RACK: dict[str, Any] = {"item": "rack_l11", "level": "L11"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((RACK,), ""),
        ((RACK | {"step": "test"}, RACK | {"step": "1"}, RACK | {"site": "integrator"}, RACK), ""),
        ((RACK | {"level": "L12"},), "level must be one of the routings of rack_l11"),
        ((RACK | {"step": "tset"},), "the step must be one of the routing of rack_l11 at L11"),
        ((RACK | {"site": "campus"},), "the site must make rack_l11"),
        ((RACK | {"step": "test"}, RACK | {"step": "test"}), "there is a row for the same item, level, step and site"),
    ],
)
def test_a_curve_is_of_a_step_that_is_there(rows: tuple[dict[str, Any], ...], said: str, tmp_path: Path) -> None:
    learning = tuple(row(Learning, hours_per_doubling=0.8, **cells) for cells in rows)
    world = chain_world(learning=learning)
    write_world_csv(world, tmp_path)
    if not said:
        assert load_world(tmp_path).learning == learning
        return
    with pytest.raises(InputError) as caught:
        load_world(tmp_path)
    (problem,) = caught.value.problems
    assert said in str(problem)
