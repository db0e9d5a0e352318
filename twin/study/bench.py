"""`make bench`: how fast the twin is, as medians of several runs, printed and kept as JSON."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from twin.study.bench_chain import measure_chain
from twin.study.bench_growth import measure_site_growth
from twin.study.bench_pods import measure_pods
from twin.study.bench_reference import measure_reference
from twin.study.bench_schedule import measure_schedules
from twin.study.bench_timing import REPEATS

FIGURES = Path("reports/bench.json")


def main() -> int:
    """Measure, print a line a figure, write the figures."""
    figures: dict[str, dict[str, object]] = {}

    def put(name: str, value: float, unit: str) -> None:
        figures[name] = {"value": value, "unit": unit}
        sys.stdout.write(f"{name:42s} {value:12,.3f} {unit}\n")
        sys.stdout.flush()

    measure_chain(put)
    measure_schedules(put)
    measure_site_growth(put)
    measure_reference(put)
    measure_pods(put)
    put("help_seconds", _help_seconds(), "s")
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"written to {FIGURES}; {platform.platform()}, Python {platform.python_version()}\n")
    return 0


def _help_seconds() -> float:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "twin", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
