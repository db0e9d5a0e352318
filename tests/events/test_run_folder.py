"""Saved runs: complete or not there, the same bytes for the same log."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest
from report.sample_late import sample_late

from twin.events import log_file, run_folder
from twin.events.canonical import before, canonical, log_digest
from twin.events.record import EVENTS, Log
from twin.events.result import Manifest, Measure, NetworkPicture, PlanSummary, RunResult
from twin.events.writer import LogWriter
from twin.model.problems import InputError, RunError
from twin.model.scenario import Case, Scenario

NAN = math.nan
SHIPPED, ACCEPTED = EVENTS.index("shipped"), EVENTS.index("accepted")


def sample_log(names: tuple[str, ...] = (), last_quantity: float = 1.0) -> Log:
    """Four rows; `names` are met first, so that positions differ."""
    writer = LogWriter(1000, 600)
    for name in names:
        writer.place(name)
        writer.order(name)
    lane, site = writer.place("lane:a-b"), writer.place('site:o\'b "é"')
    rack, order = writer.item("rack"), writer.order("o1")
    writer.row(5, SHIPPED, lane, rack, order, 0, 17, -1, 1, 2.5, NAN, NAN)
    writer.row(9, ACCEPTED, site, rack, order, 0, -1, -1, 1, 0.0, 7, -3)
    writer.row(9, EVENTS.index("planned"), -1, -1, -1, -1, -1, -1, 0, 0, NAN, NAN)
    writer.row(11, ACCEPTED, site, rack, order, 1, -1, -1, last_quantity, 0.1 + 0.2, 7, NAN)
    return writer.close()


def sample_result(run: str = "r", created: str = "2026-01-01T00:00:00Z") -> RunResult:
    manifest = Manifest(
        run=run, command="twin run s", created=created, versions={}, platform="p",
        scenario_hash="a", world_hash="b", seed=1, replications=2, seconds={"simulate": 1.5},
    )  # fmt: skip
    plan = PlanSummary(
        status="optimal",
        columns=1,
        rows=1,
        time=[],
        accepted=[],
        accepted_by_customer={},
        due=[],
        report_end="",
        bindings=[],
    )
    network = NetworkPicture(sites=[], lanes=[], single_points=[], concentration=[])
    return RunResult(
        scenario="s", title="", world="w", world_title="", seed=1, replications=2, run=run, starts="2026-01-01",
        report_weeks=1, tail_weeks=0, verdict="v", kpis={"racks": Measure(value=1 / 3, unit="racks")}, series={},
        plan=plan, network=network, manifest=manifest,
    )  # fmt: skip


def sample_case(seed: int = 1, world_hash: str = "w") -> Case:
    return Case.model_construct(
        scenario=Scenario(name="hbm-outage", world="x", seed=seed), scenario_hash="s", world_hash=world_hash
    )


def test_a_log_comes_back_from_its_file(tmp_path: Path) -> None:
    log = sample_log()
    log_file.write_log(tmp_path / "log.parquet", log)
    back = log_file.read_log(tmp_path / "log.parquet")
    assert (back.horizon_s, back.report_s) == (1000, 600)
    assert (back.places, back.items, back.orders) == (log.places, log.items, log.orders)
    np.testing.assert_array_equal(back.rows, log.rows)
    assert log_digest(back) == log_digest(log)


def test_an_empty_log_comes_back(tmp_path: Path) -> None:
    log_file.write_log(tmp_path / "log.parquet", LogWriter(3, 2).close())
    assert log_file.read_log(tmp_path / "log.parquet").rows.shape == (0, 12)


def test_equal_logs_give_equal_bytes_whatever_the_order_of_names(tmp_path: Path) -> None:
    one, two = sample_log(), sample_log(names=("zebra", "lane:z", "aa"))
    assert one.places != two.places
    for name, log in (("one", one), ("two", two)):
        log_file.write_log(tmp_path / name, log)
    digests = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one", "two")]
    assert digests[0] == digests[1]
    assert log_digest(one) == log_digest(two)


def test_another_number_or_name_gives_another_digest() -> None:
    assert log_digest(sample_log()) != log_digest(sample_log(last_quantity=2.0))
    log = sample_log()
    renamed = Log(
        rows=log.rows, places=log.places, items=("tray",), orders=log.orders,
        horizon_s=log.horizon_s, report_s=log.report_s,
    )  # fmt: skip
    assert log_digest(log) != log_digest(renamed)


def test_canonical_has_one_zero_and_one_blank() -> None:
    log = sample_log()
    odd = log.rows.copy()
    odd[0, 9] *= 1
    odd[1, 9] = -0.0
    odd[0, 11] = -np.nan
    other = Log(rows=odd, places=log.places, items=log.items, orders=log.orders, horizon_s=1000, report_s=600)
    assert canonical(other).rows.tobytes() == canonical(log).rows.tobytes()


def test_before_keeps_the_rows_earlier_than_the_moment() -> None:
    assert before(sample_log(), 9).column("time_s").tolist() == [5]
    assert log_digest(before(sample_log(), 11)) == log_digest(before(sample_log(last_quantity=9), 11))


def test_the_folder_is_named_by_content(tmp_path: Path) -> None:
    folder = run_folder.new_run(tmp_path / "runs", sample_case())
    assert folder.name.startswith("hbm-outage-")
    assert len(folder.name) == len("hbm-outage-") + 8
    assert folder == run_folder.new_run(tmp_path / "runs", sample_case())
    assert folder != run_folder.new_run(tmp_path / "runs", sample_case(seed=2))
    assert folder != run_folder.new_run(tmp_path / "runs", sample_case(world_hash="v"))
    assert not folder.exists()


def test_a_run_comes_back_with_its_log(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "s-1"
    run_folder.save_run(folder, sample_result(), run_folder.Kept(log=sample_log()))
    assert run_folder.load_run(folder) == sample_result()
    assert run_folder.load_manifest(folder) == sample_result().manifest
    assert log_digest(run_folder.load_log(folder)) == log_digest(sample_log())
    assert run_folder.list_runs(tmp_path / "runs") == (folder,)
    assert [entry.name for entry in (tmp_path / "runs").iterdir()] == ["s-1"]


def test_saving_again_replaces_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "s-1"
    run_folder.save_run(folder, sample_result(), run_folder.Kept(log=sample_log()))
    run_folder.save_run(folder, sample_result(created="2026-02-02T00:00:00Z"))
    assert run_folder.load_run(folder).manifest.created.startswith("2026-02-02")
    with pytest.raises(RunError, match="keeps no log"):
        run_folder.load_log(folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["s-1"]


def test_a_run_that_dies_half_way_is_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(path: Path, log: Log) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(run_folder, "write_log", killed)
    with pytest.raises(KeyboardInterrupt):
        run_folder.save_run(tmp_path / "s-1", sample_result(), run_folder.Kept(log=sample_log()))
    assert run_folder.list_runs(tmp_path) == ()
    draft = tmp_path / ".s-1-abc"
    draft.mkdir()
    (draft / "result.json").write_text("{}")
    (draft / "manifest.json").write_text("{}")
    assert run_folder.list_runs(tmp_path) == ()


def test_what_is_no_run_is_refused_in_words(tmp_path: Path) -> None:
    assert run_folder.list_runs(tmp_path / "nowhere") == ()
    with pytest.raises(InputError, match="no run is saved here"):
        run_folder.load_run(tmp_path)
    (tmp_path / "log.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match="no log of this program, or not all of it"):
        run_folder.load_log(tmp_path)


def test_a_name_near_that_of_a_run_is_told(tmp_path: Path) -> None:
    run_folder.save_run(tmp_path / "hbm-outage-12345678", sample_result())
    with pytest.raises(InputError, match="did you mean 'hbm-outage-12345678'"):
        run_folder.load_run(tmp_path / "hbm-outage-12345679")


@pytest.mark.parametrize("name", [run_folder.RESULT, run_folder.MANIFEST, run_folder.LATE])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "this file of the run is missing"),
        (b"", ":1:1: this file of the run is no complete JSON"),
        (b'{\n "orders_due": 3,\n "or', ":3:2: this file of the run is no complete JSON"),
        (b'{"a": 1}', "not as this version writes it: [a-z_]+: field required, and [0-9]+ more"),
        (b"\xff\xfe\x00", "this file of the run is no text"),
    ],
)
def test_a_damaged_file_is_told_with_its_fault_and_the_way_to_mend_it(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    folder, late = tmp_path / "s-1", sample_late()
    result = sample_result().model_copy(update={"late": late})
    run_folder.save_run(folder, result, run_folder.Kept(log=sample_log(), late=late))
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    load = {run_folder.RESULT: run_folder.load_run, run_folder.MANIFEST: run_folder.load_manifest}
    with pytest.raises(InputError, match=said) as refused:
        load.get(name, run_folder.load_late)(folder)
    (problem,) = refused.value.problems
    assert problem.file == str(folder / name)
    assert problem.remedy == (
        "run the scenario again, which saves the run in the place of this one"
        if name == run_folder.MANIFEST
        else "save the run again: twin run s"
    )


def test_damaged_runs_do_not_hide_the_others(tmp_path: Path) -> None:
    for name in ("s-1", "s-2"):
        run_folder.save_run(tmp_path / name, sample_result(run=name))
    (tmp_path / "s-1" / run_folder.MANIFEST).write_text("{")
    manifests, problems = run_folder.read_manifests(tmp_path)
    assert [each.run for each in manifests] == ["s-2"]
    assert [problem.file for problem in problems] == [str(tmp_path / "s-1" / run_folder.MANIFEST)]


def test_a_place_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be saved"):
        run_folder.save_run(tmp_path / "file" / "s-1", sample_result())
