"""What commands ask of the library, and what they answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_run_passes_its_options_on(library, command, tmp_path: Path):
    page = tmp_path / "page.html"
    out = tmp_path / "kept"
    command(
        "run", "small", "-n", "12", "--seed", "7", "--workers", "2", "--out", str(out), "--report", str(page), "--quiet"
    )
    asked = library.called("run")
    assert (asked["replications"], asked["seed"], asked["workers"], asked["out"]) == (12, 7, 2, out)
    assert library.called("report")["path"] == page
    assert library.called("report")["result"].scenario == "small"


def test_the_command_kept_is_the_one_that_gives_the_same_answer(library, command):
    command("run", "my scenario.yaml", "--workers", "2", "--seed", "7", "--quiet")
    assert library.called("run")["command"] == "twin run 'my scenario.yaml' --seed 7"


def test_run_says_the_verdict_and_where_things_are_last(library, command):
    lines = command("run", "small", "--report", "reports/small.html").out.splitlines()
    assert lines[-4] == "2,000 racks are accepted."
    assert lines[-2:] == ["run: runs/small-12345678", "page: reports/small.html"]


def test_a_disrupted_run_stands_beside_its_baseline(library, command):
    out = command("run", "fire").out
    row = next(line for line in out.splitlines() if line.startswith("Racks accepted")).split()
    assert row[2:5] == ["2,100", "2,000", "-100"]
    assert "By hand: lost weeks x share = 95 racks; simulated 100, 5 % apart." in out
    assert "Supply recovery" in out


def test_compare_shows_each_against_the_first(library, command):
    out = command("compare", "small", "fire", "flood").out
    assert "fire against small" in out
    assert "flood against small" in out
    assert "Best on racks_accepted, not ruled out at 95 %: small." in out


def test_plan_shows_weeks_customers_and_limits(library, command):
    out = command("plan", "small").out
    assert out.splitlines()[0].startswith("small: 2,000 racks are accepted and 2,100 due before 2026-01-19 (optimal)")
    week = next(line for line in out.splitlines() if line.startswith("2026-01-05")).split()
    assert week == ["2026-01-05", "1,000", "900", "100"]
    for letter in "abcdefg":
        assert f"customer {letter}" in out
    assert "packaging line" in out


def test_kits_say_what_is_short(library, command):
    out = command("kits", "small").out
    assert out.splitlines()[0] == "small: 7 of 10 planned racks have full kits."
    assert "tray" in out


def test_schedule_draws_each_rack(library, command):
    lines = command("schedule", "small").out.splitlines()
    racks = [line for line in lines if line.startswith("order-1 #")]
    # 12 hours of assembly and 48 of burn-in, at six hours a character.
    assert [line.split()[-1] for line in racks] == ["AABBBBBBBB", "AABBBBBBBB"]


def test_show_names_single_points_and_concentration(library, command):
    out = command("show", "small").out
    assert "Single points of failure: 1" in out
    assert "package at island" in out
    assert "10,000" in out


@pytest.mark.parametrize("name", ["show", "plan", "kits", "schedule"])
def test_out_saves_the_same_object(library, command, tmp_path: Path, name: str):
    path = tmp_path / "deep" / "answer.json"
    printed = command(name, "small", "--json", "--out", str(path)).out
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(printed)


def test_a_file_that_cannot_be_written_fails_the_run(library, command, tmp_path: Path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    ended = command("plan", "small", "--out", str(tmp_path / "file" / "answer.json"))
    assert ended.code == 1
    assert "cannot be written" in ended.err


def test_report_takes_a_name_or_a_folder(library, command, tmp_path: Path):
    folder = tmp_path / "elsewhere" / "fire-1"
    folder.mkdir(parents=True)
    ended = command("report", "small-12345678", str(folder), "--out", str(tmp_path))
    asked = [given for name, given in library.calls if name == "report"]
    assert [given["result"] for given in asked] == [Path("runs/small-12345678"), folder]
    assert ended.out.split() == [str(tmp_path / "small-12345678.html"), str(tmp_path / "fire-1.html")]


def test_runs_are_listed_and_deleted_by_name(library, command, tmp_path: Path):
    assert "baseline-12345678" in command("runs", "--out", str(tmp_path)).out
    assert library.called("runs")["root"] == tmp_path
    command("runs", "delete", "one", "two", "--out", str(tmp_path))
    assert [given["name"] for name, given in library.calls if name == "delete_run"] == ["one", "two"]


def test_new_copies_what_is_shipped(command, tmp_path: Path, project_folder: Path):
    ended = command("new", str(tmp_path / "mine"))
    assert ended.code == 0
    copied = {path.relative_to(tmp_path / "mine") for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    scenarios = project_folder / "scenarios"
    assert copied == {path.relative_to(scenarios) for path in scenarios.rglob("*") if path.is_file()}
    assert Path("baseline.yaml") in copied


def test_new_leaves_what_is_there_alone(command, tmp_path: Path):
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    ended = command("new", str(tmp_path))
    assert ended.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_hand_check_that_does_not_fit_is_told_without_a_percentage():
    from cli.conftest import run_result

    from twin.cli.tables_run import _hand_check

    check = run_result("fire", 2000.0, disrupted=True).hand_check.model_copy(
        update={"by_hand_racks": 0.0, "difference_fraction": None}
    )
    assert "no shortage is expected" in _hand_check(check, 1)
    assert "%" not in _hand_check(check, 1)
