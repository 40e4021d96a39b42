"""Plans and carries out that a person is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, select

from worker.errors import ConfigError
from worker.store.db import space
from worker.store.db.engine import Store
from worker.store.db.tables import events
from worker.store.privacy import erasures
from worker.store.privacy.erase import Erasing
from worker.store.privacy.erasures import Erasure
from worker.store.privacy.obstacles import Obstacle, obstacles
from worker.store.privacy.pages import Progress, in_chunks
from worker.store.privacy.pseudonyms import made_pseudonyms, pseudonyms
from worker.store.privacy.search import traces
from worker.store.privacy.traces import RecordId, Traces


@dataclass(frozen=True, slots=True)
class FoundEvent:
    id: str
    connection: str
    type: str
    status: str


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """What is kept of a person. `counts`: rows, by table. `records`: those of Upsales, which people have to see to; `own`: the person's.

    `before`: when they were erased before. It is carried out only without `obstacles`.
    """

    term: str
    found: Traces
    events: Sequence[FoundEvent]
    obstacles: Sequence[Obstacle]
    before: Sequence[Erasure]

    @property
    def counts(self) -> Mapping[str, int]:
        return self.found.counts()

    @property
    def own(self) -> Sequence[RecordId]:
        return sorted(self.found.own)

    @property
    def mentioning(self) -> Sequence[RecordId]:
        return sorted(self.found.mentioning)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do, nor anything to go on with."""
        return not any(self.counts.values()) and all(each.done_at for each in self.before)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """`wiped`: not so where somebody reads from a SQLite file all the time; its upkeep then does the rest within the hour."""

    proof: Erasure
    wiped: bool


def no_progress(_table: str, _rows: int) -> None:
    """For who has nobody to tell."""


def plan(store: Store, term: str, progress: Progress = no_progress, *, search_lag: float = 0.0) -> ForgetPlan:
    """Reads everything that is kept, in pages. `term`: an e-mail address, a phone number such as +46701740699, or a subject as `relay events list` shows it.

    `search_lag`: seconds until Upsales's search shows what was written.
    """
    term = term.strip()
    if not term:
        raise ConfigError(
            "say whom to forget: an e-mail address, a phone number such as +46701740699, or a subject as `relay events list` shows it"
        )
    found = traces(store, term, progress)
    with store.read() as conn:
        named = [row for some in in_chunks(sorted(found.events)) for row in _events(conn, some)]
        known = pseudonyms(conn)
        before = [] if known is None else erasures.of_term(conn, erasures.hashed(term, known))
        return ForgetPlan(term, found, named, obstacles(conn, found, search_lag), before)


class Begun(Protocol):
    """Is told in the transaction that begins the proof, or goes on with it."""

    def __call__(self, conn: Connection, proof: Erasure, *, goes_on: bool) -> None: ...


def untold(conn: Connection, proof: Erasure, *, goes_on: bool) -> None:
    """For who keeps no audit."""


def execute(
    store: Store,
    planned: ForgetPlan,
    *,
    by: str,
    why: str,
    progress: Progress = no_progress,
    new: str | None = None,
    begun: Begun = untold,
) -> Forgotten:
    """Erases what was found, in short transactions. Interrupted, it is to be planned and executed again. Raises ConfigError while something waits.

    `new`: the id of the proof, unless an interrupted one goes on.
    """
    if planned.obstacles:
        first = planned.obstacles[0]
        raise ConfigError(f"nothing was erased: {first.what}; {first.ends}")
    if planned.found.person.told_in(why) or planned.found.person.told_in(by):
        raise ConfigError(
            "nothing was erased: the reason stays for ever, so it must not name the person; say it otherwise"
        )
    with store.write() as conn:
        known = made_pseudonyms(conn)
        term = erasures.hashed(planned.term, known)
        goes_on = any(each.done_at is None for each in erasures.of_term(conn, term))
        proof = erasures.begin(conn, term, by, why, new)
        begun(conn, proof, goes_on=goes_on)
    Erasing(store, planned.found, known, proof.id, progress).run()
    wiped = space.wipe(store)
    with store.write() as conn:
        return Forgotten(erasures.end(conn, proof.id), wiped)


def _events(conn: Connection, some: Sequence[str]) -> Iterator[FoundEvent]:
    columns = (events.c.id, events.c.connection, events.c.type, events.c.status)
    yield from (FoundEvent(*row) for row in conn.execute(select(*columns).where(events.c.id.in_(some))))
