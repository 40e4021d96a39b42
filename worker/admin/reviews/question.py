"""Tells what a person is asked about one event, and what can be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from worker.admin.known import PATIENCE, Known, ask
from worker.admin.parts import Parts
from worker.admin.reviews.keys import AboutNothing, Several, key_of, own_key, plan_of, text_of
from worker.admin.reviews.state import last_decision, tag_of
from worker.admin.reviews.waiting import others
from worker.errors import ConfigError
from worker.plan import Key, Plan, QualifiedKey, Upsert
from worker.store.db.tables import events
from worker.store.events.events import Event, show
from worker.store.ledger import links
from worker.store.people.audit import Deed


@dataclass(frozen=True, slots=True)
class Question:
    """`key`: whose record is decided here; None: that has to be chosen, or there is nothing to decide. `keys`: all that the event is about.

    `asked`: the key that it is in review for; `elsewhere`: an event of that connection where it is decided, if it is another one's.
    `deleted`: the event has ended, because a person deleted the record in Upsales. `unreadable`: why nothing is known of what was sent.
    """

    event: Event
    tag: str
    asked: QualifiedKey | None
    elsewhere: str | None
    key: Key | None
    keys: Sequence[Key]
    upserts: Sequence[Upsert] = field(repr=False)
    others: int
    begun: bool
    deleted: bool
    unreadable: str | None
    decided: Deed | None

    @property
    def waits(self) -> bool:
        return self.event.status == "review"

    @property
    def can(self) -> Sequence[str]:
        """The decisions that can be taken."""
        if not (self.waits or self.deleted):
            return ()
        named = self.key is not None
        found = {"adopt": named, "create": named and self.begun and self.waits, "drop": self.waits}
        return [name for name, possible in found.items() if possible]


def question(
    parts: Parts, event_id: str, *, named: str | None = None, number: int | None = None, patience: float = PATIENCE
) -> Known[Question | None]:
    """None: there is no such event. `named`, `number`: which of its records is decided. Raises ConfigError for one that it is not about."""
    found = ask(parts.store, lambda conn: show(conn, event_id), patience)
    event = found.value
    if event is None or event.id != event_id:
        return Known(None, found.as_of, found.why)
    plan, unreadable = _plan(parts, event)
    own = own_key(event)
    keys = list(dict.fromkeys([*([own] if own else []), *(upsert.key for upsert in plan)]))
    if number is not None:
        if not 0 <= number < len(keys):
            raise ConfigError("the event is about no such record")
        named = text_of(keys[number])
    key = _key(parts, event, named)
    told = [upsert for upsert in plan if upsert.key == key]
    return ask(parts.store, lambda conn: _question(conn, event, key, keys, told, unreadable), patience)


def _plan(parts: Parts, event: Event) -> tuple[Plan, str | None]:
    try:
        return plan_of(parts, event), None
    except ConfigError as error:
        return (), str(error)


def _key(parts: Parts, event: Event, named: str | None) -> Key | None:
    try:
        return key_of(parts, event, named)
    except (AboutNothing, Several):
        return None
    except ConfigError:
        if named is not None:
            raise
        return None


def _question(
    conn: Connection, event: Event, key: Key | None, keys: Sequence[Key], told: Sequence[Upsert], unreadable: str | None
) -> Question:
    links_of = [links.find(conn, event.connection, each) for each in keys]
    link = None if key is None else links.find(conn, event.connection, key)
    asked = event.review_key
    foreign = asked is not None and asked.connection != event.connection
    decided = None if key is None else QualifiedKey.of(event.connection, key)
    return Question(
        event=event,
        tag=tag_of(conn, event, keys),
        asked=asked,
        elsewhere=_elsewhere(conn, asked) if foreign and asked is not None else None,
        key=key,
        keys=keys,
        upserts=told,
        others=0 if decided is None else others(conn, event, decided),
        begun=link is not None and link.state == "creating",
        deleted=event.status not in ("pending", "review")
        and any(each is not None and each.state == "gone" for each in links_of),
        unreadable=unreadable,
        decided=last_decision(conn, event.id),
    )


def _elsewhere(conn: Connection, asked: QualifiedKey) -> str | None:
    """An event of the key's own connection that is in review for it."""
    waiting = select(events.c.id).where(events.c.status == "review", events.c.review_key == asked)
    found: str | None = conn.execute(
        waiting.where(events.c.connection == asked.connection).order_by(events.c.seq).limit(1)
    ).scalar_one_or_none()
    return found
