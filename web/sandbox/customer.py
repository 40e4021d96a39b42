"""Holds one Upsales account: its records, and a search index for each resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from web.sandbox.answers import Json, Record
from web.sandbox.coercion import identifier
from web.sandbox.index import SearchIndex


class Customer:
    """All data the keys of one account share. Not locked: the sandbox's one lock is held by whoever calls.

    A stored record is never changed in place, so the index may hold the same object.
    """

    def __init__(self, customer_id: int, name: str, lag: Callable[[], float], first_id: int) -> None:
        self.id = customer_id
        self.name = name
        self._lag = lag
        self._last_id: dict[str, int] = defaultdict(lambda: first_id - 1)
        self._tables: dict[str, dict[int, Record]] = defaultdict(dict)
        self._indexes: dict[str, SearchIndex] = defaultdict(SearchIndex)

    def new_id(self, resource: str) -> int:
        # Ids of custom fields are one sequence, so that the id of one entity's field is never that of another's.
        sequence = resource.partition("/")[0]
        self._last_id[sequence] += 1
        return self._last_id[sequence]

    def get(self, resource: str, record_id: int) -> Record | None:
        return self._tables[resource].get(record_id)

    def find(self, resource: str, reference: Json) -> Record | None:
        """The record a reference such as {"id": 1} or 1 leads to."""
        target = identifier(reference)
        return None if target is None else self.get(resource, target)

    def has(self, resource: str, record_id: int) -> bool:
        return record_id in self._tables[resource]

    def records(self, resource: str) -> Iterable[Record]:
        return self._tables[resource].values()

    def resources(self) -> list[str]:
        return sorted(name for name, table in self._tables.items() if table)

    def put(self, resource: str, record: Record, now: float, *, at_once: bool = False) -> None:
        self._tables[resource][record["id"]] = record
        self._indexes[resource].write(record["id"], record, now if at_once else now + self._lag())

    def remove(self, resource: str, record_id: int, now: float) -> None:
        del self._tables[resource][record_id]
        self._indexes[resource].write(record_id, None, now + self._lag())

    def index(self, resource: str, now: float) -> SearchIndex:
        """The resource as lists see it at this time."""
        index = self._indexes[resource]
        index.refresh(now)
        return index

    @property
    def master_currency(self) -> str:
        return next((row["iso"] for row in self.records("currencies") if row["masterCurrency"]), "SEK")
