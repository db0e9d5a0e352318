"""Broken rules of the records in a planner's words: what the rule says and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from twin.model.distribution import number_words
from twin.model.problems import suggestion

_QUOTED = re.compile(r"'([^']*)'")
_DECIMAL_COMMA = re.compile(r"^-?\d+,\d+$")

_PATTERNS = {
    "opens": ("must be a time of day", "write hours and minutes, such as 07:30"),
    "closes": ("must be a time of day", "write hours and minutes, such as 18:00 or 24:00"),
    "name": (
        "must be one word of letters, digits, '.', '_' and '-', starting with a letter or digit",
        "write it without blanks, such as hbm-outage",
    ),
}

_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "less than {}"),
}

_FIXED: dict[str, tuple[str, str]] = {
    "missing": ("is needed", "give it a value"),
    "finite_number": ("must be a finite number", "give one such as 3.5"),
    "bool_parsing": ("must be yes or no", "write yes or no"),
    "bool_type": ("must be yes or no", "write yes or no"),
    "string_type": ("must be text", "write it in quotes"),
    "list_type": ("must be a list", "begin each entry with a dash"),
    "tuple_type": ("must be a list", "begin each entry with a dash"),
    "dict_type": ("must be a block of names and values", "write each as `name: value`"),
    "model_type": ("must be a block of names and values", "write each as `name: value`"),
    "model_attributes_type": ("must be a block of names and values", "write each as `name: value`"),
}


def plain_words(error: Mapping[str, Any], name: str, known: Iterable[str] = ()) -> tuple[str, str]:
    """A validation error as (rule, remedy); `name` is the column or key, `known` the names allowed beside it."""
    rule, remedy = _words(error, name, known)
    return (f"{name} {rule}" if name and error["type"] != "extra_forbidden" else rule), remedy


def _words(error: Mapping[str, Any], name: str, known: Iterable[str]) -> tuple[str, str]:
    kind = str(error["type"])
    for part, words in _BY_PART.items():
        if kind.startswith(part):
            return words(error, name)
    if kind == "extra_forbidden":
        return f"there is no '{name}' here", suggestion(name, known, "")
    if kind in _BOUNDS:
        key, phrase = _BOUNDS[kind]
        limit = phrase.format(number_words(error["ctx"][key]))
        return f"must be {limit}", f"give a number, {limit}"
    return _FIXED.get(kind, (_lower(str(error["msg"])), "see docs/tables.md for what may stand here"))


def _number(error: Mapping[str, Any], _name: str) -> tuple[str, str]:
    whole = str(error["type"]).startswith("int")
    if _DECIMAL_COMMA.match(str(error["input"]).strip()):
        return "must be a number", "write a decimal point instead of the comma"
    return ("must be a whole number", "write digits such as 12") if whole else ("must be a number", "give one, as 3.5")


def _choice(error: Mapping[str, Any], _name: str) -> tuple[str, str]:
    allowed = [word for word in _QUOTED.findall(error["ctx"]["expected"]) if word]
    return f"must be one of {', '.join(allowed)}", suggestion(str(error["input"]), allowed, "")


def _pattern(error: Mapping[str, Any], name: str) -> tuple[str, str]:
    fallback = ("must have the right form", f"it must fit the pattern {error['ctx']['pattern']}")
    return _PATTERNS.get(name, fallback)


def _own_rule(error: Mapping[str, Any], _name: str) -> tuple[str, str]:
    # The records' own rules are written "what must hold; what to do".
    rule, _, remedy = str(error["ctx"]["error"]).partition("; ")
    return rule, remedy


_BY_PART: dict[str, Callable[[Mapping[str, Any], str], tuple[str, str]]] = {
    "float_": _number,
    "int_": _number,
    "literal_error": _choice,
    "string_pattern": _pattern,
    "value_error": _own_rule,
}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
