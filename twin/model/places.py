"""Where scenarios and worlds are found: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from twin.model.problems import InputError, Problem, suggestion

_PACKAGE = Path(__file__).resolve().parent.parent
_SUFFIXES = (".yaml", ".yml")


def scenarios_folder() -> Path:
    """The folder of shipped scenarios and, in `worlds/`, shipped worlds."""
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "scenarios").is_dir():
        return checkout / "scenarios"
    return _PACKAGE / "_data" / "scenarios"


def shipped_scenarios() -> dict[str, Path]:
    """Bare names of the shipped scenarios and their files."""
    return _scenarios_in(scenarios_folder())


def shipped_worlds() -> dict[str, Path]:
    """Bare names of the shipped worlds and their folders or workbooks."""
    return _worlds_in(scenarios_folder() / "worlds")


def find_scenario(name: str | Path) -> Path:
    """A scenario's file from a path, or from the bare name of a shipped one.

    Raises InputError for a name that is not shipped or a file that is not there.
    """
    path = Path(name)
    if not is_bare(str(name)):
        if path.is_file():
            return path
        raise InputError([Problem(file=str(name), rule="there is no such scenario file", remedy="check the path")])
    shipped = shipped_scenarios()
    if str(name) in shipped:
        return shipped[str(name)]
    remedy = suggestion(str(name), shipped, "") + " A file is named by its path, such as ./my-scenario.yaml"
    raise InputError([Problem(file=str(name), rule="there is no shipped scenario of this name", remedy=remedy)])


def find_parent(name: str, beside: Path) -> Path | None:
    """The file that `extends` names: a path relative to `beside`, or a bare name there or shipped."""
    if not is_bare(name):
        path = beside / name
        return path if path.is_file() else None
    return {**shipped_scenarios(), **_scenarios_in(beside)}.get(name)


def find_world(name: str, beside: Path) -> Path | None:
    """The world that `world` names: a path relative to `beside`, or a bare name in `worlds/` there or shipped."""
    if not is_bare(name):
        path = beside / name
        return path if path.exists() else None
    return {**shipped_worlds(), **_worlds_in(beside / "worlds")}.get(name)


def known_parents(beside: Path) -> list[str]:
    """Bare names that `extends` may give in a file of this folder."""
    return sorted({**shipped_scenarios(), **_scenarios_in(beside)})


def known_worlds(beside: Path) -> list[str]:
    """Bare names that `world` may give in a file of this folder."""
    return sorted({**shipped_worlds(), **_worlds_in(beside / "worlds")})


def is_bare(name: str) -> bool:
    """True for a name without a folder and without the suffix of a file."""
    return "/" not in name and "\\" not in name and not name.endswith((*_SUFFIXES, ".xlsx")) and name not in (".", "..")


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


def _worlds_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {
        path.stem if path.is_file() else path.name: path
        for path in sorted(folder.iterdir())
        if path.is_dir() or path.suffix == ".xlsx"
    }
