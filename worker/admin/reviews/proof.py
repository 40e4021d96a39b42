"""Proves that a record exists before a key is taken to be it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from worker.admin.parts import Parts
from worker.admin.reviews.reading import FRESH, Reader
from worker.admin.reviews.texts import shown
from worker.errors import ConfigError
from worker.plan import Key
from worker.store.lanes import connections
from worker.store.ledger import links

NAMES: Final = ("name", "description", "email", "orgNo")
"""What people know a record by."""


class NoSuchRecord(ConfigError):
    """Upsales has no record of this id."""


class Unproven(ConfigError):
    """Upsales could not be asked: nothing was decided."""


@dataclass(frozen=True, slots=True)
class Proven:
    """`data`: as Upsales showed it. `owner`: the connection's key that is this record already."""

    key: Key
    record: int
    data: Mapping[str, Any]
    owner: Key | None

    def called(self, *, masked: bool) -> str:
        """What Upsales calls it."""
        told = (shown(name, self.data[name], masked=masked) for name in NAMES if self.data.get(name))
        return ", ".join(told) or "without a name"


def prove(parts: Parts, reader: Reader, connection: str, key: Key, record: int, event: str | None) -> Proven:
    """Raises NoSuchRecord, Unproven."""
    found = reader.kept(connection, key.resource, [record], FRESH)
    if record not in found.shown:
        found = reader.read(connection, key.resource, [record], event)
    if record not in found.shown:
        raise Unproven(f"{key.resource} {record} could not be looked up: {found.why}")
    data = found.shown[record].data
    if data is None:
        raise NoSuchRecord(f"Upsales has no {key.resource} {record}: look its id up there")
    return Proven(key, record, data, _owner(parts, connection, key, record))


def _owner(parts: Parts, connection: str, key: Key, record: int) -> Key | None:
    with parts.store.read() as conn:
        account = connections.get(conn, connection).account
        if account is None:
            return None
        return links.owner(conn, connection, account, key.resource, record, besides=key.id)
