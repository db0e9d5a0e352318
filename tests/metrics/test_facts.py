"""Facts of a world, from its network."""

import subprocess
import sys

from worlds import chain_world, noisy_chain_world, queue_world

from twin.metrics.facts import facts_from
from twin.network.build import build_network


def test_facts_of_the_chain() -> None:
    facts = facts_from(build_network(chain_world()))
    assert facts.finished == {"rack_accepted"}
    assert facts.racks == {"rack_l11"}
    assert facts.demand_sites == {"campus"}
    assert facts.lane_ends["trays-integrator"] == ("trays", "integrator")
    assert facts.customer_of["order-01"] == "acme"
    assert facts.customer_of["acme-campus-rack_accepted-tail-1"] == "acme"
    # In a rack: two trays of 40, eight packages of 5, two wafers of 10.
    assert facts.watched == ("tray", "package", "wafer")
    assert facts.in_process_usd("tray") == (4 * 5 + 40) / 2
    assert facts.in_process_usd("wafer") == 5.0


def test_tests_are_steps_that_can_fail() -> None:
    assert facts_from(build_network(chain_world())).tested_steps == frozenset()
    assert facts_from(build_network(noisy_chain_world())).tested_steps == {"/test"}


def test_in_a_shop_the_finished_item_is_the_rack() -> None:
    facts = facts_from(build_network(queue_world()))
    assert facts.racks == facts.finished == {"job"}
    assert facts.jobs == {("shop", "job")}
    assert not facts_from(build_network(chain_world())).jobs


def test_measures_load_no_heavy_engine() -> None:
    program = (
        "import sys, twin.metrics.dictionary, twin.metrics.facts, twin.resilience.summary, twin.events.run_folder\n"
        "heavy = {'scipy', 'duckdb', 'networkx', 'simpy', 'ortools', 'pandas'} & set(sys.modules)\n"
        "sys.exit(str(sorted(heavy)) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
