"""The real command line in processes of its own: nothing faked, answers and exit codes as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from worlds import chain_world

from twin.model.write import write_world_csv

PLACED = (
    "latent-defects",
    "assemble-on-site",
    "assemble-upstream",
    "assemble-rows",
    "shift-in-a-year",
    "regional-hub",
    "ship-wet",
    "test-depth-24",
    "test-depth-96",
)
STRUCK = ("hbm-outage", "cowos-quake", "integrator-power")
CALM_SHIPPED = ("baseline", "rubin-ramp", "pods-200", "pods-public", *PLACED)
SHIPPED = (*STRUCK, *CALM_SHIPPED)

CALM = """\
name: calm
title: A chain without trouble
world: ./world
seed: 1
replications: 3
budgets: {schedule_deterministic_seconds: 0.05, schedule_dispatch_trials: 1, on_time_replays: 12}
"""

FIRE = """\
name: fire
title: Fire at a packager
extends: calm.yaml
disruptions:
  - name: fire
    at: {site: pack_a}
    kind: outage
    starts: 2026-02-02
    known_after_days: 1
    lasts_weeks: 3
"""

BAD = """\
name: bad
world: ./world
replications: none at all
"""


def environment() -> dict[str, str]:
    """With the project on the path, wherever it lies."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "COLUMNS": "100"}


