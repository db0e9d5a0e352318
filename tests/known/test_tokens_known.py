"""The AI factory against formulae: capital by the year, tokens and their cost, what curtailed power takes.

The numbers of the first rungs are those published with the formulae (see the sources); the others are by hand.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known.ladder import exact, rung
from log_builder import Story, facts
from ortools.linear_solver import pywraplp
from properties.worlds_generated import GENERATE
from worlds import row

from twin.metrics.dictionary import compute_kpis
from twin.metrics.economics import capital_recovery_factor, kept_under_curtailment, usd_per_million_tokens
from twin.metrics.factory import FactoryTerms, PowerTerms, RackUse
from twin.model.rows_factory import RackEconomics, Service

FAMILY = {"family": "AI factory"}
ANNUITY = FAMILY | {"source": "annuity: r(1+r)^n / ((1+r)^n - 1)"}
EQUATION = FAMILY | {"source": "NVIDIA: (USD a GPU-hour / (tokens a second x 3600)) x 10^6"}
HAND = FAMILY | {"source": "arithmetic"}
WEEKS = 2
YEAR_H = 8760.0


def rounded_to(places: float, name: str, expected: float, obtained: float, **cells: Any) -> None:
    """A published figure, which is rounded."""
    rung(name, expected, obtained, obtained - places / 2, obtained + places / 2, **cells)


def test_capital_by_the_year() -> None:
    factor = capital_recovery_factor(0.10, 5)
    rounded_to(1e-4, "capital recovery, 10 %, 5 years", 0.2638, factor, unit="1/year", **ANNUITY)
    a_day = 3_500_000 * factor / 365
    rounded_to(10, "capital of a rack of 3.5 million dollars", 2530, a_day, unit="USD/day", **ANNUITY)
    assert capital_recovery_factor(0.0, 4) == 0.25
    assert capital_recovery_factor(1e-9, 4) == pytest.approx(0.25, rel=1e-6)


def test_cost_of_a_million_tokens() -> None:
    cost = usd_per_million_tokens(3.2, 3000)
    rounded_to(1e-3, "3.2 dollars a GPU-hour at 3,000 tokens a second", 0.296, cost, unit="USD", **EQUATION)


def use(services: tuple[Service, ...], **cells: Any) -> RackUse:
    """A rack of 72 packages, used at 60 % and there 97 % of the time, with nothing to pay but what is given."""
    usual = {"item": "rack_done", "capital_usd": 0.0, "life_years": 5, "utilisation": 0.6, "availability": 0.97}
    return RackUse(power_kw=136.0, economics=row(RackEconomics, **(usual | cells)), services=services)


def service(name: str = "chat", **cells: Any) -> Service:
    usual = {"item": "rack_done", "tokens_per_second": 72 * 3000, "share": 1.0, "usd_per_million_tokens": 0.5}
    return row(Service, service=name, **(usual | cells))


def power(**cells: Any) -> PowerTerms:
    usual = {"from_s": 0.0, "firm_mw": float("inf"), "flexible_mw": 0.0, "curtailed_hours_per_year": 0.0}
    return PowerTerms(**(usual | {"usd_per_mwh": 0.0, "pue": 1.0} | cells))


def measured(rack: RackUse, terms: PowerTerms, racks: int = 1) -> dict[str, float]:
    """The measures of racks that are online from the first second for two weeks."""
    story = Story(weeks=WEEKS)
    for unit in range(racks):
        story.tell(0, "online", "site:dc", "rack_done", "a", unit, quantity=1)
    known = FactoryTerms(racks={"rack_done": rack}, power={"dc": (terms,)})
    return compute_kpis(story.log(), facts(factory=known))


def test_tokens_and_worth_of_a_rack_day() -> None:
    found = measured(use((service(),)), power())
    a_day = found["tokens_trillion"] * 1000 / (7 * WEEKS)
    rounded_to(0.01, "72 x 3,000 tokens a second, used 60 %, there 97 %", 10.86, a_day, unit="billion a day", **HAND)
    rounded_to(0.1, "the same at 0.50 dollars a million", 5.4, found["rack_day_usd"] / 1000, unit="kUSD", **HAND)


def test_cost_of_tokens_from_the_tables_is_the_equation() -> None:
    """Capital and energy of an hour, over what it serves: the equation, with a GPU-hour a seventy-second of it."""
    rack = use((service(),), capital_usd=3_500_000, interest_per_year=0.1, opex_usd_per_year=100_000, idle_power=0.3)
    found = measured(rack, power(usd_per_mwh=55.0, pue=1.15))
    drawn_kw = 136 * 0.97 * (0.3 + 0.7 * 0.6) * 1.15
    an_hour = (3_500_000 * capital_recovery_factor(0.1, 5) + 100_000) / YEAR_H + drawn_kw / 1000 * 55
    expected = usd_per_million_tokens(an_hour, 72 * 3000 * 0.6 * 0.97)
    exact("cost of a million tokens with energy", expected, found["usd_per_million_tokens"], unit="USD", **EQUATION)
    joules = drawn_kw * 1000
    by_joule = 72 * 3000 * 0.6 * 0.97 / joules
    exact("tokens a joule at the meter", by_joule, found["tokens_per_joule"], unit="tokens/J", **HAND)


@pytest.mark.parametrize(
    ("flexibility", "chat_loses", "broken"),
    [((0.0, 0.5), 0.0, False), ((0.0, 0.1), 0.0, True), ((0.25, 0.25), 0.15, False), ((0.1, 0.1), 0.0, True)],
    ids=["the cheap one gives way", "it may not give enough", "both may", "neither may give enough"],
)
def test_backing_down_to_four_fifths(flexibility: tuple[float, float], chat_loses: float, broken: bool) -> None:
    """Racks without idle power draw 1 MW, and 0.8 are firm: a fifth of the work must go for one per cent of the time.

    Of two services with half of the work each and as many tokens, batch earns half as much. It gives two fifths of
    its own, as far as it may. Where it may give a quarter, an eighth of all, the other gives three fortieths of all.
    Where neither may give enough, service is broken: the rest goes where it costs least.
    """
    chat = service("chat", share=0.5, flexibility=flexibility[0])
    batch = service("batch", share=0.5, flexibility=flexibility[1], usd_per_million_tokens=0.25)
    full = use((chat, batch), idle_power=0.0, utilisation=1.0, availability=1.0)
    rack = RackUse(power_kw=1000.0, economics=full.economics, services=full.services)
    found = measured(rack, power(firm_mw=0.8, flexible_mw=0.2, curtailed_hours_per_year=0.01 * YEAR_H))
    exact(
        f"backed down to 80 % for 1 % of the time, services may lose {flexibility[0]:.0%} and {flexibility[1]:.0%}",
        0.2 * 0.01, found["tokens_curtailed_share"], unit="share of tokens", **HAND,
    )  # fmt: skip
    assert found["broken_service_hours"] == pytest.approx(0.01 * WEEKS * 7 * 24 if broken else 0.0)
    if not broken:
        served = found["tokens_trillion_by_service:chat"] * 1e12 / (WEEKS * 7 * 86_400)
        assert served == pytest.approx(chat.tokens_per_second * 0.5 * (1 - 0.01 * chat_loses))


def test_power_that_is_firm_for_all_racks_loses_nothing() -> None:
    """The flexible part is room that is not used yet."""
    found = measured(use((service(),)), power(firm_mw=0.2, flexible_mw=5.0, curtailed_hours_per_year=88.0))
    assert found["tokens_curtailed_share"] == 0.0
    assert found["broken_service_hours"] == 0.0


part = st.floats(0.05, 1.0)


@settings(max_examples=50, phases=GENERATE, deadline=None)
@given(st.lists(st.tuples(part, part, part), min_size=1, max_size=4), part, st.lists(part, min_size=4, max_size=4))
def test_no_other_way_to_shed_keeps_more(services: list[tuple[float, float, float]], needed: float, way: list[float]):
    """Any other way that sheds as much within what services may lose earns no more."""
    loads, values, flexible = ([each[at] for each in services] for at in range(3))
    needed *= sum(load * may for load, may in zip(loads, flexible, strict=True))
    kept, broken = kept_under_curtailment(needed, loads, values, flexible)
    assert not broken
    shed = [load * (1 - part) for load, part in zip(loads, kept, strict=True)]
    assert sum(shed) == pytest.approx(needed)
    most = [load * may for load, may in zip(loads, flexible, strict=True)]
    assert all(one <= other + 1e-9 for one, other in zip(shed, most, strict=True))
    other = [limit * share for limit, share in zip(most, way, strict=False)]
    if sum(other) >= needed:
        other = [one * needed / sum(other) for one in other]
        worth = sum(one * value for one, value in zip(other, values, strict=True))
        assert sum(one * value for one, value in zip(shed, values, strict=True)) <= worth + 1e-9


def test_a_vendors_return_needs_a_price_that_stands_nowhere_in_the_world() -> None:
    """75 million dollars from 5 million of capital over five years, at the loads of the world: $1.31 a million tokens.

    623,600 tokens a second x 0.6 x 0.97 x five years are 57.2 million million tokens.
    """
    rack = use((service(tokens_per_second=623_600, usd_per_million_tokens=1.0),), capital_usd=5e6)
    found = measured(rack, power())
    five_years = found["income_usd"] / (7 * WEEKS) * 5 * 365
    rounded_to(0.01, "price at which a rack earns 75 million dollars", 1.31, 75e6 / five_years, unit="USD", **HAND)


def test_energising_early_against_waiting_for_firm_power() -> None:
    """Ten racks a week earlier by power that is away 1 % of the year, down to four fifths of what they draw.

    Gained: ten racks x 7 days x the worth of a rack-day; to be paid for: a fifth of the work for 1 % of the
    two weeks, at what the tokens earn. Racks without idle power, always at full load, electricity free.
    """
    chat = service(flexibility=0.25)
    rack = use((chat,), idle_power=0.0, utilisation=1.0, availability=1.0)
    firm = power(firm_mw=1.36)
    tier = power(firm_mw=1.36, backs_down_to=0.8, curtailed_hours_per_year=0.01 * YEAR_H)
    arms = {}
    for name, terms, online_s in (("wait", firm, 7 * 86_400), ("early", tier, 0)):
        story = Story(weeks=WEEKS)
        for unit in range(10):
            story.tell(online_s, "online", "site:dc", "rack_done", "a", unit, quantity=1)
        known = FactoryTerms(racks={"rack_done": rack}, power={"dc": (terms,)})
        arms[name] = compute_kpis(story.log(), facts(factory=known))
    worth = arms["wait"]["rack_day_usd"]
    gained_days = arms["early"]["rack_days_online"] - arms["wait"]["rack_days_online"]
    exact("ten racks a week earlier", 70.0, gained_days, unit="rack-days", **HAND)
    a_day = 72 * 3000 * 86_400 * 0.5 / 1e6
    away = 0.2 * 0.01 * 10 * 14 * a_day
    exact("what being away 1 % of the time, to 80 %, costs", away, arms["early"]["curtailed_usd"], unit="USD", **HAND)
    gain = arms["early"]["income_usd"] - arms["wait"]["income_usd"]
    exact("gain: rack-days x worth - curtailed tokens", 70 * worth - away, gain, unit="USD", **HAND)
    assert arms["early"]["broken_service_hours"] == 0.0


@pytest.mark.parametrize(("curtailed", "hours"), [(0.0025, 21.9), (0.005, 43.8), (0.01, 87.6)])
@pytest.mark.parametrize("flex", [0.0, 0.1, 0.25, 0.5])
def test_tiers_of_flexible_power(curtailed: float, hours: float, flex: float) -> None:
    """A fifth of the work must go for so long: all of it by one class, whose tier says whether that breaks it."""
    rack = use((service(flexibility=flex),), idle_power=0.0, utilisation=1.0, availability=1.0)
    terms = power(firm_mw=0.136, backs_down_to=0.8, curtailed_hours_per_year=hours)
    found = measured(rack, terms)
    assert found["tokens_curtailed_share"] == pytest.approx(0.2 * curtailed)
    assert (found["broken_service_hours"] > 0) == (flex < 0.2)


@settings(max_examples=40, phases=GENERATE, deadline=None)
@given(st.lists(st.tuples(part, part, part), min_size=1, max_size=5), part)
def test_what_is_shed_is_the_optimum_of_a_linear_programme(
    services: list[tuple[float, float, float]], needed: float
) -> None:
    """Least worth lost, so much power saved, no service below what it may lose: held against a solver."""
    loads, values, flexible = ([each[at] for each in services] for at in range(3))
    needed *= sum(load * may for load, may in zip(loads, flexible, strict=True))
    kept, _ = kept_under_curtailment(needed, loads, values, flexible)
    lost = sum((1 - each) * load * value for each, load, value in zip(kept, loads, values, strict=True))
    solver = pywraplp.Solver.CreateSolver("GLOP")
    shed = [solver.NumVar(0.0, load * may, "") for load, may in zip(loads, flexible, strict=True)]
    solver.Add(sum(shed) >= needed)
    solver.Minimize(sum(each * value for each, value in zip(shed, values, strict=True)))
    assert solver.Solve() == pywraplp.Solver.OPTIMAL
    assert lost == pytest.approx(solver.Objective().Value(), abs=1e-9)
