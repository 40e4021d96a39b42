"""Turns what is read, item by item, into the events that webhooks would have told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.delivery.listed import NO_REQUEST, Shown, own_id, whole_for
from worker.errors import ConfigError, did_you_mean
from worker.plan import bounded, digest
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.event_time import instant, told
from worker.sdk.fetch import there
from worker.sdk.masked import masked
from worker.sdk.read import storable
from worker.sdk.route import rule_for
from worker.sdk.source import Changes, Occurred
from worker.sdk.version import version_of

NOBODY = "concerns nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One event to be, as of `changed`. `shown`: what it brings. `body`: what was listed. `whole_for`: the names under which its mapping finds that."""

    shown: Shown
    changed: datetime
    payload: Any
    body: Any
    whole_for: tuple[str, ...] = ()

    @property
    def event_id(self) -> str:
        return self.shown.backfilled

    @property
    def type(self) -> str:
        return self.shown.type

    @property
    def subject(self) -> str:
        return self.shown.subject

    def event(self, connector: Connector, connection: str, read: Mapping[str, Any]) -> Event:
        """As delivery will have it, with what was `read` for it."""
        rule = rule_for(connector, self.type)
        incoming = Incoming(NO_REQUEST, self.payload, read=there(read))
        return Event(
            id=self.event_id,
            type=self.type,
            subject=self.subject,
            time=self.changed,
            payload=self.payload,
            connection=connection,
            version=version_of(rule, incoming) if isinstance(rule, Handles) else None,
            read=read,
        )


@dataclass(frozen=True, slots=True)
class Lister:
    """Makes events of the items of a kind. `read_at`: as of when one counts that doesn't say when it changed."""

    connector: Connector
    kind: str
    read_at: datetime

    def item(self, raw: Any) -> Item | str:
        """Or why it is none."""
        found = self._occurred(raw)
        if isinstance(found, str):
            return found
        occurred, said_id, said_changed = found
        rule = rule_for(self.connector, occurred.type)
        if not isinstance(rule, Handles):
            return NOBODY
        payload = storable(masked(occurred.payload, self.connector.secret_fields, lambda _secret: "***"))
        incoming = Incoming(NO_REQUEST, payload)
        subject = _said(rule.subject, incoming)
        if not subject:
            return f"it tells no subject of {occurred.type}"
        changed = instant(said_changed) or told(_said(rule.time, incoming))[0]
        shown = Shown(
            kind=self.kind,
            thing=said_id or subject,
            stamp=digest(json.dumps(payload, sort_keys=True)) if changed is None else changed.isoformat(),
            type=occurred.type,
            subject=bounded(subject),
            changed=changed,
            own=own_id(self.connector, changes_of(self.connector, self.kind), occurred),
        )
        whole = self._whole_for(occurred, shown.thing, raw)
        return Item(shown=shown, changed=changed or self.read_at, payload=payload, body=raw, whole_for=whole)

    def _whole_for(self, occurred: Occurred, thing: str, raw: Any) -> tuple[str, ...]:
        changes = changes_of(self.connector, self.kind)
        return () if changes is None else whole_for(self.connector, self.kind, changes, occurred, thing, raw)

    def _occurred(self, raw: Any) -> tuple[Occurred, str | None, str | None] | str:
        changes = changes_of(self.connector, self.kind)
        if changes is None:
            return Occurred(self.kind, raw), None, None
        try:
            occurred = changes.event(raw)
        except Exception as error:  # noqa: BLE001 - a connector may be anybody's code; one item stops no others
            return f"the {self.connector.name} connector raised {type(error).__name__}"
        if occurred is None:
            return NOBODY
        return occurred, _at(raw, changes.id), _at(raw, changes.changed) if changes.changed else None


def changes_of(connector: Connector, kind: str) -> Changes | None:
    source = connector.source
    found = None if source is None else source.kinds.get(kind)
    return None if found is None else found.changes


def listed_kinds(connector: Connector) -> Sequence[str]:
    """What the sender's API lists, in the connector's order."""
    kinds: Mapping[str, Any] = {} if connector.source is None else connector.source.kinds
    return [name for name, kind in kinds.items() if kind.changes is not None]


def kinds_to_read(connector: Connector, wanted: Sequence[str]) -> Sequence[str]:
    """Of the sender's API. Raises ConfigError."""
    there = listed_kinds(connector)
    if not there:
        raise ConfigError(f"{connector.name} does not read its sender: give an export with --file")
    for kind in wanted:
        if kind not in there:
            raise ConfigError(f"--kind {kind}: {connector.name} lists none; {did_you_mean(kind, there)}")
    return [kind for kind in there if kind in wanted or not wanted]


def kind_of_file(connector: Connector, wanted: Sequence[str]) -> str:
    """What a file's lines are: a kind of the sender's API, or an event type. Raises ConfigError."""
    there = [*listed_kinds(connector), *sorted(connector.handles)]
    if len(wanted) != 1:
        raise ConfigError(f"--file holds things of one kind: name it by --kind; there are: {', '.join(there)}")
    if wanted[0] not in there:
        raise ConfigError(f"--kind {wanted[0]}: there is none; {did_you_mean(wanted[0], there)}")
    return wanted[0]


def _at(raw: Any, path: str) -> str | None:
    value = raw
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return None if value is None or isinstance(value, bool | list | dict) else str(value)


def _said(extract: Any, incoming: Incoming) -> str | None:
    try:
        return extract(incoming) or None
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None


def once(items: Sequence[Item]) -> Sequence[Item]:
    """Of several with one id the last."""
    return list({item.event_id: item for item in items}.values())
