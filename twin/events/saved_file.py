"""A file of a saved run, read so that what is wrong with a damaged one is said in a reader's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from twin.model.problems import InputError, Problem

Saved = TypeVar("Saved", bound=BaseModel)


def read_saved(path: Path, record: type[Saved], remedy: str) -> Saved:
    """A record from its JSON file. Raises InputError where the file is not there, cut short or of another kind."""
    try:
        content = path.read_bytes()
        return record.model_validate_json(content)
    except FileNotFoundError:
        raise InputError([Problem(file=str(path), rule="this file of the run is missing", remedy=remedy)]) from None
    except OSError as error:
        rule = f"this file of the run cannot be read: {error.strerror or error}"
        raise InputError([Problem(file=str(path), rule=rule, remedy=remedy)]) from None
    except ValidationError as error:
        raise InputError([_damage(path, content, error, remedy)]) from error


def _damage(path: Path, content: bytes, error: ValidationError, remedy: str) -> Problem:
    """Where it breaks off, or which of its fields are not as this version writes them."""
    try:
        json.loads(content)
    except json.JSONDecodeError as broken:
        rule = "this file of the run is no complete JSON: it was cut short or changed"
        return Problem(file=str(path), line=broken.lineno, column=broken.colno, rule=rule, remedy=remedy)
    except UnicodeDecodeError:
        return Problem(file=str(path), rule="this file of the run is no text: it was damaged", remedy=remedy)
    first, *others = error.errors(include_url=False, include_context=False)
    field = ".".join(str(part) for part in first["loc"]) or "the whole"
    more = f", and {len(others)} more like it" if others else ""
    rule = f"this file of the run is not as this version writes it: {field}: {first['msg'].lower()}{more}"
    return Problem(file=str(path), rule=rule, remedy=remedy)
