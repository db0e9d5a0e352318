"""What drivers of demand ask for, week by week and by product, and how each of them was served."""

from __future__ import annotations

from twin.events.part import Part


class DriverRow(Part):
    """One driver within the report window; numbers of replications are means, or 10 to 90 % of them."""

    driver: str
    forecast: int
    """Racks due by the forecast, which the plan goes by."""
    due: float | None
    due_low: float | None
    due_high: float | None
    accepted: float | None
    on_time: float | None
    """Share of its orders complete by their promise."""
    owed: float | None
    """Racks due and not accepted at the end of the window."""


class DemandTold(Part):
    """Demand that follows from drivers. Series have an entry for each week, up to the end of the run."""

    time: list[str]
    """Last days of the weeks."""
    by_driver: dict[str, list[float]]
    """Racks asked for in each week by the forecast, of each driver; orders are of whole racks."""
    by_item: dict[str, list[float]]
    """The same, of each item."""
    low: list[float] = []
    """Of the total of a week: what one draw in ten falls short of. Not given where nothing is drawn."""
    high: list[float] = []
    """What one draw in ten exceeds."""
    draws: int = 0
    """From how many draws."""
    rows: list[DriverRow]
