"""Where scenarios and worlds are found: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from twin.model.problems import InputError, Problem, nearest, sentences, suggestion

_PACKAGE = Path(__file__).resolve().parent.parent
_SUFFIXES = (".yaml", ".yml")
_WORKBOOK = ".xlsx"
_MOST_NAMED = 8
"""Files listed of a folder."""


def scenarios_folder() -> Path:
    """The folder of shipped scenarios and, in `worlds/`, shipped worlds."""
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "scenarios").is_dir():
        return checkout / "scenarios"
    return _PACKAGE / "_data" / "scenarios"


def shipped_scenarios() -> dict[str, Path]:
    """Bare names of the shipped scenarios and their files."""
    return _scenarios_in(scenarios_folder())


def shipped_studies() -> dict[str, Path]:
    """Bare names of the shipped studies and their files."""
    return _scenarios_in(scenarios_folder() / "studies")


def find_study(name: str | Path) -> Path:
    """A study's file from a path, or from the bare name of a shipped one. Raises InputError where there is none."""
    path, shipped = Path(name), shipped_studies()
    if path.is_file() and not is_bare(str(name)):
        return path
    if str(name) in shipped:
        return shipped[str(name)]
    bare = is_bare(str(name))
    rule = "there is no shipped study of this name" if bare else "there is no such study file"
    remedy = suggestion(str(name), shipped, "") if bare else "check the path"
    raise InputError([Problem(file=str(name), rule=rule, remedy=remedy)])


def find_scenario(name: str | Path) -> Path:
    """A scenario's file from a path, or from the bare name of a shipped one.

    Raises InputError for a name that is not shipped or a file that is not there.
    """
    path = Path(name)
    shipped = shipped_scenarios()
    if not str(name).strip():
        raise InputError(
            [Problem(file="''", rule="a scenario needs a name", remedy=f"use one of: {', '.join(shipped)}")]
        )
    if path.is_file() and not is_bare(str(name)):
        return path
    if str(name) in shipped:
        return shipped[str(name)]
    if path.is_dir():
        rule = "this is a folder, and a scenario is a file"
        raise InputError([Problem(file=str(name), rule=rule, remedy=_files_of(path))])
    if not is_bare(str(name)):
        remedy = _path_meant(str(name), (file.name for file in _scenarios_in(path.parent).values()))
        raise InputError([Problem(file=str(name), rule="there is no such scenario file", remedy=remedy)])
    beside = _scenarios_in(Path()).get(str(name))
    more = f"A file is named by its path, such as ./{beside or 'my-scenario.yaml'}"
    remedy = more if beside else sentences(suggestion(str(name), shipped, ""), more)
    raise InputError([Problem(file=str(name), rule="there is no shipped scenario of this name", remedy=remedy)])


def _files_of(folder: Path) -> str:
    """The remedy for a folder in place of a scenario: its own files, by the path that names them."""
    files = [str(file) for file in _scenarios_in(folder).values()]
    if not files:
        return "it holds no scenario (.yaml); name a file"
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return f"name a file in it: {', '.join(files[:_MOST_NAMED])}{more}"


def find_parent(name: str, beside: Path) -> Path | None:
    """The file that `extends` names: a path relative to `beside`, or a bare name there or shipped."""
    if not is_bare(name):
        path = beside / name
        return path if path.is_file() else None
    return {**shipped_scenarios(), **_scenarios_in(beside)}.get(name)


def find_world(name: str, beside: Path) -> Path | None:
    """The folder or workbook that `world` names: a path relative to `beside`, or a name in `worlds/` there or shipped.

    A workbook's name may be given with its suffix or without; a folder of the same bare name comes first.
    """
    return next((path for path in _world_paths(name, beside) if path.exists()), None)


def _world_paths(name: str, beside: Path) -> list[Path]:
    """Where a world of this name may be, the first choice first."""
    folders = (beside / "worlds", scenarios_folder() / "worlds")
    if not is_bare(name.removesuffix(_WORKBOOK)):
        return [beside / name]
    if name.endswith(_WORKBOOK):
        return [folder / name for folder in (beside, *folders)]
    book = name + _WORKBOOK
    return [*(folder / each for folder in folders for each in (name, book)), beside / book]


def parent_meant(name: str, beside: Path) -> str:
    """The remedy where `extends` names nothing: the name or path that it may mean in a file of this folder."""
    if is_bare(name):
        return suggestion(name, {**shipped_scenarios(), **_scenarios_in(beside)}, "")
    files = _scenarios_in((beside / name).parent).values()
    return _path_meant(name, (file.name for file in files))


def world_meant(name: str, beside: Path) -> str:
    """The remedy where `world` names nothing: the name or path that it may mean in a file of this folder."""
    if is_bare(name.removesuffix(_WORKBOOK)):
        return suggestion(name, _worlds_in(scenarios_folder() / "worlds") | _worlds_in(beside / "worlds"), "")
    return _path_meant(name, _worlds_in((beside / name).parent))


def _path_meant(name: str, names: Iterable[str]) -> str:
    """The path of the file most like it in the folder that it names, with the folder as it was given."""
    last = Path(name).name
    near = nearest(last, names)
    return f"did you mean '{name.removesuffix(last)}{near}'?" if near and name.endswith(last) else "check the path"


def is_bare(name: str) -> bool:
    """True for a name without a folder and without the suffix of a file."""
    in_folder = "/" in name or "\\" in name or name in (".", "..")
    return not in_folder and not name.endswith((*_SUFFIXES, _WORKBOOK))


def shown(path: Path) -> str:
    """A path as a person at this prompt would write it: relative where it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _scenarios_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in _SUFFIXES}


def _worlds_in(folder: Path) -> set[str]:
    """Bare names of the worlds of a folder."""
    if not folder.is_dir():
        return set()
    return {
        path.name.removesuffix(_WORKBOOK)
        for path in folder.iterdir()
        if path.is_dir() or (path.suffix == _WORKBOOK and not path.name.startswith("~"))
    }
