"""Sums over many rows are the same to the last bit in a worker and in a process of its own."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import twin.metrics
from twin.metrics.rows import sum_of_products

SUMMED = """
import numpy as np
from twin.metrics.rows import sum_of_products
draws = np.random.default_rng(1).random((2, 150_000))
print(sum_of_products(*draws).hex())
"""


def test_products_are_added_up_alike_whatever_the_threads() -> None:
    """A BLAS reads how many threads it may use when it is loaded: a worker of a pool has one."""
    said = {
        subprocess.run(
            [sys.executable, "-c", SUMMED],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for threads in ("1", "2", "3")
    }
    assert len(said) == 1
    draws = np.random.default_rng(1).random((2, 150_000))
    assert float.fromhex(said.pop()) == pytest.approx(math.fsum((draws[0] * draws[1]).tolist()), rel=1e-13)
    assert sum_of_products(np.array([1.0, 2.0]), [3.0, 4.0]) == 11.0


def test_no_measure_is_summed_by_threads() -> None:
    """What is read from a log is long, so it is never summed by a dot product."""
    folder = Path(twin.metrics.__file__).parent
    summed = [
        path.name for path in folder.glob("*.py") if re.search(r"np\.(dot|vdot|inner|matmul)\(", path.read_text())
    ]
    assert summed == []
