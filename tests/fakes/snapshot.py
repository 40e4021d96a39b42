"""Shows a world so that two runs can be compared: records by what they stand for, not by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.ledger import MemoryStore
from tests.fakes.upsales import REFERENCES, FakeUpsales
from worker.plan import RESOURCES, Resource


@dataclass(frozen=True)
class Snapshot:
    upsales: Mapping[str, Any]
    records: Mapping[str, Any]
    links: Mapping[str, Any]
    identities: Mapping[Any, str]
    unsettled: list[str]
    duplicates: Mapping[str, Any]


def snapshot(upsales: FakeUpsales, store: MemoryStore) -> Snapshot:
    """What is known of records that no longer exist is left out: it is looked at before it is believed. So is a file that belongs to nothing."""
    names = _Names(store)
    return Snapshot(
        upsales={
            names.of(resource, record_id): names.data(data)
            for resource in RESOURCES
            for record_id, data in upsales.live(resource).items()
            if resource != "file" or "entityId" in data
        },
        records={
            names.of(*record): {
                name: (names.field(name, held.value), *held.packed()[1:]) for name, held in row.fields.items()
            }
            for record, row in store.records.items()
            if record[1] in upsales.live(record[0])
        },
        links={
            f"{connection}/{key.resource}/{key.id}": (
                row.state,
                row.record_id and names.of(key.resource, row.record_id),
            )
            for (connection, key), row in store.links.items()
        },
        identities={
            place: names.of(place[0], row.record_id) if row.record_id else "reserved"
            for place, row in store.identities.items()
            if row.record_id is None or row.record_id in upsales.live(place[0])
        },
        unsettled=[call for call, row in store.calls.items() if row.state not in {"done", "failed"} or row.verify_at],
        duplicates=store.duplicates,
    )


class _Names:
    """A linked record is named after its first link, any other after its id."""

    def __init__(self, store: MemoryStore) -> None:
        self._names: dict[tuple[Resource, int], str] = {}
        for connection, key in sorted(store.links, key=lambda link: (link[0], link[1].id)):
            record_id = store.links[connection, key].record_id
            if record_id is not None:
                self._names.setdefault((key.resource, record_id), f"{connection}/{key.id}")

    def of(self, resource: Resource, record_id: int) -> str:
        return f"{resource} {self._names.get((resource, record_id), record_id)}"

    def data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.field(name, value) for name, value in data.items() if name != "id"}

    def field(self, name: str, value: Any) -> Any:
        if name in REFERENCES and value:
            return self.of(REFERENCES[name], value["id"])
        if name == "custom":
            return {entry["fieldId"]: entry["value"] for entry in value}
        if name == "orderRow":
            return [{part: row[part] for part in row if part != "id"} for row in value]
        return value
