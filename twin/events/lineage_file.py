"""Who consumed what, as a table beside a kept log: one row a consumer and lot that went into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.events.log_file import connection, quoted

Whole = NDArray[np.int64]
CONSUMERS = ("lot", "rack", "unit", "customer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lineage:
    """One entry per consumer and lot that went into it; all arrays of one length, by stock, then in order of use.

    `site` and `item` name the stock, as positions in `sites` and `items`. `kind` is that of
    the consumer, as a position in `CONSUMERS`, and `parent` its number: of a lot or shipment,
    a rack's own, a unit's of a stock policy, -1 of customers. `lot` is the lot or shipment
    consumed, -1 for what was there on day one or came from outside the world.
    """

    sites: tuple[str, ...]
    items: tuple[str, ...]
    site: Whole
    item: Whole
    parent: Whole
    kind: Whole
    lot: Whole
    quantity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.lot)


def write_lineage(path: Path, lineage: Lineage) -> None:
    """Write a Parquet file with site, item, consumer, number, lot (blank: none), quantity."""
    with connection() as duck:
        columns = {name: np.ascontiguousarray(getattr(lineage, name)) for name in _COLUMNS}
        duck.register("used", {"rank": np.arange(len(lineage)), **columns})
        for name, words in (("site", lineage.sites), ("item", lineage.items), ("kind", CONSUMERS)):
            listed = np.array([*words, None], dtype=object)[:-1]
            duck.register(f"{name}_given", {"id": np.arange(len(words)), "name": listed})
        duck.execute(
            "COPY (SELECT site_given.name AS site, item_given.name AS item, "
            "kind_given.name AS consumer, CASE WHEN parent < 0 THEN NULL ELSE parent END AS number, "
            "CASE WHEN lot < 0 THEN NULL ELSE lot END AS lot, quantity "
            "FROM used JOIN site_given ON site_given.id = used.site JOIN item_given ON item_given.id = used.item "
            "JOIN kind_given ON kind_given.id = used.kind "
            f"ORDER BY rank) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)"
        )


_COLUMNS = ("site", "item", "parent", "kind", "lot", "quantity")
