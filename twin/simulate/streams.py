"""Keyed random streams: the same thing meets the same luck in every scenario.

A stream is named by (seed, replication, purpose, name), never by the order of its first
use, so an entity that is added or unused changes no other draw. Draws come in blocks.
"""

from __future__ import annotations

import math
from array import array
from hashlib import blake2b
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.model.distribution import Distribution

BLOCK: Final = 256
"""Draws made at a time for a thing without a known number of draws."""

NO_BLOCK: Final = -(1 << 60)
"""Stands for the number of a block that is not drawn yet; those of lots found on day one are negative too."""


def generator(seed: int, replication: int, *key: object) -> np.random.Generator:
    """A generator of a key's own numbers: the counter-based Philox, keyed by a 128-bit hash of all parts.

    Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
    """
    return np.random.Generator(np.random.Philox(key=_key(seed, replication, key)))


def _key(seed: int, replication: int, key: tuple[object, ...]) -> NDArray[np.uint64]:
    named = "\x1f".join(map(str, (seed, replication, *key)))
    return np.frombuffer(blake2b(named.encode(), digest_size=16).digest(), "<u8")


class Streams:
    """All luck of one replication.

    In a mean-valued run (`noise` False) nothing is drawn: callers take means instead. A run
    may become one on its way.
    """

    __slots__ = ("_bits", "_generator", "_start", "noise", "replication", "seed")

    def __init__(self, seed: int, replication: int, noise: bool) -> None:
        self.seed = seed
        self.replication = replication
        self.noise = noise
        # One generator, turned to each key in its turn: to make one costs four times as much.
        self._generator = generator(seed, replication)
        self._bits = self._generator.bit_generator
        self._start = self._bits.state

    def uniforms(self, count: int, *key: object) -> NDArray[np.float64]:
        """`count` uniform numbers in (0, 1) of a key, the same ones whenever asked again."""
        self._start["state"]["key"] = _key(self.seed, self.replication, key)
        self._bits.state = self._start
        drawn = self._generator.random(count)
        # `np.clip` costs three times as much on the short arrays that are drawn here.
        return np.minimum(np.maximum(drawn, 1e-12, out=drawn), 1 - 1e-12, out=drawn)


class Sequence:
    """Uniform numbers of one key by ordinal, drawn block by block as they are needed.

    Ordinals come one after the other, so the block at hand is kept; any other is drawn again.
    """

    __slots__ = ("_block", "_key", "_number", "_streams")

    def __init__(self, streams: Streams, *key: object) -> None:
        self._streams = streams
        self._key = key
        self._number = NO_BLOCK
        self._block: array[float] = array("d")

    def at(self, ordinal: int) -> float:
        """The uniform number of an ordinal, 0 first."""
        number, position = divmod(ordinal, BLOCK)
        if number != self._number:
            self._number = number
            self._block = array("d", self._streams.uniforms(BLOCK, *self._key, number).tobytes())
        return self._block[position]


class Draws:
    """Durations of one distribution by ordinal, in whole seconds; means where there is no noise."""

    __slots__ = ("_block", "_distribution", "_key", "_mean_s", "_number", "_streams", "_unit_s", "_varies")

    def __init__(self, streams: Streams, distribution: Distribution, unit_s: int, *key: object) -> None:
        self._streams = streams
        self._distribution = distribution
        self._unit_s = unit_s
        self._key = key
        self._mean_s = round(distribution.mean * unit_s)
        self._varies = not distribution.is_constant
        self._number = NO_BLOCK
        self._block: array[int] = array("q")

    def seconds(self, ordinal: int) -> int:
        """The duration of an ordinal, 0 first."""
        if not (self._varies and self._streams.noise):
            return self._mean_s
        number, position = divmod(ordinal, BLOCK)
        if number != self._number:
            self._number = number
            uniform = self._streams.uniforms(BLOCK, *self._key, number)
            self._block = whole_seconds(self._distribution, self._unit_s, uniform)
        return self._block[position]


def whole_seconds(distribution: Distribution, unit_s: int, uniform: NDArray[np.float64]) -> array[int]:
    """Durations in whole seconds by inverse probability, the distribution's own unit being `unit_s` long."""
    if distribution.is_constant:
        return array("q", [round(distribution.mean * unit_s)]) * len(uniform)
    return array("q", np.rint(distribution.quantile(uniform) * unit_s).astype(np.int64).tobytes())


def binomial_quantile(probability: float, trials: int, success: float) -> int:
    """The smallest number of successes whose chance of not being exceeded reaches `probability`.

    Exact by summation while the variance is at most 25, else by the normal limit with
    continuity correction, whose error is then below one unit in a thousand lots.
    """
    if success >= 1 or trials == 0:
        return trials
    if success < 0.5:
        return trials - binomial_quantile(1 - probability, trials, 1 - success)
    variance = trials * success * (1 - success)
    if variance > 25:
        normal = NormalDist().inv_cdf(probability)
        return min(trials, max(0, math.ceil(trials * success + math.sqrt(variance) * normal - 0.5)))
    odds = (1 - success) / success
    chance = success**trials
    reached, failures = chance, 0
    while reached < 1 - probability and failures < trials:
        failures += 1
        chance *= odds * (trials - failures + 1) / failures
        reached += chance
    return trials - failures


def poisson_quantile(probability: float, mean: float) -> int:
    """The smallest number whose chance of not being exceeded reaches `probability`, by summation of the distribution.

    The mean is small: a defect or two a rack.
    """
    chance = math.exp(-mean)
    reached, count = chance, 0
    while reached < probability:
        count += 1
        chance *= mean / count
        reached += chance
    return count
