"""The JSON Schemas of scenario and study files, so that an editor completes and checks them as they are written."""

from __future__ import annotations

import json
from typing import Any

from twin.model.scenario import Scenario
from twin.model.study import Study
from twin.model.world import TABLES, Settings

SCHEMA_FILE = "scenario.schema.json"
"""Its name, beside the scenarios."""
STUDY_SCHEMA_FILE = "studies/study.schema.json"
"""That of studies."""


def scenario_schema() -> dict[str, Any]:
    """The schema of a scenario file, in the words that draft 07 knows.

    Quantities that vary are a number or the text of a distribution, dates are text.
    """
    schema: dict[str, Any] = _draft_07(Scenario.model_json_schema(by_alias=True))
    schema["title"] = "Scenario of the twin"
    schema["properties"]["settings"] = _settings_schema(schema["properties"]["settings"])
    tables = {"type": "string", "enum": sorted(TABLES)}
    for record in ("Change", "Lever"):
        column = schema["$defs"][record]["properties"]["table"]
        schema["$defs"][record]["properties"]["table"] = {**column, **tables}
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema}


def study_schema() -> dict[str, Any]:
    """The schema of a study file, in the same words."""
    schema: dict[str, Any] = _draft_07(Study.model_json_schema(by_alias=True))
    schema["title"] = "Study of the twin"
    for part in (schema, schema["$defs"]["Configuration"]):
        part["properties"]["settings"] = _settings_schema(part["properties"]["settings"])
    tables = {"type": "string", "enum": sorted(TABLES)}
    for record in ("Change", "Crossing"):
        column = schema["$defs"][record]["properties"]["table"]
        schema["$defs"][record]["properties"]["table"] = {**column, **tables}
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema}


def schema_text(schema: dict[str, Any] | None = None) -> str:
    """A schema, that of scenarios unless given, as the text of its file."""
    return json.dumps(scenario_schema() if schema is None else schema, indent=2, ensure_ascii=False) + "\n"


def _settings_schema(described: dict[str, Any]) -> dict[str, Any]:
    settings = _draft_07(Settings.model_json_schema())
    return {
        "type": "object",
        "description": described.get("description", ""),
        "additionalProperties": False,
        "properties": settings["properties"],
    }


def _draft_07(node: Any) -> Any:
    """Draft 07 ignores what stands beside a `$ref`, so that a reference with a description is wrapped."""
    if isinstance(node, list):
        return [_draft_07(part) for part in node]
    if not isinstance(node, dict):
        return node
    plain = {name: _draft_07(part) for name, part in node.items()}
    if "$ref" in plain and len(plain) > 1:
        return {"allOf": [{"$ref": plain.pop("$ref")}], **plain}
    return plain
