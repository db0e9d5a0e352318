"""`twin why`: a late order's chain, the causes over all, and what is said of other names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from report.sample_late import sample_late
from report.sample_result import sample_result

from twin.cli.main import main
from twin.events.run_folder import LATE, MANIFEST, RESULT


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A saved run of made-up numbers, told as to a file: no line is folded."""
    monkeypatch.delenv("COLUMNS", raising=False)
    folder, result = tmp_path / "some-run", sample_result()
    folder.mkdir()
    late = sample_late().model_copy(update={"in_time": ["ORDER-77"]})
    (folder / LATE).write_text(late.model_dump_json())
    (folder / RESULT).write_text(result.model_dump_json())
    (folder / MANIFEST).write_text(result.manifest.model_dump_json())
    return folder


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["why", *map(str, words)])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_the_links_of_an_order_and_their_sum(run: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = call(capsys, run, "ORDER-01")
    assert code == 0
    assert out.startswith("ORDER-01: 67.5 days late")
    shown = [float(line.split()[0]) for line in out.splitlines() if line.lstrip().startswith(("+", "-"))]
    assert shown[-1] == pytest.approx(sum(shown[:-1]))
    assert "switch-tray-l10 could not start" in out


def test_json_holds_the_order_its_delay_and_its_links(run: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = call(capsys, run, "ORDER-01", "--json")
    told = json.loads(out)
    assert (code, told["order"], told["run"], told["schema_version"]) == (0, "ORDER-01", "some-run", 1)
    assert sum(link["days"] for link in told["links"]) == pytest.approx(told["delay_days"])
    assert {"days", "what", "where", "because"} <= set(told["links"][0])


def test_without_an_order_the_causes_are_ranked(run: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = call(capsys, run)
    assert code == 0
    assert out.index("a new plan promised it later") < out.index("waited for part_1") < out.index("waited for part_3")
    assert "twin why some-run ORDER-00" in out
    _, text, _ = call(capsys, run, "--json")
    assert len(json.loads(text)["orders"]) == 4


def test_an_order_in_time_is_called_so(run: Path, capsys: pytest.CaptureFixture[str]):
    code, out, err = call(capsys, run, "ORDER-77")
    assert (code, out) == (1, "")
    assert "ORDER-77 is not late" in err


def test_an_unknown_order_is_refused_with_the_nearest_name(run: Path, capsys: pytest.CaptureFixture[str]):
    code, out, err = call(capsys, run, "ORDR-02")
    assert (code, out) == (2, "")
    assert "ORDER-02" in err
    _, _, err = call(capsys, run, "xyz")
    assert "got 'xyz' — `twin why some-run` names those that are late" in err


def test_a_run_that_does_not_say_is_refused(run: Path, capsys: pytest.CaptureFixture[str]):
    (run / LATE).unlink()
    (run / RESULT).write_text(sample_result().model_copy(update={"late": None}).model_dump_json())
    code, _, err = call(capsys, run, "ORDER-01")
    assert code == 1
    assert "does not say why orders are late" in err


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, _, err = call(capsys, tmp_path, "ORDER-01")
    assert code == 2
    assert "no run is saved here" in err


def test_a_damaged_run_is_refused_without_a_word_of_the_program_s_own(run: Path, capsys: pytest.CaptureFixture[str]):
    (run / LATE).write_text((run / LATE).read_text()[:200])
    code, out, err = call(capsys, run)
    assert (code, out) == (2, "")
    assert f"{run / LATE}:1:" in err
    assert "it was cut short or changed — save the run again: twin" in err
    assert "pydantic" not in err


def test_runs_that_can_be_read_are_listed_beside_damaged_ones(run: Path, capsys: pytest.CaptureFixture[str]):
    shutil.copytree(run, run.with_name("torn"))
    (run.with_name("torn") / MANIFEST).write_text("{")
    with pytest.raises(SystemExit) as ended:
        main(["runs", "--out", str(run.parent)])
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert len(out.splitlines()) == 2
    assert "torn" in err
