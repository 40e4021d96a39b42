"""Carries out a person's decision: one transaction, with its record in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, Row, select

from worker.admin.parts import Parts
from worker.admin.reviews.keys import text_of
from worker.admin.reviews.state import ACTS, last_decision, tag_of
from worker.errors import ConfigError
from worker.plan import Key, QualifiedKey
from worker.store.db.tables import events
from worker.store.events import replay
from worker.store.events.events import Event
from worker.store.ledger import links, reviews
from worker.store.people import audit
from worker.store.people.audit import Actor, Deed

Kind: TypeAlias = Literal["adopt", "create", "drop"]
LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Decision:
    """`adopt`: the key is this `record`. `create`: there is none, it is made again. `drop`: the event has no effect; it needs no key."""

    kind: Kind
    key: Key | None = None
    record: int | None = None

    @property
    def outcome(self) -> str:
        """For the audit, which holds no key: the sender may have made it of an address."""
        resource = "" if self.key is None else self.key.resource
        return {"adopt": f"{resource}/{self.record}", "create": f"{resource} made again", "drop": "dropped"}[self.kind]


@dataclass(frozen=True, slots=True)
class Decided:
    """`tried_again`: how many events. `audit`: under which number it is kept; None: this person had decided just that before."""

    tried_again: int
    audit: int | None


class ChangedMeanwhile(ConfigError):
    """The event is no longer as the person saw it. `fate`: what it is now; `deed`: the last decision about it, if a person made one."""

    def __init__(self, event: str, fate: str, deed: Deed | None) -> None:
        self.fate, self.deed = fate, deed
        super().__init__(f"event {event} is {fate}, and waits for no decision")


class NotBegun(ConfigError):
    """No create of the key was begun, so none can be made again."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"no create of {key.resource} {key.id} was begun")


def decide(
    parts: Parts,
    actor: Actor,
    event: Event,
    decision: Decision,
    *,
    why: str | None,
    keys: Sequence[Key] = (),
    tag: str | None = None,
) -> Decided:
    """`keys`, `tag`: what the event was about, and the state that the person saw. Raises ChangedMeanwhile, NotBegun, ConfigError."""
    with parts.store.write() as conn:
        rows = _locked(conn, event, decision)
        row = next((row for row in rows if row.id == event.id), None)
        if row is None or not _as_seen(conn, row, decision, keys, tag):
            deed = last_decision(conn, event.id)
            if _same(deed, actor, decision):
                return Decided(0, None)
            raise ChangedMeanwhile(event.id, "no longer kept" if row is None else row.status, deed)
        if decision.kind == "drop":
            number = _record(conn, actor, event, decision, why, decision.outcome)
            replay.drop_reviewed(conn, row, replay.DROPPED + (why or ""))
            return Decided(0, number)
        _settle(parts, conn, event, decision)
        told = f"{decision.outcome}; tried again: {len(rows)}"
        number = _record(conn, actor, event, decision, why, told)
        replay.release(conn, rows)
        return Decided(len(rows), number)


def _locked(conn: Connection, event: Event, decision: Decision) -> Sequence[Row[Any]]:
    """Links before events, and events in their order, as everybody locks them."""
    if decision.key is None:
        return conn.execute(select(events).where(events.c.id == event.id).with_for_update()).all()
    reviews.hold(conn, event.connection, decision.key)
    decided = QualifiedKey.of(event.connection, decision.key)
    return replay.lock_reviewed(conn, event.connection, event.subject, decided, event.id)


def _as_seen(conn: Connection, row: Row[Any], decision: Decision, keys: Sequence[Key], tag: str | None) -> bool:
    if tag is not None and tag != tag_of(conn, row, keys):
        return False
    if row.status == "review":
        return True
    # One that has ended can be decided where its record was deleted: then it is delivered again.
    if decision.kind != "adopt" or row.status == "pending":
        return False
    found = (links.find(conn, row.connection, key) for key in (keys or [decision.key] if decision.key else keys))
    return any(link is not None and link.state == "gone" for link in found)


def _settle(parts: Parts, conn: Connection, event: Event, decision: Decision) -> None:
    key = decision.key
    if key is None:
        raise ConfigError(f"event {event.id}: say which record is decided")
    if decision.kind == "adopt":
        if decision.record is None or not 0 < decision.record <= LARGEST:
            raise ConfigError(f"{text_of(key)}: say which record it is, by its Upsales id")
        reviews.link_to(conn, event.connection, key, decision.record)
        return
    link = links.find(conn, event.connection, key)
    if link is None or link.state != "creating":
        raise NotBegun(key)
    reviews.set_free(conn, event.connection, key, verify_in=parts.settings.upsales.settled_after)


def _record(conn: Connection, actor: Actor, event: Event, decision: Decision, why: str | None, outcome: str) -> int:
    return audit.record(conn, actor, ACTS[decision.kind], f"event/{event.id}", why=why, outcome=outcome)


def _same(deed: Deed | None, actor: Actor, decision: Decision) -> bool:
    """Whether the form was sent twice."""
    if deed is None or (deed.who, deed.act) != (actor.name, ACTS[decision.kind]):
        return False
    return (deed.outcome or "").partition(";")[0] == decision.outcome
