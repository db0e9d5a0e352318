"""What all tests share: how hard hypothesis tries, and where the project is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Examples are few because each may build and run a world; a failure in continuous integration must happen again.
settings.register_profile("local", deadline=None, max_examples=25)
settings.register_profile(
    "ci", deadline=None, max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def project_folder() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent
