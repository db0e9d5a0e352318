"""Named distributions of a table cell: parsed once, sampled by inverse probability.

Every draw of the twin is `quantile(u)` of a uniform number, so that two scenarios that
share `u` meet the same luck, and more of a factor moves every draw the same way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.model.problems import suggestion

Array = NDArray[np.float64]

_RESOLUTION = 2.0**-53
"""The step of a uniform random number of double precision."""

_CALL = re.compile(r"^\s*([a-z]+)\s*\(([^()]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A quantity that varies: its family, its parameters as written, its mean.

    `family` is one of `FAMILIES` or `constant`; `values` are the sorted observations of an
    `empirical` one and empty otherwise. Units are those of the column it stands in.
    """

    family: str
    parameters: tuple[float, ...]
    values: tuple[float, ...] = ()
    file: str = ""

    @property
    def mean(self) -> float:
        """The expected value."""
        if self.family == "empirical":
            return float(np.mean(self.values))
        return _MEANS[self.family](*self.parameters)

    @property
    def is_constant(self) -> bool:
        """True where every draw is the same."""
        return self.family == "constant"

    def quantile(self, probability: Array) -> Array:
        """The value not exceeded with each probability; same shape as given.

        Probabilities are held within a draw's own resolution of 0 and 1, so that every value is finite.
        """
        probability = np.clip(probability, _RESOLUTION, 1 - _RESOLUTION)
        if self.family == "empirical":
            found: Array = np.quantile(np.array(self.values), probability, method="inverted_cdf")
            return found
        return _QUANTILES[self.family](probability, *self.parameters)

    def quantile_at(self, probability: float) -> float:
        """One quantile, as a plain number."""
        return float(self.quantile(np.array([probability]))[0])

    def __str__(self) -> str:
        if self.family == "constant":
            return number_text(self.parameters[0])
        inside = self.file or ", ".join(number_text(p) for p in self.parameters)
        return f"{self.family}({inside})"

    def scaled(self, factor: float) -> Distribution:
        """The same shape with every draw (of a `poisson`: the mean) multiplied by a factor, 0 or more."""
        if not (math.isfinite(factor) and factor >= 0):
            raise ValueError("a factor must be a finite number, 0 or more; give one such as 1.2")
        if factor == 0:
            return constant(0.0)
        if self.family == "empirical":
            values = tuple(value * factor for value in self.values)
            return Distribution("empirical", (), values, f"{number_text(factor)}x-{self.file}")
        return Distribution(self.family, _SCALED[self.family](factor, *self.parameters))


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number, without a needless `.0`."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def number_words(value: float) -> str:
    """A limit as a person writes it: 1,000,000 and 0.000001, never 1e-06."""
    return f"{value:,.9f}".rstrip("0").rstrip(".")


def constant(value: float) -> Distribution:
    """A quantity that does not vary."""
    return Distribution("constant", (float(value),))


def parse_distribution(text: object, folder: Path | None = None) -> Distribution:
    """A cell to its distribution: a number, or a call such as `triangular(3, 4, 8)`.

    `folder` is where an `empirical(file.csv)` is looked for (one number a line).
    Raises ValueError with the rule and the remedy.
    """
    if isinstance(text, Distribution):
        return text
    if isinstance(text, int | float) and not isinstance(text, bool):
        return _checked_number(float(text))
    cell = str(text).strip()
    match = _CALL.match(cell)
    if match is None and "(" in cell and ")" not in cell:
        # Commas part cells of a table, and values within the braces of a scenario file.
        family = cell.partition("(")[0].strip()
        raise ValueError(
            f'must be one distribution, and a comma parts it; put it in quotes, as in "{_example(family)}"'
        )
    if match is None:
        return _checked_number(_number(cell))
    family, inside = match.groups()
    if family == "empirical":
        return _read_empirical(inside.strip(), folder)
    if family not in _RULES:
        remedy = suggestion(family, FAMILIES, "")
        raise ValueError(f"must be a number or a known distribution; {remedy}")
    parameters = tuple(_number(part.strip()) for part in inside.split(",") if part.strip())
    names, holds = _RULES[family]
    if len(parameters) != len(names) or not holds(*parameters):
        raise ValueError(f"must give {family} its {_RULE_TEXT[family]}; write it as {_EXAMPLES[family]}")
    return Distribution(family, parameters)


def _example(family: str) -> str:
    return _EXAMPLES.get(family, _EXAMPLES["triangular"])


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("must be a number or a distribution; write one such as 3.5 or triangular(3, 4, 8)") from None
    if not math.isfinite(value):
        raise ValueError("must be a finite number; give one such as 3.5")
    return value


def _checked_number(value: float) -> Distribution:
    if not math.isfinite(value) or value < 0:
        raise ValueError("must be a finite number, 0 or more; give one such as 3.5")
    return constant(value)


