"""Reports what became of the demo's events, and the records that they made."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import httpx
from sqlalchemy import select

from worker.store.db.engine import Store
from worker.store.db.tables import events, links
from worker.upsales.endpoints import ENDPOINTS

TELLING = {
    "account": ("name", "orgNo"),
    "contact": ("name", "email"),
    "order": ("description", "value", "stage"),
    "agreement": ("description", "value"),
    "product": ("name", "articleNo"),
}
TELLING_OTHERWISE = ("description", "title", "date")
MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$")
TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Ended:
    connection: str
    type: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """One record in Upsales, and the connections that told of it."""

    connections: Sequence[str]
    resource: str
    id: int
    tells: str


def fates(store: Store, connections: Collection[str]) -> Sequence[Ended]:
    query = select(events.c.connection, events.c.type, events.c.status, events.c.reason).order_by(events.c.seq)
    query = query.where(events.c.connection.in_(sorted(connections)))
    with store.read() as conn:
        return [Ended(*row) for row in conn.execute(query)]


def unfinished(store: Store) -> frozenset[tuple[str, str]]:
    """The connections and subjects of events that have not ended."""
    query = select(events.c.connection, events.c.subject).where(events.c.status == "pending").distinct()
    with store.read() as conn:
        return frozenset((row.connection, row.subject) for row in conn.execute(query))


def made(store: Store, base_url: str, keys: Mapping[str, str]) -> Iterator[Made]:
    """By the connections of these keys, which belong to one account."""
    query = select(links).where(links.c.state == "linked", links.c.connection.in_(sorted(keys)))
    query = query.order_by(links.c.resource, links.c.record_id)
    with store.read() as conn:
        rows = conn.execute(query).all()
    with httpx.Client(base_url=base_url, trust_env=False, timeout=TIMEOUT) as client:
        for (resource, record_id), group in groupby(rows, lambda row: (row.resource, row.record_id)):
            same = list(group)
            record = _record(client, resource, record_id, keys[same[0].connection])
            told_by = sorted({row.connection for row in same})
            yield Made(told_by, resource, record_id, tells(resource, record))


def _record(client: httpx.Client, resource: Any, record_id: int, key: str) -> Mapping[str, Any]:
    answer = client.get(f"{ENDPOINTS[resource].path}/{record_id}", params={"token": key})
    found = answer.json().get("data") if answer.status_code == 200 else None
    return found if isinstance(found, dict) else {}


def tells(resource: str, record: Mapping[str, Any]) -> str:
    """The few fields a person knows a record by."""
    names = TELLING.get(resource, TELLING_OTHERWISE)
    return ", ".join(_plain(name, record) for name in names if record.get(name) not in (None, "", {}))


def _plain(name: str, record: Mapping[str, Any]) -> str:
    value = record[name]
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id"))
    if name == "value":
        return f"{value} {record.get('currency') or ''}".rstrip()
    return MOMENT.sub(r"\1 \2 UTC", str(value)) if name == "date" else str(value)
