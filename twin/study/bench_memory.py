"""The most memory that one replication takes: run as a process of its own, it writes megabytes to standard output."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.study.replicate import load_arm, simulate_arm

STATUS = Path("/proc/self/status")


def main(path: str) -> None:
    """Simulate and measure the arm that was written to a path, log and all."""
    arm = load_arm(path)
    log = simulate_arm(arm, 0).log
    compute_kpis(log, facts_from(arm.ground.network))
    sys.stdout.write(f"{peak_mb()}\n")


def peak_mb() -> float:
    """Of this process. Where Linux tells it, without what the process that began this one had taken."""
    if STATUS.exists():
        words = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return float(words.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    main(sys.argv[1])
