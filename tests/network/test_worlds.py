"""The named worlds of the tests are valid input: written as tables and read again they are the same."""

from __future__ import annotations

import pytest
import worlds

from twin.model.load import load_world
from twin.model.write import write_world_csv


@pytest.mark.parametrize(
    "build",
    [
        worlds.chain_world,
        worlds.noisy_chain_world,
        worlds.queue_world,
        worlds.line_world,
        worlds.rework_world,
        worlds.two_gates_world,
    ],
)
def test_named_worlds_pass_every_check(build, tmp_path):
    world = build()
    write_world_csv(world, tmp_path / world.name)
    read = load_world(tmp_path / world.name)
    assert read.settings == world.settings
    for table in type(world).model_fields:
        assert getattr(read, table) == getattr(world, table), table


def test_a_queue_can_have_failing_servers_and_other_laws():
    world = worlds.queue_world(servers=3, service_hours="gamma(24, 0.5)", failures="use", mtbf_hours="exponential(300)")
    (server,) = world.resources
    assert (server.capacity, server.failures) == (3, "use")
    assert world.routings[0].hours.mean == 24