def _read_empirical(name: str, folder: Path | None) -> Distribution:
    if not name or "/" in name or "\\" in name:
        raise ValueError("must name for empirical a file beside the table; write it as empirical(times.csv)")
    path = (folder or Path()) / name
    try:
        cells = path.read_text(encoding="utf-8-sig").split()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"must name a file that can be read ({name} cannot); put it beside the table") from None
    try:
        values = tuple(sorted(float(cell.strip(",;")) for cell in cells))
    except ValueError:
        values = ()
    if not values or values[0] < 0 or not all(map(math.isfinite, values)):
        raise ValueError(f"must name a file of finite numbers, 0 or more ({name} is not); write one a line")
    return Distribution("empirical", (), values, name)


_RULES: dict[str, tuple[tuple[str, ...], Callable[..., bool]]] = {
    "triangular": (("low", "mode", "high"), lambda a, m, b: 0 <= a <= m <= b and a < b),
    "pert": (("low", "mode", "high"), lambda a, m, b: 0 <= a <= m <= b and a < b),
    "uniform": (("low", "high"), lambda a, b: 0 <= a < b),
    "exponential": (("mean",), lambda m: m > 0),
    "gamma": (("mean", "cv"), lambda m, c: m > 0 and 0.001 <= c <= 10),
    "lognormal": (("mean", "cv"), lambda m, c: m > 0 and 0.001 <= c <= 10),
    "weibull": (("shape", "scale"), lambda k, s: 0.3 <= k <= 100 and s > 0),
    "poisson": (("mean",), lambda m: m > 0),
}

_RULE_TEXT = {
    "triangular": "low, mode, high with 0 <= low <= mode <= high and low < high",
    "pert": "low, mode, high with 0 <= low <= mode <= high and low < high",
    "uniform": "low, high with 0 <= low < high",
    "exponential": "mean, above 0",
    "gamma": "mean, above 0, and coefficient of variation, from 0.001 to 10",
    "lognormal": "mean, above 0, and coefficient of variation, from 0.001 to 10",
    "weibull": "shape, from 0.3 to 100, and scale, above 0",
    "poisson": "mean, above 0",
}

_EXAMPLES = {
    "triangular": "triangular(3, 4, 8)",
    "pert": "pert(3, 4, 8)",
    "uniform": "uniform(3, 8)",
    "exponential": "exponential(5)",
    "gamma": "gamma(5, 0.3)",
    "lognormal": "lognormal(5, 0.3)",
    "weibull": "weibull(1.5, 400)",
    "poisson": "poisson(100)",
}

FAMILIES = (*_RULES, "empirical")

_MEANS: dict[str, Callable[..., float]] = {
    "constant": lambda v: v,
    "triangular": lambda a, m, b: (a + m + b) / 3,
    "pert": lambda a, m, b: (a + 4 * m + b) / 6,
    "uniform": lambda a, b: (a + b) / 2,
    "exponential": lambda m: m,
    "gamma": lambda m, _c: m,
    "lognormal": lambda m, _c: m,
    "weibull": lambda k, s: s * math.gamma(1 + 1 / k),
    "poisson": lambda m: m,
}


_SCALED: dict[str, Callable[..., tuple[float, ...]]] = {
    "constant": lambda f, v: (f * v,),
    "triangular": lambda f, a, m, b: (f * a, f * m, f * b),
    "pert": lambda f, a, m, b: (f * a, f * m, f * b),
    "uniform": lambda f, a, b: (f * a, f * b),
    "exponential": lambda f, m: (f * m,),
    "gamma": lambda f, m, c: (f * m, c),
    "lognormal": lambda f, m, c: (f * m, c),
    "weibull": lambda f, k, s: (k, f * s),
    "poisson": lambda f, m: (f * m,),
}


def _triangular(u: Array, low: float, mode: float, high: float) -> Array:
    left = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < left, rising, falling)


def _pert(u: Array, low: float, mode: float, high: float) -> Array:
    from scipy.special import betaincinv

    span = high - low
    scaled: Array = betaincinv(1 + 4 * (mode - low) / span, 1 + 4 * (high - mode) / span, u)
    return low + span * scaled


def _gamma(u: Array, mean: float, cv: float) -> Array:
    from scipy.special import gammaincinv

    shape = 1 / cv**2
    scaled: Array = np.asarray(gammaincinv(shape, u), np.float64)
    return scaled * mean / shape


def _lognormal(u: Array, mean: float, cv: float) -> Array:
    from scipy.special import ndtri

    variance = math.log1p(cv**2)
    normal: Array = ndtri(u)
    return np.exp(math.log(mean) - variance / 2 + math.sqrt(variance) * normal)


def _poisson(u: Array, mean: float) -> Array:
    from scipy.special import pdtr, pdtrik

    guess: Array = np.ceil(pdtrik(u, mean))
    below = np.maximum(guess - 1, 0)
    return np.where(pdtr(below, mean) >= u, below, np.maximum(guess, 0))


_QUANTILES: dict[str, Callable[..., Array]] = {
    "constant": np.full_like,
    "triangular": _triangular,
    "pert": _pert,
    "uniform": lambda u, a, b: a + u * (b - a),
    "exponential": lambda u, m: -m * np.log1p(-u),
    "gamma": _gamma,
    "lognormal": _lognormal,
    "weibull": lambda u, k, s: s * (-np.log1p(-u)) ** (1 / k),
    "poisson": _poisson,
}
