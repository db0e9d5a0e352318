"""The page on scenario files: complete, with the defaults of the records, and every example of it loads."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from twin.model.case import load_case
from twin.model.columns import cell_text
from twin.model.document import read_document
from twin.model.scenario import Budgets, Change, Disruption, Embargo, Lever, Mitigation, Scenario, Target
from twin.model.schema import scenario_schema
from twin.model.supported import DISRUPTIONS
from twin.model.world import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES = {
    re.search(r"^name: (\S+)$", text, flags=re.MULTILINE)[1]: text  # type: ignore[index]
    for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
}
RECORDS = (Scenario, Change, Mitigation, Disruption, Target, Embargo, Lever, Budgets)
"""In the order of the page's tables of fields."""
HEAD = "| field | holds | left out | meaning |\n|---|---|---|---|\n"

BEYOND = 1e12
"""No number is above it; the page says so once."""

Rows = dict[str, tuple[str, str]]
"""By field: what it holds, and what it means to leave it out."""


def tables() -> list[Rows]:
    found = []
    for table in PAGE.split(HEAD)[1:]:
        lines = [[cell.strip() for cell in line.split("|")] for line in table.split("\n\n")[0].splitlines()]
        found.append({cells[1].strip("`"): (cells[2], cells[3]) for cells in lines})
    return found


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def left_out(record: type[BaseModel], name: str) -> str:
    field = record.model_fields[name]
    if field.is_required():
        return "not allowed"
    if isinstance(field.default, Budgets):
        return "as below"
    if name == "where":
        return "every row"
    if field.default in ("", Target()):
        return "blank"
    return "none" if field.default in (None, [], {}) else f"`{cell_text(field.default)}`"


def choices(annotation: Any) -> list[str]:
    if typing.get_origin(annotation) is typing.Literal:
        return [word for word in typing.get_args(annotation) if word]
    return []


def limits(record: type[BaseModel], shown: str) -> list[str]:
    """What the schema says of a number's range, but for fractions and for what the page says of all numbers."""
    schema = scenario_schema()
    owner = schema if record is Scenario else schema["$defs"][record.__name__]
    described = owner["properties"][shown]
    found = [{**described, **branch} for branch in described.get("anyOf", [{}])]
    least = [each["minimum"] for each in found if "minimum" in each]
    most = [each["maximum"] for each in found if each.get("maximum", BEYOND) < BEYOND]
    above = [f"more than {each['exclusiveMinimum']}" for each in found if "exclusiveMinimum" in each]
    if (least, most) == ([0], [1]):
        return ["fraction"]
    numbers = [f"{limit:,.9f}".rstrip("0").rstrip(".") for limit in (*least, *most) if abs(limit) < BEYOND]
    return [*numbers, *above]


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_stands_on_the_page_with_its_default_and_its_choices(record: type[BaseModel]) -> None:
    rows = dict(zip(RECORDS, tables(), strict=True))[record]
    fields = {field.alias or name: name for name, field in record.model_fields.items()}
    assert {name: missing for name, (_, missing) in rows.items()} == {
        shown: left_out(record, name) for shown, name in fields.items()
    }
    for shown, name in fields.items():
        wanted = [f"`{word}`" for word in choices(record.model_fields[name].annotation)]
        assert not wanted or rows[shown][0] == ", ".join(wanted)
        assert [limit for limit in limits(record, shown) if limit not in rows[shown][0]] == [], shown


def test_no_record_of_the_schema_is_forgotten() -> None:
    assert set(scenario_schema()["$defs"]) == {record.__name__ for record in RECORDS} - {"Scenario"}


def test_every_setting_is_named() -> None:
    assert {name for name in Settings.model_fields if f"`{name}`" not in section("settings")} == set()


def test_what_the_check_refuses_is_told() -> None:
    refused = section("Refused today")
    kinds = choices(Disruption.model_fields["kind"].annotation)
    assert {*kinds} - {*DISRUPTIONS} == {word for word in kinds if f"`{word}`" in refused}


def test_there_are_examples_of_every_list_and_every_way_to_change_a_table() -> None:
    given: set[str] = set()
    for text in EXAMPLES.values():
        given |= set(re.findall(r"[\s{](\w+):", f"\n{text}"))
    lists = {"disruptions", "mitigations", "changes", "levers"}
    assert lists | {"set", "multiply", "add", "remove", "where", "settings", "budgets"} <= given


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_loads(name: str, tmp_path: Path) -> None:
    for other, text in EXAMPLES.items():
        (tmp_path / f"{other}.yaml").write_text(text, encoding="utf-8")
    path = tmp_path / f"{name}.yaml"
    assert load_case(path).scenario.name == name
    jsonschema.validate(read_document(path).data, scenario_schema(), cls=jsonschema.Draft7Validator)