def twin(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`twin ARGUMENTS` run in a folder, as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "twin", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def answer_of(folder: Path, *arguments: str) -> dict[str, Any]:
    """The one JSON object that a command prints; anything beside it on standard output fails."""
    done = twin(folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert isinstance(found, dict)
    assert found["schema_version"] == 1
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world and three scenarios, one of them bad."""
    folder = tmp_path_factory.mktemp("project")
    write_world_csv(chain_world(), folder / "world")
    for name, text in (("calm", CALM), ("fire", FIRE), ("bad", BAD)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ran(project: Path) -> dict[str, Any]:
    """The disrupted scenario, run twice under luck of its own, with a page."""
    return answer_of(
        project, "run", "fire.yaml", "--replications", "2", "--workers", "1", "--report", "page.html", "--quiet"
    )


def test_shipped_scenarios_have_no_problem(tmp_path: Path) -> None:
    found = answer_of(tmp_path, "check", *SHIPPED)
    assert found["ok"]
    assert [each["scenario"] for each in found["scenarios"]] == list(SHIPPED)


@pytest.mark.parametrize("scenario", SHIPPED)
def test_shipped_worlds_are_shown(tmp_path: Path, scenario: str) -> None:
    found = answer_of(tmp_path, "show", scenario)
    assert found["scenario"] == scenario
    assert found["infeasible"] == []
    assert found["network"]["sites"]
    assert bool(found["disruptions"]) == (scenario not in CALM_SHIPPED)
    assert all(one["hits"] != "nothing" for one in found["disruptions"])


def test_own_scenarios_are_checked(project: Path) -> None:
    done = twin(project, "check", "calm.yaml", "fire.yaml")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr


def test_the_plan_meets_what_is_due(project: Path) -> None:
    found = answer_of(project, "plan", "calm.yaml", "--quiet")
    assert found["plan"]["status"] == "optimal"
    assert sum(found["plan"]["due"]) >= 24
    assert sum(found["plan"]["accepted"]) == pytest.approx(sum(found["plan"]["due"]), rel=1e-6)
    # A plan alone knows no luck, so it says nothing of chances.
    assert found["customers"]
    assert all(row["p80_racks"] is None and row["gap_racks"] is None for row in found["customers"])


def test_a_run_says_what_is_sure(ran: dict[str, Any]) -> None:
    for row in ran["customers"]:
        assert row["gap_racks"] == pytest.approx(row["committed_racks"] - row["p80_racks"])


def test_kits_are_listed_week_by_week(project: Path) -> None:
    rows = answer_of(project, "kits", "calm.yaml", "--quiet")["kits"]
    assert {row["site"] for row in rows} == {"integrator"}
    assert all(row["full_kits"] >= 0 for row in rows)
    assert len({row["week"] for row in rows}) == len(rows)


def test_the_schedule_is_proven(project: Path) -> None:
    found = answer_of(project, "schedule", "calm.yaml", "--quiet")
    assert {row["site"] for row in found["schedules"]} <= {"integrator", "campus"}
    assert found["schedules"]
    for row in found["schedules"]:
        assert row["makespan_bound_h"] <= row["makespan_h"] + 1e-6
        assert row["tardiness_bound_h"] <= row["tardiness_h"] + 1e-6
    assert all(bar["start"] <= bar["end"] for bar in found["gantt"])


def test_a_run_is_answered_saved_and_drawn(project: Path, ran: dict[str, Any]) -> None:
    assert (ran["scenario"], ran["replications"]) == ("fire", 2)
    assert ran["verdict"].startswith("Fire at a packager: ")
    assert ran["resilience"]
    folder = project / ran["run"]
    assert json.loads((folder / "result.json").read_text()) == ran
    assert ran["manifest"]["command"] == "twin run fire.yaml --replications 2"
    page = (project / "page.html").read_text(encoding="utf-8")
    assert "Fire at a packager" in page
    assert "<script src=" not in page


def test_runs_are_listed_and_told_again(project: Path, ran: dict[str, Any]) -> None:
    name = Path(ran["run"]).name
    listed = answer_of(project, "runs")["runs"]
    assert name in [Path(run["run"]).name for run in listed]
    (page,) = answer_of(project, "report", name)["pages"]
    assert "Fire at a packager" in (project / page).read_text(encoding="utf-8")


def test_scenarios_are_compared(project: Path) -> None:
    found = answer_of(
        project, "compare", "calm.yaml", "fire.yaml", "--replications", "2", "--workers", "1", "--quiet"
    )  # fmt: skip
    assert [result["scenario"] for result in found["results"]] == ["calm", "fire"]
    again = "twin compare calm.yaml fire.yaml --replications 2"
    assert {result["manifest"]["command"] for result in found["results"]} == {again}
    (moved,) = found["moved"]
    assert (moved["first"], moved["second"]) == ("calm", "fire")
    assert moved["operations"]["processes"]
    # A new plan may build ahead, so that no rack is lost; orders are late all the same.
    assert found["paired"][0]["on_time_in_full"]["value"] < 0


def test_bad_input_is_placed(project: Path) -> None:
    done = twin(project, "run", "bad.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "bad.yaml:3:15" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_scenario_is_bad_input(tmp_path: Path) -> None:
    done = twin(tmp_path, "check", "no-such-scenario")
    assert done.returncode == 2
    assert "no-such-scenario" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("condition", "code"), [("racks_accepted<1000", 4), ("racks_accepted<1", 0)])
def test_a_threshold_decides_the_exit_code(project: Path, condition: str, code: int) -> None:
    done = twin(project, "run", "calm.yaml", "-n", "1", "--workers", "1", "--quiet", "--fail-if", condition)
    assert done.returncode == code, done.stderr
    assert ("--fail-if: racks_accepted" in done.stderr) == (code == 4)


@pytest.mark.parametrize(("workers", "how"), [("1", "SIGINT"), ("2", "SIGINT"), ("2", "SIGTERM")])
def test_an_interrupted_run_says_so_in_one_line_and_leaves_nothing(
    project: Path, tmp_path: Path, workers: str, how: str
) -> None:
    """Ctrl-C reaches every process of the terminal's group, so it is sent to all of them; `kill` names one."""
    asked = ["run", "calm.yaml", "-n", "5000", "--workers", workers, "--out", str(tmp_path / "runs")]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "twin", *asked],
        cwd=project,
        env={**environment(), "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stderr is not None
    said = ""
    while said.count("replications: ") < 2:
        line = running.stderr.readline()
        assert line, f"ended by itself: {said}"
        said += line
    assert list(scratch.glob("twin-*"))
    if how == "SIGINT":
        os.killpg(running.pid, signal.SIGINT)
    else:
        os.kill(running.pid, signal.SIGTERM)
    out, rest = running.communicate(timeout=60)
    assert running.returncode == 130, said + rest
    assert out == ""
    assert rest.splitlines()[-1] == "interrupted: what was not finished is not saved"
    assert not any(word in said + rest for word in ("Traceback", "Warning", "KeyError"))
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["day-one"]
    assert not list(scratch.glob("twin-*"))


@pytest.mark.skipif(shutil.which("ps") is None, reason="no ps here to find the worker with")
def test_a_killed_worker_is_one_line(project: Path, tmp_path: Path) -> None:
    """The operating system kills a process that takes too much memory; nothing of the pool's own story is told."""
    asked = ["run", "calm.yaml", "-n", "5000", "--workers", "2", "--out", str(tmp_path / "runs")]
    running = subprocess.Popen(
        [sys.executable, "-m", "twin", *asked],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    said = ""
    while said.count("replications: ") < 2:
        line = running.stderr.readline()
        assert line, f"ended by itself: {said}"
        said += line
    os.kill(_workers_of(running.pid)[0], signal.SIGKILL)
    out, rest = running.communicate(timeout=60)
    assert (running.returncode, out) == (1, ""), said + rest
    assert [line for line in rest.splitlines() if not line.startswith("replications: ")] == [
        "failed: a worker process was killed, perhaps because memory ran out; try again with --workers 1"
    ]


def _workers_of(parent: int) -> list[int]:
    """Processes of a pool, below the one that set it up."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(pid) for pid, above, words in rows if above == str(parent) and "popen_loky" in words]


@pytest.mark.parametrize("named", ["mine", "./mine", "mine/"])
def test_a_folder_in_place_of_a_scenario_names_its_files(tmp_path: Path, named: str) -> None:
    (tmp_path / "mine").mkdir()
    for name in ("calm", "fire"):
        (tmp_path / "mine" / f"{name}.yaml").write_text("", encoding="utf-8")
    done = twin(tmp_path, "run", named)
    assert done.returncode == 2
    assert "this is a folder, and a scenario is a file" in done.stderr
    assert "name a file in it: mine/calm.yaml, mine/fire.yaml" in done.stderr


def test_no_name_at_all_is_no_scenario(tmp_path: Path) -> None:
    done = twin(tmp_path, "check", "")
    assert (done.returncode, done.stdout) == (2, "")
    assert "a scenario needs a name" in done.stderr


def test_a_file_beside_is_not_taken_for_a_shipped_one(project: Path) -> None:
    done = twin(project, "check", "calm")
    assert done.returncode == 2
    assert "such as ./calm.yaml" in done.stderr


def test_a_misspelt_file_has_a_neighbour(project: Path) -> None:
    assert "did you mean './calm.yaml'?" in twin(project, "check", "./clam.yaml").stderr


def test_a_scenario_is_not_compared_with_itself(project: Path) -> None:
    done = twin(project, "compare", "calm.yaml", "./calm.yaml")
    assert done.returncode == 2
    assert "name scenarios that differ" in " ".join(line.strip("│ ") for line in done.stderr.splitlines())
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (("world/resources.csv", ",2,", ",1e308,"), "resources.csv:2:16: capacity must be 1,000,000,000,000 or less"),
        (("world/orders.csv", "2026-01-11", "2062-01-11"), "requested must not lie more than 1,040 weeks after"),
        (("fire.yaml", "lasts_weeks: 3", "lasts_weeks: 1e300"), "fire.yaml:10:18: lasts_weeks must be 520 or less"),
        (("fire.yaml", "    kind", "\tkind"), "fire.yaml:7:1: lines are indented by blanks, and this one has a tab"),
    ],
)
def test_numbers_beyond_all_sense_are_problems_of_check(
    project: Path, tmp_path: Path, edit: tuple[str, str, str], rule: str
) -> None:
    copied = shutil.copytree(project, tmp_path / "copy", ignore=shutil.ignore_patterns("runs"))
    file = copied / edit[0]
    text = file.read_text(encoding="utf-8-sig")
    assert edit[1] in text
    file.write_text(text.replace(edit[1], edit[2], 1), encoding="utf-8")
    done = twin(copied, "check", "fire.yaml")
    assert done.returncode == 2, done.stdout
    assert rule in done.stderr
    assert "Traceback" not in done.stderr


def test_runs_are_deleted_all_or_none(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in ("calm-1", "fire-2"):
        (runs / name).mkdir(parents=True)
        for part in ("result.json", "manifest.json"):
            (runs / name / part).write_text("{}", encoding="utf-8")
    refused = twin(tmp_path, "runs", "delete", "calm-1", "nosuch", "other")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "'nosuch', 'other'" in refused.stderr
    assert sorted(each.name for each in runs.iterdir()) == ["calm-1", "fire-2"]
    done = twin(tmp_path, "runs", "delete", "calm-1", "calm-1")
    assert done.returncode == 0, done.stderr
    assert [each.name for each in runs.iterdir()] == ["fire-2"]
