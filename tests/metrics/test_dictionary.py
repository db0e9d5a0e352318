"""The dictionary: complete, printed, and in step with what computes."""

from pathlib import Path

from log_builder import Story, facts

from twin.events.part import Part
from twin.metrics.dictionary import KPIS, LOG_KPIS, PAIR_KPIS, compute_kpis, kpi_of, printed
from twin.resilience.summary import AMOUNTS, TIMES

BY_STRESS_PROGRAMME = {"time_to_survive_days", "performance_impact_racks"}


def test_the_page_is_printed_from_the_dictionary() -> None:
    page = Path(__file__).parents[2] / "docs" / "kpis.md"
    assert page.read_text(encoding="utf-8") == printed(), "print it anew: see twin.metrics.dictionary.printed"


def test_names_are_unique_and_every_row_is_filled() -> None:
    assert len(KPIS) == len(LOG_KPIS) + len(PAIR_KPIS)
    for kpi in KPIS.values():
        assert kpi.title
        assert kpi.symbol
        assert kpi.unit
        assert kpi.formula
        assert kpi.source
        assert "|" not in kpi.formula


def test_every_kpi_of_a_log_has_a_function_and_every_other_one_in_resilience() -> None:
    assert all(kpi.of is not None for kpi in LOG_KPIS)
    assert {kpi.name for kpi in PAIR_KPIS} - BY_STRESS_PROGRAMME == {*TIMES, *AMOUNTS}


def test_every_result_has_a_row() -> None:
    story = Story()
    story.tell(9, "seized", "resource:f/bays", quantity=1, since_s=0, value=2)
    found = compute_kpis(story.log(), facts())
    assert {"utilisation:f/bays", "racks_accepted"} <= set(found)
    assert all(kpi_of(name).name == name.partition(":")[0] for name in found)


def test_records_of_results_stay_frozen() -> None:
    assert Part.model_config["frozen"]
