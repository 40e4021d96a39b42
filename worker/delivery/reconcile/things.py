"""Reads a sender's things, and plans each as the event of its webhook would be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from worker.delivery.catch_up_items import Item, item_of
from worker.errors import GoneAtSource, NeverExisted, Rejected
from worker.plan import Ignored
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.fetch import changed_in, there, wanted
from worker.sdk.read import READ
from worker.sdk.request import Request
from worker.sdk.route import kind_of, plan_event, rank_of, rule_for
from worker.sdk.source import Absent, Changes
from worker.sdk.version import version_of
from worker.settings import Connection
from worker.sources.ports import Page, Reader
from worker.sources.ports import Thing as Read
from worker.sync.fold import Planned

LAST: Final = 2**62
"""Its place in the order of arrival: after all that is there."""
_NO_REQUEST: Final = Request(READ, "", (), b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFor:
    """What was read for a thing's plan, and under which name. `changed`: as its sender tells."""

    called: str
    read: Read
    changed: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing of the sender. `planned`: None where there is nothing to plan, by `ending`: ignored or dead."""

    item: Item
    planned: Planned | None
    ending: str | None = None
    read: Sequence[ReadFor] = ()


def items_of(connector: Connector, kind: str, changes: Changes, page: Page) -> tuple[Sequence[Item], int]:
    """What is on a page, and how many on it concern nobody."""
    found = [item_of(connector, kind, changes, body, page.read_at) for body in page.items]
    items = [item for item in found if item is not None]
    return items, len(found) - len(items)


def thing_of(connection: Connection, reader: Reader, item: Item, page: Page) -> Thing:
    """Reads what its plan needs besides. Raises the failures of a source."""
    connector = connection.connector
    if item.event.status != "pending":
        return Thing(item=item, planned=None, ending=item.event.status)
    rule = rule_for(connector, item.event.type)
    if not isinstance(rule, Handles):
        return Thing(item=item, planned=None, ending="ignored")
    incoming = Incoming(_NO_REQUEST, json.loads(item.payload))
    bodies, read = _read_for(connection, reader, rule, incoming, item, page)
    try:
        event = _event(connection, rule, item, incoming, bodies, read)
        plan = plan_event(connector, connection.settings, event)
    except Rejected:
        return Thing(item=item, planned=None, ending="dead", read=read)
    if isinstance(plan, Ignored) or not plan:
        return Thing(item=item, planned=None, ending="ignored", read=read)
    planned = Planned(
        event=item.event.id,
        time=event.counts_as_of,
        seq=LAST,
        connection=connection.name,
        plan=plan,
        sender_version=event.version,
        rank=rank_of(connector, event.type),
        mend="careful",
    )
    return Thing(item=item, planned=planned, read=read)


def _event(
    connection: Connection,
    rule: Handles,
    item: Item,
    incoming: Incoming,
    bodies: dict[str, Any],
    read: Sequence[ReadFor],
) -> Event:
    """As delivery will have it."""
    changed = {each.called: each.changed for each in read}
    names = [get.called for get in rule.fetch]
    part = Incoming(incoming.request, incoming.payload, read=there(bodies))
    time = item.event.time or item.changed
    assert time is not None
    return Event(
        id=item.event.event_id,
        type=item.event.type,
        subject=item.event.subject,
        time=time,
        payload=incoming.payload,
        connection=connection.name,
        version=version_of(rule, part),
        read=bodies,
        changed=next((changed[name] for name in names if changed.get(name)), None),
    )


def _read_for(
    connection: Connection, reader: Reader, rule: Handles, incoming: Incoming, item: Item, page: Page
) -> tuple[dict[str, Any], Sequence[ReadFor]]:
    bodies: dict[str, Any] = {}
    read: list[ReadFor] = []
    for name in item.gets:
        body = Read(kind=item.kind, id=item.thing, body=item.body, read_at=page.read_at)
        bodies[name] = item.body
        read.append(ReadFor(called=name, read=body, changed=item.changed))
    while (asked := wanted(rule, incoming, bodies)) is not None:
        get, thing = asked
        try:
            found = reader.get(get.kind, thing)
        except GoneAtSource as failure:
            bodies[get.called] = Absent("gone", str(failure))
        except NeverExisted as failure:
            bodies[get.called] = Absent("never", str(failure))
        else:
            bodies[get.called] = found.body
            changed = changed_in(kind_of(connection.connector, get.kind), found.body, found.read_at)
            read.append(ReadFor(called=get.called, read=found, changed=changed))
    return bodies, read
