"""Stores the events that repair what was found; each goes the normal way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ulid import ULID

from worker.delivery.attached import Attachment, attach
from worker.delivery.reconcile.things import Thing
from worker.plan import bounded
from worker.sdk.read import OVER_PEOPLE, READ, RECONCILE
from worker.store import Store
from worker.store.db.clock import now
from worker.store.events.arrival import Arrival, NewEvent
from worker.store.events.intake import accept

A_REQUEST = 20
"""So many events are stored as one request: each of them parses all of it when it is planned."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Of one run."""

    store: Store
    connection: str
    run: str
    over_people: bool

    @property
    def prefix(self) -> str:
        """What the ids of its events begin with."""
        return f"{RECONCILE}{self.run}:"

    def begin(self, things: Sequence[Thing]) -> int:
        """Answers how many events are stored now. One that is there already is there once."""
        number = 0
        for start in range(0, len(things), A_REQUEST):
            number += self._store(things[start : start + A_REQUEST])
        return number

    def _store(self, things: Sequence[Thing]) -> int:
        with self.store.write() as conn:
            at = now(conn)
            (receipt,) = accept(conn, [self._arrival(things)])
            fresh = [
                (thing, accepted.id)
                for thing, accepted in zip(things, receipt.events, strict=True)
                if accepted.taken == "inserted"
            ]
            attach(
                conn,
                [
                    Attachment(
                        connection=self.connection,
                        event=event,
                        called=each.called,
                        thing=each.read,
                        changed=each.changed,
                        read_at=at,
                    )
                    for thing, event in fresh
                    for each in thing.read
                ],
            )
        return len(fresh)

    def _arrival(self, things: Sequence[Thing]) -> Arrival:
        """A request that nobody sent."""
        how = f":{OVER_PEOPLE}" if self.over_people else ""
        return Arrival(
            request_id=str(ULID()),
            connection=self.connection,
            method=READ,
            url=f"{RECONCILE}{self.run}{how}",
            headers=(),
            body=f"[{','.join(thing.item.payload for thing in things)}]".encode(),
            events=tuple(self._event(thing) for thing in things),
        )

    def _event(self, thing: Thing) -> NewEvent:
        name = bounded(f"{self.prefix}{thing.item.kind}:{thing.item.thing}")
        time = thing.item.event.time or thing.item.changed
        return replace(thing.item.event, id=str(ULID()), event_id=name, time=time)
