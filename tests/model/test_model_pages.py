"""Files made from the records are in step with them; the model is light to import; reading is quick."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from twin.model.describe import tables_page
from twin.model.document import read_document
from twin.model.load import load_world
from twin.model.places import scenarios_folder, shipped_scenarios, shipped_studies
from twin.model.schema import SCHEMA_FILE, STUDY_SCHEMA_FILE, scenario_schema, schema_text, study_schema
from twin.model.world import TABLES

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_committed_schema_is_that_of_the_records() -> None:
    committed = (scenarios_folder() / SCHEMA_FILE).read_text(encoding="utf-8")
    assert committed == schema_text(), "write schema_text() to scenarios/scenario.schema.json"


def test_the_committed_schema_of_studies_is_that_of_the_records() -> None:
    committed = (scenarios_folder() / STUDY_SCHEMA_FILE).read_text(encoding="utf-8")
    assert committed == schema_text(study_schema()), "write schema_text(study_schema()) to scenarios/studies"
    jsonschema.Draft7Validator.check_schema(study_schema())
    for path in shipped_studies().values():
        jsonschema.validate(read_document(path).data, study_schema())


def test_the_schema_is_of_draft_07() -> None:
    schema = scenario_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert "prefixItems" not in json.dumps(schema)


GOOD = """
name: x
world: small
settings: {starts: 2026-01-05, report_weeks: 8}
disruptions:
  - {name: fire, at: {site: fab}, kind: outage, starts: 2026-02-02, lasts_weeks: "triangular(1, 2, 4)"}
  - {name: ban, kind: embargo, embargo: {from: TW, to: MX}, starts: 2026-02-02, lasts_weeks: 8}
changes:
  - {table: lanes, where: {lane: a}, set: {mode: air}}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("name: x", "nam: x"),
        ("kind: outage", "kind: outrage"),
        ("report_weeks", "report_weks"),
        ("table: lanes", "table: lane"),
        ("lasts_weeks: 8", "lasts_weeks: [8]"),
    ],
    ids=["good", "key", "kind", "setting", "table", "length"],
)
def test_the_schema_accepts_what_is_right_and_nothing_else(old: str, new: str) -> None:
    data = yaml.load(GOOD.replace(old, new) if old else GOOD, Loader=yaml.BaseLoader)
    data["settings"] = {k: int(v) if v.isdigit() else v for k, v in data["settings"].items()}
    errors = list(jsonschema.Draft7Validator(scenario_schema()).iter_errors(data))
    assert bool(errors) == bool(old)


@pytest.mark.parametrize("path", shipped_scenarios().values(), ids=lambda path: path.stem)
def test_shipped_scenarios_fit_the_schema(path: Path) -> None:
    from twin.model.document import read_document

    jsonschema.validate(read_document(path).data, scenario_schema(), cls=jsonschema.Draft7Validator)


def test_the_page_of_the_tables_is_that_of_the_records() -> None:
    committed = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert committed == tables_page(), "write tables_page() to docs/tables.md"


def test_every_column_has_a_meaning() -> None:
    bare = [
        f"{table}.{field.alias or name}"
        for table, record in TABLES.items()
        for name, field in record.model_fields.items()
        if not field.description
    ]
    assert bare == []


def test_the_model_is_light_to_import() -> None:
    heavy = ("scipy", "openpyxl", "python_calamine", "ortools", "pandas", "networkx", "simpy", "duckdb", "plotly")
    code = f"import sys, twin.model.case, twin.model.write; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_twenty_thousand_orders_are_read_in_seconds(world_folder: Path) -> None:
    days = [date(2026, 1, 6) + timedelta(days=n % 50) for n in range(20_000)]
    rows = [f"n{n},acme,campus,rack,2,{day},maker" for n, day in enumerate(days)]
    text = "\n".join(["order,customer,site,item,quantity,requested,source", *rows])
    (world_folder / "orders.csv").write_text(text, encoding="utf-8")
    begun = time.process_time()
    world = load_world(world_folder)
    assert len(world.orders) == 20_000
    assert time.process_time() - begun < 3
