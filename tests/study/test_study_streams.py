"""Streams of customers under the plan, whole: `twin run`, `twin schedule` and a plan made anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from worlds import noisy_chain_world, row

from twin.cli.main import main
from twin.model.rows_demand import Demand, Stock
from twin.model.write import write_world_csv

SPARES = {"customer": "svc", "site": "integrator", "item": "tray", "every_days": "exponential(5)", "quantity": "1"}
LOST = {"stock": (row(Stock, site="integrator", item="tray", unmet="lost", lost_usd_per_unit=5.0),)}
QUICK = "budgets: {schedule_deterministic_seconds: 0.2, schedule_dispatch_trials: 4, on_time_replays: 2}"


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--json"])
    out = capsys.readouterr().out
    return int(ended.value.code or 0), json.loads(out)


@pytest.mark.parametrize("tables", [{}, LOST, {"orders": ()}], ids=["with orders", "lost", "without orders"])
def test_a_world_runs_and_is_scheduled(
    tables: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world = noisy_chain_world(demand=(row(Demand, due_after_days="14", **SPARES),), **tables)
    write_world_csv(world, tmp_path / "worlds" / "spares")
    Path("spares.yaml").write_text(f"name: spares\nworld: spares\nreplications: 2\n{QUICK}\n")
    code, result = call(capsys, "run", "spares.yaml")
    kpis = {name: kpi["value"] for name, kpi in result["kpis"].items()}
    assert code == 0
    # Without orders beside them trays come just in time by the plan, or some days late, and none are over.
    assert 0 < kpis["fill_rate"] <= 1 or "orders" in tables
    assert kpis["fill_rate"] == kpis["fill_rate_at:customer:svc@integrator"]
    assert (kpis.get("racks_accepted") or 0) > 0 or "orders" in tables
    assert (kpis.get("lost_units") or 0) > 0 or "stock" not in tables
    code, view = call(capsys, "schedule", "spares.yaml")
    assert code == 0
    assert view["scenario"] == "spares"
