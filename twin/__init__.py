"""A rack-scale manufacturing and supply-chain digital twin.

    import twin

    case = twin.load("hbm-outage")
    result = twin.run(case, replications=30)
    twin.write_report(result, "reports/hbm-outage.html")

Names are looked up on first use, so that importing the package starts no engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.api import bottleneck, compare, kits, load, load_study, promise, run, show
    from twin.api import plan as make_plan
    from twin.api import report as write_report
    from twin.api import schedule as make_schedule
    from twin.api import study as run_study
    from twin.events.bottleneck import BottleneckView
    from twin.events.promise import Asked, PromiseView
    from twin.events.result import RunResult
    from twin.events.study_result import StudyResult
    from twin.events.views import CompareResult, KitsView, PlanView, ScheduleView, ShowResult
    from twin.model.problems import InputError, RunError
    from twin.model.scenario import Case

__version__ = "0.1.0"

__all__ = [
    "Asked",
    "BottleneckView",
    "Case",
    "CompareResult",
    "InputError",
    "KitsView",
    "PlanView",
    "PromiseView",
    "RunError",
    "RunResult",
    "ScheduleView",
    "ShowResult",
    "StudyResult",
    "__version__",
    "bottleneck",
    "compare",
    "kits",
    "load",
    "load_study",
    "make_plan",
    "make_schedule",
    "promise",
    "run",
    "run_study",
    "show",
    "write_report",
]

# `twin.plan`, `twin.schedule`, `twin.study` and `twin.report` are rooms, so their functions carry a verb here.
_HOMES: dict[str, tuple[str, str]] = {
    "Asked": ("twin.events.promise", "Asked"),
    "BottleneckView": ("twin.events.bottleneck", "BottleneckView"),
    "Case": ("twin.model.scenario", "Case"),
    "CompareResult": ("twin.events.views", "CompareResult"),
    "InputError": ("twin.model.problems", "InputError"),
    "KitsView": ("twin.events.views", "KitsView"),
    "PlanView": ("twin.events.views", "PlanView"),
    "PromiseView": ("twin.events.promise", "PromiseView"),
    "RunError": ("twin.model.problems", "RunError"),
    "RunResult": ("twin.events.result", "RunResult"),
    "ScheduleView": ("twin.events.views", "ScheduleView"),
    "ShowResult": ("twin.events.views", "ShowResult"),
    "StudyResult": ("twin.events.study_result", "StudyResult"),
    "bottleneck": ("twin.api", "bottleneck"),
    "compare": ("twin.api", "compare"),
    "kits": ("twin.api", "kits"),
    "load": ("twin.api", "load"),
    "load_study": ("twin.api", "load_study"),
    "make_plan": ("twin.api", "plan"),
    "make_schedule": ("twin.api", "schedule"),
    "promise": ("twin.api", "promise"),
    "run": ("twin.api", "run"),
    "run_study": ("twin.api", "study"),
    "show": ("twin.api", "show"),
    "write_report": ("twin.api", "report"),
}


def __getattr__(name: str) -> Any:
    """Import a public name from the room that holds it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'twin' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
