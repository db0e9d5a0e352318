"""A scenario file as plain data with the position of every key and value.

YAML's syntax is read by PyYAML's C parser; what a plain scalar means is decided here by the
YAML 1.2 core rules, so that `no` is a word, `012` is twelve and a date stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twin.model.places import shown
from twin.model.problems import Problem
from twin.model.read_text import read_text

Loc = tuple[str | int, ...]

_INTEGER = re.compile(r"^[-+]?[0-9]+$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_MOST_DIGITS = 100
_MOST_VALUES = 200_000
_DEEPEST = 50
_TOO_DEEP = f"blocks and lists stand at most {_DEEPEST} deep in each other"
_LESS = "write out what is needed"
_TAB = re.compile(r"^[ ]*\t")
_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


@dataclass(slots=True)
class Document:
    """The content of one file; `values` and `keys` give (line, column), from 1, of what stands at a path.

    A scenario built in memory has a document too, with a name and nothing else.
    """

    file: str
    folder: Path
    data: dict[str, Any] = field(default_factory=dict)
    values: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, loc: Loc, rule: str, value: str = "", remedy: str = "", *, at_key: bool = False) -> Problem:
        """A problem at the value (or the key) of a path; of a path that is not there, at the nearest part above."""
        line, column = self._position(loc, at_key)
        return Problem(file=self.file, line=line, column=column, rule=rule, value=value, remedy=remedy)

    def _position(self, loc: Loc, at_key: bool) -> tuple[int | None, int | None]:
        if at_key and loc in self.keys:
            return self.keys[loc]
        while loc and loc not in self.values:
            loc = loc[:-1]
        return self.values.get(loc, (None, None))


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """A block of a scenario file, taken as a row: columns are its keys."""

    document: Document
    loc: Loc

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at the value of a key of the block, `/` between keys of blocks within it; see `Place`."""
        return self.document.problem(self._path(column), rule, value, remedy)

    def key_problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at a key of the block instead of its value."""
        return self.document.problem(self._path(column), rule, value, remedy, at_key=True)

    def below(self, *parts: str | int) -> DocumentPlace:
        """A block within this one."""
        return DocumentPlace(self.document, (*self.loc, *parts))

    def _path(self, column: str) -> Loc:
        return (*self.loc, *column.split("/")) if column else self.loc


def read_document(path: Path) -> Document:
    """A YAML file to plain data with positions; what is wrong with it stands in its `problems`."""
    import yaml

    document = Document(shown(path), path.parent)
    text, unreadable = read_text(path, "save it as UTF-8 text")
    if unreadable is not None:
        document.problems.append(unreadable)
        return document
    try:
        # Looked through first: the parser itself would break off without a word.
        deep = _first_too_deep(text)
        root = None if deep else yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        document.problems.append(_syntax_problem(document.file, text, error))
        return document
    if deep is not None:
        document.problems.append(_at(document.file, deep, _TOO_DEEP, "", _LESS))
    elif root is None:
        rule, remedy = "the file is empty", "begin with `name: ...` and `extends: ...`"
        document.problems.append(Problem(file=document.file, line=1, column=1, rule=rule, remedy=remedy))
    elif not isinstance(root, yaml.MappingNode):
        rule, remedy = "a scenario is a block of names and values", "begin with `name: ...`"
        document.problems.append(Problem(file=document.file, line=1, column=1, rule=rule, remedy=remedy))
    else:
        document.data = _build(document, root, (), ())
    return document


def _first_too_deep(text: str) -> Any | None:
    """The event of the first block or list that stands too deep in others. Raises YAMLError for what is not YAML."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                return event
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _syntax_problem(file: str, text: str, error: Any) -> Problem:
    mark = getattr(error, "problem_mark", None)
    # One line more: an end of the file is marked after its last line.
    tab = _TAB.match([*text.splitlines(), ""][mark.line]) if mark else None
    if mark and tab:
        rule, remedy = "lines are indented by blanks, and this one has a tab", "write two blanks instead of each tab"
        return Problem(file=file, line=mark.line + 1, column=tab.end(), rule=rule, remedy=remedy)
    what = getattr(error, "problem", None) or "it holds a character that YAML does not allow"
    return Problem(
        file=file,
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        rule=f"the file is not YAML: {what}",
        remedy="check colons, quotes, brackets and the depth of blanks near here",
    )


def _build(document: Document, node: Any, loc: Loc, above: tuple[Any, ...]) -> Any:
    import yaml

    document.values[loc] = _mark(node)
    refused = _refused(document, node, above)
    if refused is not None:
        # One file with too much in it is one problem.
        if node in above or all(problem.rule != refused for problem in document.problems):
            document.problems.append(_at(document.file, node, refused, "", _LESS))
        return None
    if isinstance(node, yaml.MappingNode):
        return _build_block(document, node, loc, (*above, node))
    if isinstance(node, yaml.SequenceNode):
        inside = (*above, node)
        return [_build(document, child, (*loc, index), inside) for index, child in enumerate(node.value)]
    return _scalar(node)


def _refused(document: Document, node: Any, above: tuple[Any, ...]) -> str | None:
    """Why a part of the file is left out; None where it is not."""
    if node in above:
        return "an alias must not stand inside what it names"
    if len(above) > _DEEPEST:
        return _TOO_DEEP
    if len(document.values) > _MOST_VALUES:
        return f"a scenario holds at most {_MOST_VALUES:,} values, those of aliases counted each time"
    return None


def _build_block(document: Document, node: Any, loc: Loc, above: tuple[Any, ...]) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        here = (*loc, key)
        if key == "<<":
            remedy = "write the keys out, or use `extends`"
            document.problems.append(_at(document.file, key_node, "merge keys are not read here", key, remedy))
        elif key in block:
            first = document.keys[here][0]
            rule = f"the key '{key}' is there twice"
            document.problems.append(_at(document.file, key_node, rule, key, f"it is already in line {first}"))
        else:
            document.keys[here] = _mark(key_node)
            block[key] = _build(document, value_node, here, above)
    return block


def _at(file: str, node: Any, rule: str, value: str, remedy: str) -> Problem:
    line, column = _mark(node)
    return Problem(file=file, line=line, column=column, rule=rule, value=value, remedy=remedy)


def _mark(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(node: Any) -> object:
    text: str = node.value
    # A quoted or block scalar is text whatever it looks like; the C parser gives '' as the style of a plain one.
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    # Beyond so many digits Python itself refuses; no number of a scenario comes near.
    if _INTEGER.match(text) and len(text) <= _MOST_DIGITS:
        return int(text)
    return float(text) if _FLOAT.match(text) else text
