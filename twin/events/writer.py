"""The one door through which a replication writes its log, made for a hot loop.

What the simulation writes, by event (a column not named is -1, NaN or 0):

- `opened`: place `site:S`, `process:P@S` (gross) or `lane:L`; item, quantity, at second 0.
- `ordered`: place `site:DC`, item, order, quantity; since_s placed; value due_s.
  `promised`: order; value the promised second, NaN where the plan has none. `due`: place
  `site:DC`, item, order, quantity, at its due second.
- `started`, `produced`, `scrapped`: place `process:P@S`, item made; lot >= 0, or lot -1 with
  order and unit; `started` quantity gross, usd the process cost, since_s when the plan in force
  wanted it (of a rack at a datacenter: its docking; NaN under stock policies). A rack may change
  its order until it ships: parent, on `started`, `blocked`,
  `shipped`, `docked`, `accepted` and `online`, is its own number; `produced` quantity
  good and since_s its start.
- `consumed`: place `site:S`, item the input, quantity; parent the consuming lot, or order, unit.
- `expired`: place `step:S/NAME` of the step to be repeated, item, order, unit, since_s its end; value the attempts.
- `step`, `failed`, `rework`: place `step:S/NAME`, item, order, unit, since_s; value the attempt;
  `step` and `rework` usd their cost. `escaped`: place `site:S`, quantity of defects.
- `flawed`, `found`: place `step:S/NAME`, item, order, unit, quantity of defects put in or found, value the
  attempt; `flawed` on a lane: place `lane:L`, parent the rack's number, value NaN.
- `shipped`, `docked`: place `lane:L`, item, quantity, lot the shipment; racks also order, unit;
  `shipped` usd freight and duty, since_s when the plan in force wanted the first unit to leave
  (of a rack: when it was finished); `docked` since_s the departure.
- `accepted`, `online`: place `site:DC`, item, order, unit; `accepted` since_s its docking,
  value the rack's release at the integrator (NaN unknown). `completed`: order; since_s placed,
  value due_s.
- `blocked`: place `site:S`, order, unit; since_s its beginning.
- `seized`: place `resource:S/R`, at each week's end; since_s the week's start, quantity
  unit-seconds held, value unit-seconds available.
- `level`: weekly marks; places as in `opened`; item, quantity.
- `demanded`, `served`, `lost`: place `customer:C@S`, item, order, unit, quantity; `served` a row for
  each part handed over, and `lost`, since_s when placed; value the due second, NaN where due at once.
  `demanded` of a replenishment order: place `lane:L` or `process:P@S` by which it is to come.
- `supplied`: place `site:S`, item, quantity.
- `planned`: quantity of operations that its schedules move; value those they had to stay with, NaN where none.
- `short`, `filled`, `down`, `up`: as `twin.events.record.EVENTS` says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from librt.strings import BytesWriter, write_f64_le

from twin.events.record import COLUMNS, Log

_ROWS_TOGETHER: Final = 4_096
"""Rows are put by in blocks of so many, which a processor's cache holds."""


class LogWriter:
    """Takes rows in order of happening and gives the finished log.

    `place`, `item` and `order` turn a name into its position; call them once, outside the
    loop. Event codes are positions in `EVENTS`.
    """

    __slots__ = ("_cells", "_horizon_s", "_items", "_left", "_orders", "_places", "_report_s", "_writer", "item",
                 "order", "place")  # fmt: skip

    def __init__(self, horizon_s: int, report_s: int) -> None:
        self._horizon_s, self._report_s = horizon_s, report_s
        self._writer = BytesWriter()
        self._left = _ROWS_TOGETHER
        self._cells = bytearray()
        self._places: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._orders: dict[str, int] = {}
        self.place: Callable[[str], int] = _register(self._places)
        self.item: Callable[[str], int] = _register(self._items)
        self.order: Callable[[str], int] = _register(self._orders)

    def row(  # noqa: PLR0913, PLR0917 - a record per row would cost more than the row
        self,
        time_s: float,
        event_code: int,
        place: int,
        item: int,
        order: int,
        unit: int,
        lot: int,
        parent: int,
        quantity: float,
        usd: float,
        since_s: float,
        value: float,
    ) -> None:
        """Append one row; positional, one argument a column, as this is the hot path."""
        # Only what is a float already is written without a call of Python.
        writer = self._writer
        write_f64_le(writer, time_s)
        write_f64_le(writer, float(event_code))
        write_f64_le(writer, float(place))
        write_f64_le(writer, float(item))
        write_f64_le(writer, float(order))
        write_f64_le(writer, float(unit))
        write_f64_le(writer, float(lot))
        write_f64_le(writer, float(parent))
        write_f64_le(writer, quantity)
        write_f64_le(writer, usd)
        write_f64_le(writer, since_s)
        write_f64_le(writer, value)
        self._left -= 1
        if self._left == 0:
            self._put_by()

    def _put_by(self) -> None:
        """The block of rows is full."""
        self._cells += self._writer.getvalue()
        self._writer.truncate(0)
        self._left = _ROWS_TOGETHER

    def close(self) -> Log:
        """The log, by time and, at one time, in order of writing; the writer is then spent."""
        self._put_by()
        rows = np.frombuffer(self._cells, np.float64).reshape(-1, len(COLUMNS))
        times = rows[:, 0]
        if np.any(times[1:] < times[:-1]):
            rows = rows[np.argsort(times, kind="stable")]
        return Log(
            rows=rows,
            places=tuple(self._places),
            items=tuple(self._items),
            orders=tuple(self._orders),
            horizon_s=self._horizon_s,
            report_s=self._report_s,
        )


def _register(names: dict[str, int]) -> Callable[[str], int]:
    def position(name: str) -> int:
        return names.setdefault(name, len(names))

    return position
