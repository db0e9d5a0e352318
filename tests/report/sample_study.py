"""A made-up study, as full as one can be: two configurations, two situations, a crossing, a doubt."""

from __future__ import annotations

from report.sample_result import assumptions

from twin.events.provenance_parts import WorldChange
from twin.events.result import Manifest, Measure, RecoveryMeasure
from twin.events.study_result import (
    ConfigurationTold,
    CrossingPoint,
    CrossingTold,
    DoubtTold,
    SituationTold,
    StudyCell,
    StudyResult,
    SweptValue,
)

NAMES, SITUATIONS = ("on-site", "factory"), ("calm", "site-late")
UNITS = {
    "racks_online": "racks",
    "backlog_end_racks": "racks",
    "time_to_token_days": "d",
    "capital_days_usd_per_rack": "USD·d/rack",
    "capital_days_usd_per_rack_by_owner:Acme": "USD·d/rack",
    "capital_days_usd_per_rack_by_owner:Rack Makers": "USD·d/rack",
    "time_to_token_stage_days:freight": "d",
    "time_to_token_stage_days:site work": "d",
    "step_hours_per_rack:factory/test": "h/rack",
    "step_hours_per_rack:site/rack": "h/rack",
    "defects_found:burn-in": "1/rack",
    "test_peak_kw:plant/power": "kW",
    "test_mean_kw:plant/power": "kW",
    "freight_usd_per_rack": "USD/rack",
}
AT_BASE = (900.0, 120.0, 60.0, 60e6, 20e6, 40e6, 3.0, 8.0, 30.0, 60.0, 0.2, 4000.0, 2500.0, 3000.0)
"""Of the base while nothing happens, in the order of `UNITS`."""


def measure(value: float, unit: str, half: float) -> Measure:
    return Measure(value=value, low=value - half, high=value + half, unit=unit)


def measures(values: tuple[float, ...], spread: float = 0.02) -> dict[str, Measure]:
    return {
        name: measure(value, unit, abs(value) * spread)
        for (name, unit), value in zip(UNITS.items(), values, strict=True)
    }


def cell(configuration: str, situation: str) -> StudyCell:
    """The factory brings a ninth more racks, six days sooner, for five per cent more capital; late sites cost both."""
    upstream, late = configuration == "factory", situation == "site-late"
    step = (100.0, -100.0, -6.0, 3e6, 1e6, 2e6, 0.5, -4.0, 20.0, -36.0, 0.1, 900.0, 700.0, 400.0)
    hit = (-30.0 if upstream else -80.0, 30.0 if upstream else 80.0, *(1.0,) * 12)
    values = tuple(a + b * upstream + c * late for a, b, c in zip(AT_BASE, step, hit, strict=True))
    lost = RecoveryMeasure(
        median=20.0, p90=30.0, not_reached=0.0, mean=30.0 if upstream else 80.0, low=25.0, high=85.0, unit="racks"
    )
    return StudyCell(
        configuration=configuration,
        situation=situation,
        kpis=measures(values),
        against_base=measures(step, 0.1) if upstream else {},
        against_calm=measures(hit, 0.1) if late else {},
        loss=dict.fromkeys(("lost_in_report_racks", "loss_area_days", "service_recovery_days"), lost) if late else {},
    )  # fmt: skip


def sample_study() -> StudyResult:
    """Racks on the floor or in the factory."""
    told, sources = assumptions()
    values = [
        SweptValue(
            value=crews,
            first=measure(first, "racks", 5.0),
            second=measure(1000.0, "racks", 5.0),
            difference=measure(1000.0 - first, "racks", 4.0),
        )
        for crews, first in ((1.0, 900.0), (2.0, 1100.0))
    ]
    step = measure(100.0, "racks", 10.0)
    return StudyResult(
        study="assembly",
        title="Where are racks assembled?",
        world="small",
        world_title="A small world",
        seed=1,
        replications=5,
        run="runs/studies/assembly-12345678",
        starts="2026-01-05",
        report_weeks=26,
        tail_weeks=8,
        verdict="Factory brings 100 racks more online.",
        headline="Factory brings 100 racks more online than on-site",
        base="on-site",
        calm="calm",
        configurations=[
            ConfigurationTold(
                name=name,
                title=f"Racks are assembled {name}",
                changes=[WorldChange(by="changes", table="levels", where="", change="level L10")],
                gates=["crew at campus", "tray at plant"],
            )
            for name in NAMES
        ],
        situations=[SituationTold(name=name, title=f"It is {name}") for name in SITUATIONS],
        cells=[cell(name, situation) for name in NAMES for situation in SITUATIONS],
        crossings=[
            CrossingTold(
                name="crews",
                title="installation crews",
                unit="",
                scaled=True,
                now=80.0,
                first="on-site",
                second="factory",
                situation="calm",
                measure="racks_online",
                values=values,
                points=[CrossingPoint(turn="flips", value=1.5, low=1.4, high=1.6, before="factory", after="on-site")],
            )
        ],
        doubts=[
            DoubtTold(
                estimate="hours of a crew",
                low=20.0,
                high=40.0,
                first="on-site",
                second="factory",
                measure="racks_online",
                as_used=step,
                at_low=measure(2.0, "racks", 10.0),
                at_high=step,
                holds=False,
                source="guess",
            )
        ],
        assumptions=told,
        sources=sources,
        warnings=["something deserves a look"],
        manifest=Manifest(
            run="runs/studies/assembly-12345678",
            command="twin study ./assembly.yaml",
            created="2026-01-05T10:00:00+00:00",
            versions={"twin": "0.1.0"},
            platform="any",
            scenario_hash="ab",
            world_hash="cd",
            seed=1,
            replications=5,
            seconds={},
        ),
    )
