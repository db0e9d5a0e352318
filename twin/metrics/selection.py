"""Which of several scenarios is best, as far as the runs can tell, and where to look next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KimNelson:
    """Constants of the Kim-Nelson procedure."""

    eta: float
    h_squared: float


def kim_nelson_constants(alternatives: int, first_stage: int, alpha: float = 0.05) -> KimNelson:
    """Eta = ((2 alpha / (k - 1)) ** (-2 / (n0 - 1)) - 1) / 2 and h2 = 2 eta (n0 - 1).

    Kim and Nelson 2001. Raises ValueError for fewer than two alternatives or replications.
    """
    if alternatives < 2 or first_stage < 2:
        raise ValueError("selection needs two or more alternatives and two or more first replications")
    eta = ((2 * alpha / (alternatives - 1)) ** (-2 / (first_stage - 1)) - 1) / 2
    return KimNelson(eta, 2 * eta * (first_stage - 1))


def kim_nelson_survivors(
    samples: Floats, indifference: float, better: Literal["up", "down"], first_stage: int = 10, alpha: float = 0.05
) -> list[int]:
    """Alternatives not ruled out as the best, by number.

    `samples` is replications x alternatives under common random numbers, `indifference` the
    smallest difference that matters. Screening begins after `first_stage` replications and
    goes on one by one. Raises ValueError for fewer replications, or an indifference that is
    not above 0.
    """
    values = np.asarray(samples, np.float64) * (1 if better == "up" else -1)
    runs, count = values.shape
    if runs < first_stage or indifference <= 0:
        raise ValueError(f"needs {first_stage} or more replications and an indifference above 0")
    h_squared = kim_nelson_constants(count, first_stage, alpha).h_squared
    start = values[:first_stage]
    variance = np.var(start[:, :, None] - start[:, None, :], axis=0, ddof=1)
    kept = np.arange(count)
    for done in range(first_stage, runs + 1):
        means = values[:done, kept].mean(axis=0)
        slack = (h_squared * variance[np.ix_(kept, kept)] / indifference**2 - done) * indifference / (2 * done)
        falls_behind = means[:, None] < means[None, :] - np.maximum(slack, 0)
        kept = kept[~falls_behind.any(axis=1)]
        if len(kept) == 1:
            break
    return [int(alternative) for alternative in kept]


def ocba_shares(means: Floats, deviations: Floats, better: Literal["up", "down"]) -> Floats:
    """Shares of the next replications that best tell which alternative is best; they sum to 1.

    N_i / N_j = ((s_i / d_i) / (s_j / d_j)) ** 2 with d the distance to the best, and
    N_best = s_best sqrt(sum (N_i / s_i) ** 2) (Chen et al. 2000). An alternative level with
    the best is taken to be a thousandth of the largest spread away; without any spread all
    get the same.
    """
    center = np.asarray(means, np.float64) * (1 if better == "up" else -1)
    spread = np.asarray(deviations, np.float64)
    if len(center) < 2 or not spread.any():
        return np.full(len(center), 1 / len(center))
    best = int(np.argmax(center))
    distance = np.maximum(center[best] - center, spread.max() / 1000)
    weight = (spread / distance) ** 2
    others = np.arange(len(center)) != best
    # s_best sqrt(sum (N_i / s_i) ** 2), written without dividing by a spread that may be 0.
    weight[best] = spread[best] * np.sqrt(np.sum((spread[others] / distance[others] ** 2) ** 2))
    if not weight.any():
        return np.full(len(center), 1 / len(center))
    shares: Floats = weight / weight.sum()
    return shares
