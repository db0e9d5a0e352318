"""The shape of the project: small files, light imports, a front door, nothing of the machine it was made on."""

from __future__ import annotations

import ast
import csv
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import twin

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = sorted((PROJECT / "twin").rglob("*.py"))
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
ENGINES = ("duckdb", "networkx", "ortools", "pandas", "plotly", "scipy", "simpy")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines of a function less its docstring."""
    first = function.body[0]
    docstring = first if ast.get_docstring(function) is not None else None
    lines = (function.end_lineno or 0) - function.lineno + 1
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0)


def short(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 50


def test_files_are_short():
    long = {
        short(path): lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > MOST_LINES_OF_A_FILE
    }
    assert not long


def test_functions_are_short():
    long = {
        f"{short(path)}:{function.name}": length(function)
        for path in SOURCES
        for function in functions(path)
        if length(function) > MOST_LINES_OF_A_FUNCTION
    }
    assert not long


def test_public_things_say_what_they_are():
    silent = [f"{short(path)}:{name}" for path in SOURCES for name in undocumented(tree(path))]
    assert not silent


def undocumented(module: ast.Module) -> Iterator[str]:
    """Public modules with code in them, classes and functions without a docstring."""
    if module.body and ast.get_docstring(module) is None:
        yield "the module"
    for node in module.body:
        if isinstance(node, (*Function.__args__, ast.ClassDef)) and not node.name.startswith("_"):
            if ast.get_docstring(node) is None:
                yield node.name
            if isinstance(node, ast.ClassDef):
                yield from (f"{node.name}.{name}" for name in undocumented_methods(node))


def undocumented_methods(owner: ast.ClassDef) -> Iterator[str]:
    for node in owner.body:
        if isinstance(node, Function) and not node.name.startswith("_") and ast.get_docstring(node) is None:
            yield node.name


def test_nothing_is_printed():
    printing = [
        f"{short(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing


def test_no_path_of_a_machine_is_named():
    machine = re.compile(r"""(?<![\w.])/(?:work|root|home|Users|opt|tmp|mnt)/""")
    suffixes = {".py", ".md", ".toml", ".yaml", ".csv", ".txt", ".json", ".jinja", ".j2", ".cff"}
    named = [
        f"{short(path)}:{number}"
        for path in project_files()
        if path.suffix in suffixes or path.name in ("Makefile", "run")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if machine.search(line)
    ]
    assert not named


def project_files() -> Iterator[Path]:
    """What a release is made of, without tests."""
    for folder in ("twin", "scenarios", "docs", ".ci"):
        yield from (
            path for path in (PROJECT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
    yield from (path for path in PROJECT.iterdir() if path.is_file() and path.name != "LICENSE")


def test_the_lock_file_pins_every_dependency_and_names_no_host():
    lock = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {normal(name) for name in re.findall(r"^([\w.-]+)==", lock, flags=re.MULTILINE)}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {normal(re.match(r"[\w.-]+", line)[0]) for line in wanted} <= pinned
    assert "://" not in lock
    assert lock.count("==") - lock.count("== '") <= lock.count("--hash=sha256:")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_make_alone_lists_its_targets():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "check", "bench", "clean"):
        assert re.search(rf"^make {target} +\w", listed, flags=re.MULTILINE)


@pytest.mark.parametrize("start", ["import twin", "import twin.cli.main", "import twin.api"])
def test_starting_imports_no_engine(start: str):
    script = f"{start}; import sys; sys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert not set(ENGINES) & set(loaded.stdout.split())


def test_public_names():
    assert sorted(twin.__all__) == [
        "Asked",
        "BottleneckView",
        "Case",
        "CompareResult",
        "InputError",
        "KitsView",
        "PlanView",
        "PromiseView",
        "RunError",
        "RunResult",
        "ScheduleView",
        "ShowResult",
        "StudyResult",
        "__version__",
        "bottleneck",
        "compare",
        "kits",
        "load",
        "load_study",
        "make_plan",
        "make_schedule",
        "promise",
        "run",
        "run_study",
        "show",
        "write_report",
    ]


def test_public_names_are_there_and_known_to_type_checkers():
    for name in twin.__all__:
        assert getattr(twin, name) is not None
    typed = {
        alias.asname or alias.name
        for node in ast.walk(tree(PROJECT / "twin" / "__init__.py"))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("twin.")
        for alias in node.names
    }
    assert typed == set(twin.__all__) - {"__version__"}


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'fly'"):
        _ = twin.fly


def test_no_supplier_or_place_of_the_reference_world_stands_in_the_code():
    with (PROJECT / "scenarios" / "worlds" / "nvl72" / "sites.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["site"] for row in rows} | {row["operator"] for row in rows if row["operator"][0].isupper()}
    assert len(names) > 60
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    found = {f"{short(path)}: {name}" for path in SOURCES for name in named.findall(path.read_text(encoding="utf-8"))}
    assert not found
