"""Limits that the command line and the scenario file share; light to import."""

from __future__ import annotations

MOST_SEED = 2**63 - 1
MOST_REPLICATIONS = 100_000
MOST_WORKERS = 512
