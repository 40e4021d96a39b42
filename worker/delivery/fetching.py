"""Reads what a claim's events need of their sender's API, and stores it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from worker.delivery.asking import EXCHANGES, Question, Readers, ask, incomplete
from worker.delivery.lease import LeaseKeeper
from worker.delivery.planning import StoredRequests
from worker.errors import Failure, Rejected, Stopping, Unauthorized, Unavailable, Waiting
from worker.sdk.read import BadBody
from worker.sdk.source import Get
from worker.settings import Connection
from worker.store import Store
from worker.store.db.clock import now
from worker.store.events.events import WaitingEvent
from worker.store.events.outcomes import Outcome
from worker.store.lanes.lanes import Claim, guard
from worker.store.readings import contents, readings
from worker.store.readings.readings import Link, Reading


@dataclass(frozen=True, slots=True)
class Fetched:
    """`ready`: events that can be planned. A `failure` cut it short: those that are `left` have still to be read for. `reads`: made."""

    ready: Sequence[WaitingEvent]
    outcomes: Sequence[Outcome] = ()
    failure: Failure | None = None
    left: Sequence[WaitingEvent] = ()
    reads: int = 0


@dataclass(slots=True)
class Fetching:
    """One claim's. Behind an event that waits for its sender none is ready, so that their order stays.

    `lease`: seconds that a lane is claimed for. `claims`: an event that was claimed more often without an outcome is read for no more.
    """

    store: Store
    connection: Connection
    claim: Claim
    requests: StoredRequests
    readers: Readers
    stopping: Callable[[], bool]
    lease: float
    claims: int
    reads: int = 0
    _keeper: list[LeaseKeeper] = field(default_factory=list)
    _known: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _links: list[Link] = field(default_factory=list)
    _unread: list[tuple[Reading, Link]] = field(default_factory=list)

    def run(self) -> Fetched:
        """Raises LeaseLost."""
        ready: list[WaitingEvent] = []
        outcomes: list[Outcome] = []
        for number, event in enumerate(self.claim.events):
            try:
                self._read_for(event)
            except (Waiting, Unauthorized, Unavailable) as failure:
                self._keep()
                left = [each for each in self.claim.events[number:] if self._wanted(each)]
                return Fetched(ready, outcomes, failure, left, self.reads)
            except Rejected as failure:
                reason = f"{event.type}: {failure}"
                outcomes.append(Outcome(event.id, "dead", reason, code=failure.code, http_status=failure.status))
            else:
                ready.append(event)
        self._keep()
        return Fetched(ready, outcomes, reads=self.reads)

    def _read_for(self, event: WaitingEvent) -> None:
        while (wanted := self._wanted(event)) is not None:
            get, thing = wanted
            with self.store.read() as conn:
                question = Question(self.connection, get.kind, thing, event, now(conn))
            reading = self._found(question)
            if reading is None:
                reading = self._asked(question, get.called)
            else:
                self._links.append(Link(event.id, get.called, reading.id))
            self._known[get.kind, thing] = reading
            self.requests.learn(event, get.called, reading)

    def _wanted(self, event: WaitingEvent) -> tuple[Get, str] | None:
        """What can't be read as it came, or is another tenant's, is told when it is planned."""
        if event.claims > self.claims:
            return None
        try:
            self.requests.refuse_astray(event, self.connection)
            return self.requests.wanted(event)
        except (Rejected, BadBody):
            return None

    def _found(self, question: Question) -> Reading | None:
        """What was read since the event waits: for one before it, or by a worker that ended before it planned."""
        event = question.event
        known = self._known.get((question.kind, question.thing))
        if known is None or known.read_at < event.asked_at:
            with self.store.read() as conn:
                known = readings.newest(conn, self.connection.name, question.kind, question.thing, since=event.asked_at)
        return known if known is not None and _counts(question, known) and self._kept(question, known) else None

    def _kept(self, question: Question, known: Reading) -> bool:
        """Of a file that another event needed and has no more, nothing is left but what it was."""
        if not question.declared.file or known.status != "read":
            return True
        with self.store.read() as conn:
            return contents.kept(conn, known.id)

    def _asked(self, question: Question, name: str) -> Reading:
        """Stored in a transaction of its own before anything else is read. Raises LeaseLost."""
        if self.stopping():
            raise Stopping
        if not self._unread:
            self._keep_lease()
        reading = ask(self.readers, question)
        if reading.status == "unread":
            # Nobody was asked: a connection without a token pays for no transaction of its own.
            self._unread.append((reading, Link(question.event.id, name, reading.id)))
            return reading
        self.reads += 1
        with self.store.write() as conn:
            guard(conn, self.claim.fence, self.lease)
            readings.store(conn, reading, [*self._links, Link(question.event.id, name, reading.id)])
        self._links.clear()
        return reading

    def _keep_lease(self) -> None:
        if not self._keeper:
            source = self.connection.connector.source
            call = EXCHANGES * (source.timeout if source else 0.0)
            self._keeper.append(LeaseKeeper(self.store, self.claim.fence, lease=self.lease, call=call))
        self._keeper[0]()

    def _keep(self) -> None:
        """What was found and not asked for is stored, too. Whoever works on counts the lease from now."""
        if self.reads or self._links or self._unread:
            with self.store.write() as conn:
                guard(conn, self.claim.fence, self.lease)
                for reading, link in self._unread:
                    readings.store(conn, reading, [link])
                readings.link(conn, self._links)
            self._links.clear()
            self._unread.clear()


def read_ahead(
    store: Store, connection: Connection, requests: StoredRequests, event: WaitingEvent, readers: Readers
) -> None:
    """Read what an event needs, for who only looks: nothing of it is stored. Raises the failures of a source, Rejected, BadBody."""
    while (wanted := requests.wanted(event)) is not None:
        get, thing = wanted
        with store.read() as conn:
            question = Question(connection, get.kind, thing, event, now(conn))
        requests.learn(event, get.called, ask(readers, question))


def _counts(question: Question, known: Reading) -> bool:
    """An older event may have stopped waiting for what is not complete, or not there; a younger one has not."""
    if known.status == "read":
        return incomplete(question, known.value) is None
    return known.status == "gone" or (known.status == "never" and not question.early)
