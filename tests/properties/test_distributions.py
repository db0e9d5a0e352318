"""Every family: quantiles rise, their integral is the mean, known values hold, writing and reading agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.model.distribution import FAMILIES, Distribution, constant, parse_distribution

positive = st.floats(0.01, 1000)
cv = st.floats(0.05, 2)


@st.composite
def spans(draw: st.DrawFn) -> tuple[float, float, float]:
    low, width, part = draw(st.floats(0, 100)), draw(st.floats(0.1, 100)), draw(st.floats(0, 1))
    return low, min(low + part * width, low + width), low + width


def written(family: str, *parameters: float) -> str:
    return f"{family}({', '.join(repr(p) for p in parameters)})"


distributions = st.one_of(
    positive.map(constant),
    spans().map(lambda p: parse_distribution(written("triangular", *p))),
    spans().map(lambda p: parse_distribution(written("pert", *p))),
    spans().map(lambda p: parse_distribution(written("uniform", p[0], p[2]))),
    positive.map(lambda m: parse_distribution(written("exponential", m))),
    st.tuples(positive, cv).map(lambda p: parse_distribution(written("gamma", *p))),
    st.tuples(positive, cv).map(lambda p: parse_distribution(written("lognormal", *p))),
    st.tuples(st.floats(0.5, 8), positive).map(lambda p: parse_distribution(written("weibull", *p))),
    positive.map(lambda m: parse_distribution(written("poisson", m))),
    st.lists(st.floats(0, 100), min_size=1, max_size=20).map(
        lambda values: Distribution("empirical", (), tuple(sorted(values)), "times.csv")
    ),
)

EXTREMES = np.array([0.0, 1e-300, 1e-12, 1e-6, 1 - 1e-6, 1 - 1e-12, 1 - 2**-53, 1.0])


@given(distributions)
def test_the_integral_of_the_quantiles_is_the_mean(distribution: Distribution) -> None:
    # Midpoints of a grid that grows fine towards 1, where the long tails are.
    edges = 1 - np.concatenate([np.geomspace(1, 1e-12, 40_000), [0.0]])
    middle = (edges[1:] + edges[:-1]) / 2
    integral = float(np.dot(distribution.quantile(middle), np.diff(edges)))
    assert integral == pytest.approx(distribution.mean, rel=3e-3, abs=3e-3)


@given(distributions)
def test_quantiles_rise_and_are_finite_and_not_negative(distribution: Distribution) -> None:
    chances = np.concatenate([EXTREMES[:4], np.linspace(0.001, 0.999, 200), EXTREMES[4:]])
    values = distribution.quantile(chances)
    assert np.all(np.isfinite(values))
    assert np.all(values >= 0)
    assert np.all(np.diff(values) >= -1e-9 * (1 + values[1:]))
    assert values.shape == chances.shape


@given(distributions.filter(lambda d: d.family != "empirical"))
def test_what_is_written_reads_back_the_same(distribution: Distribution) -> None:
    assert parse_distribution(str(distribution)) == distribution


@given(distributions, st.floats(0.01, 100))
def test_a_factor_scales_the_mean(distribution: Distribution, factor: float) -> None:
    assert distribution.scaled(factor).mean == pytest.approx(distribution.mean * factor, rel=1e-9)


@given(distributions.filter(lambda d: d.family != "poisson"), st.floats(0.01, 100), st.floats(0.001, 0.999))
def test_a_factor_scales_every_draw(distribution: Distribution, factor: float, chance: float) -> None:
    scaled = distribution.scaled(factor).quantile_at(chance)
    assert scaled == pytest.approx(distribution.quantile_at(chance) * factor, rel=1e-6, abs=1e-9)


def test_a_factor_of_zero_leaves_nothing() -> None:
    assert all(parse_distribution(text).scaled(0) == constant(0.0) for text in ("3", "gamma(5, 0.3)", "uniform(1, 2)"))
    with pytest.raises(ValueError, match="factor"):
        constant(3).scaled(-1)


@pytest.mark.parametrize(
    ("text", "chance", "value"),
    [
        ("4", 0.3, 4.0),
        ("triangular(0, 1, 2)", 0.5, 1.0),
        ("triangular(0, 1, 2)", 0.125, 0.5),
        ("triangular(3, 3, 7)", 0.75, 5.0),  # falls in a line: high - sqrt((1 - u)) * 4
        ("triangular(3, 7, 7)", 0.25, 5.0),
        ("uniform(2, 6)", 0.25, 3.0),
        ("exponential(5)", 1 - math.exp(-1), 5.0),
        ("exponential(5)", 0.5, 5 * math.log(2)),
        ("weibull(1, 5)", 0.5, 5 * math.log(2)),
        ("weibull(2, 3)", 1 - math.exp(-4), 6.0),
        ("gamma(5, 1)", 0.5, 5 * math.log(2)),  # shape 1 is exponential
        ("lognormal(1, 1)", 0.5, 1 / math.sqrt(2)),  # the median is mean / sqrt(1 + cv^2)
        ("pert(0, 3, 6)", 0.5, 3.0),
        ("poisson(1)", math.exp(-1) - 1e-9, 0.0),
        ("poisson(1)", math.exp(-1) + 1e-9, 1.0),
        ("poisson(1)", 2 * math.exp(-1) + 1e-9, 2.0),
    ],
)
def test_known_quantiles(text: str, chance: float, value: float) -> None:
    assert parse_distribution(text).quantile_at(chance) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "mean"),
    [
        ("triangular(3, 4, 8)", 5.0),
        ("pert(3, 4, 8)", 4.5),
        ("uniform(3, 8)", 5.5),
        ("exponential(5)", 5.0),
        ("gamma(5, 0.3)", 5.0),
        ("lognormal(5, 0.3)", 5.0),
        ("weibull(2, 4)", 2 * math.sqrt(math.pi)),
        ("poisson(100)", 100.0),
        ("7.5", 7.5),
    ],
)
def test_known_means(text: str, mean: float) -> None:
    assert parse_distribution(text).mean == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("family", ["gamma", "lognormal"])
@given(positive, cv)
def test_the_coefficient_of_variation_is_as_written(family: str, mean: float, variation: float) -> None:
    from scipy import stats

    law = parse_distribution(written(family, mean, variation))
    if family == "gamma":
        peer = stats.gamma(1 / variation**2, scale=mean * variation**2)
    else:
        sigma = math.sqrt(math.log1p(variation**2))
        peer = stats.lognorm(sigma, scale=mean / math.sqrt(1 + variation**2))
    assert peer.std() / peer.mean() == pytest.approx(variation, rel=1e-9)
    chances = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    assert law.quantile(chances) == pytest.approx(peer.ppf(chances), rel=1e-8, abs=1e-300)


@given(st.floats(0.01, 5000), st.floats(1e-9, 1 - 1e-9))
def test_a_poisson_quantile_is_the_first_count_that_is_likely_enough(mean: float, chance: float) -> None:
    from scipy.special import pdtr

    count = parse_distribution(written("poisson", mean)).quantile_at(chance)
    assert count == int(count) >= 0
    assert pdtr(count, mean) >= chance
    assert count == 0 or pdtr(count - 1, mean) < chance


def test_observations_are_drawn_in_equal_parts() -> None:
    law = Distribution("empirical", (), (1.0, 2.0, 4.0, 9.0), "times.csv")
    assert law.quantile(np.array([0.1, 0.25, 0.26, 0.5, 0.75, 0.76])).tolist() == [1, 1, 2, 2, 4, 9]
    assert law.mean == 4.0


def test_every_family_is_tested_here() -> None:
    tested = {"triangular", "pert", "uniform", "exponential", "gamma", "lognormal", "weibull", "poisson", "empirical"}
    assert set(FAMILIES) == tested


@pytest.mark.parametrize(
    "text",
    ["", "three", "-1", "inf", "nan", "gamma(5)", "gamma(5, 0)", "gamma(a, b)", "uniform(3, 3)", "triangular(1, 0, 2)",
     "pert(1, 2)", "exponential(0)", "weibull(0, 1)", "poisson(-1)", "beta(1, 2)", "empirical()",
     "empirical(../secret)"],
)  # fmt: skip
def test_what_is_no_distribution_says_the_rule_and_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must [^;]+; .+"):
        parse_distribution(text)
