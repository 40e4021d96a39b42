"""Listens to one connection's sender for as long as the process lives."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from worker.errors import ConfigError, LeaseLost, RelayError, SourceForbidden
from worker.sdk.stream import Session, Stream, Tenant
from worker.settings import Connection
from worker.sources.stream.dial import address_of
from worker.sources.stream.failures import StreamRefused, StreamUnlike, TokenEnded, pause
from worker.sources.stream.intake import Intake, Stopped
from worker.sources.stream.ports import Committed, Credentials, Dial, Stop
from worker.sources.stream.talk import Talk
from worker.store import Store, StoreUnavailable
from worker.store.streams import leases, offsets
from worker.store.streams.leases import Lease, State

SETTLED: Final = 60.0
LEFT_OUT: Final = 900.0
"""Seconds until a connection whose token was refused is tried again."""
TURN: Final = 1.0
"""Seconds between two looks whether the lease is free, and while there is nothing to do."""

log = structlog.get_logger()


@dataclass(slots=True)
class Listener:
    """One process listens at a time; others wait for its lease.

    `members`: the connections whose tenants are told of, where that is not the connection itself alone. One whose token is refused is left out
    for a while, and the others go on.
    """

    connection: Connection
    stream: Stream
    store: Store
    credentials: Credentials
    dial: Dial
    committed: Committed
    stop: Stop
    owner: str
    fingerprint: Callable[[str], str]
    lease_seconds: float
    members: Sequence[Connection] = ()
    turn: float = TURN
    now: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    pause: Callable[..., float] = pause
    _tries: int = field(default=0, init=False)
    _wants_fresh: set[str] = field(default_factory=set, init=False)
    _was_fresh: set[str] = field(default_factory=set, init=False)
    _left_out: dict[str, str] = field(default_factory=dict, init=False)

    def run(self) -> None:
        """Until it is told to stop."""
        while not self.stop.is_set():
            try:
                lease = leases.take(self.store, self.connection.name, self.owner, self.lease_seconds)
                if lease is None:
                    self.stop.wait(self.turn)
                    continue
                self._hold(lease)
            except LeaseLost as error:
                log.warning("a stream is left to another process", reason=str(error))
            except StoreUnavailable as error:
                log.warning("a stream waits for the database", connection=self.connection.name, reason=str(error))
                self.stop.wait(self.turn)
            except Stopped:
                return

    def _hold(self, lease: Lease) -> None:
        try:
            while not self.stop.is_set():
                self._listen_once(lease)
        finally:
            with suppress(StoreUnavailable):
                leases.release(self.store, lease)

    def _listen_once(self, lease: Lease) -> None:
        """One stream from its opening to its end, and the wait after it."""
        try:
            self._listen(lease)
        except TokenEnded as error:
            whose = {error.tenant} if error.tenant else {each.name for each in self._members}
            if not whose <= self._was_fresh:
                # The access token ended while it was listening, or just before: a fresh one is asked for, once.
                self._wants_fresh |= whose
                log.info("a stream is opened with a fresh token", connection=self.connection.name, reason=str(error))
                return
            self._was_fresh -= whose
            reason = f"{error}, with a fresh token, too"
            if error.tenant and len(self._members) > 1:
                self._leave_out(error.tenant, reason)
                return
            self._rest(lease, "forbidden", reason, slow=True)
        except (SourceForbidden, StreamRefused, ConfigError) as error:
            unlike = isinstance(error, StreamUnlike)
            self._rest(lease, "unlike" if unlike else "forbidden", str(error), slow=True)
        except (LeaseLost, StoreUnavailable):
            raise
        except RelayError as error:
            self._rest(lease, "away", str(error))

    def _listen(self, lease: Lease) -> None:
        address = address_of(self.connection)
        session = self._session()
        left_out = dict(self._left_out)
        with self.dial(address, self.stream.headers(session), self.stream) as socket:
            talk = Talk(
                connection=self.connection,
                connections={each.name: each for each in (self.connection, *self._members)},
                left_out=left_out,
                stream=self.stream,
                url=address.url.partition("?")[0],
                lease=lease,
                socket=socket,
                intake=Intake(self.store, self.stop, self.committed),
                store=self.store,
                fingerprint=self.fingerprint,
                renewed=self._session,
                now=self.now,
            )
            talk.begin(session)
            begun = self.now()
            while not self.stop.is_set():
                talk.step()
                # A sender that lets us in and turns us out at once is not asked again at once.
                if talk.took or (talk.opened and self.now() - begun > SETTLED):
                    self._tries = 0
                    self._was_fresh.clear()
                if left_out and self.now() - begun > LEFT_OUT:
                    self._left_out.clear()
                    return

    def _session(self) -> Session:
        """With the offsets of this moment, and a token to begin with."""
        tenants = self._tenants()
        with self.store.read() as conn:
            stored = offsets.earliest(conn, [each.connection for each in tenants])
        topics = tuple(self.stream.topics(self.connection.settings))
        return Session(
            settings=self.connection.settings,
            topics=topics,
            offsets={topic: stored[topic] for topic in topics if topic in stored},
            tenants=tenants,
            token=self.credentials.token(self._members[0]),
        )

    @property
    def _members(self) -> Sequence[Connection]:
        return self.members or (self.connection,)

    def _tenants(self) -> Sequence[Tenant]:
        """Raises SourceForbidden where none is left."""
        found: list[Tenant] = []
        for each in self._members:
            if each.name in self._left_out:
                continue
            afresh = each.name in self._wants_fresh
            self._wants_fresh.discard(each.name)
            self._was_fresh |= {each.name} if afresh else set()
            try:
                found.append(Tenant(each.name, self.credentials.headers(each, afresh=afresh)))
            except SourceForbidden as error:
                if len(self._members) == 1:
                    raise
                self._leave_out(each.name, str(error))
        if not found:
            why = "; ".join(f"{name}: {reason}" for name, reason in sorted(self._left_out.items()))
            self._left_out.clear()
            raise SourceForbidden(why)
        return found

    def _leave_out(self, name: str, reason: str) -> None:
        """What it misses is told again once it is let in: its offsets stay where they are."""
        self._left_out[name] = reason
        log.error("a stream tells nothing of a connection", connection=name, stream=self.connection.name, reason=reason)

    def _rest(self, lease: Lease, state: State, reason: str, *, slow: bool = False) -> None:
        """Before it is opened again. The lease is kept, so that everybody sees why."""
        self._tries += 1
        seconds = self.pause(self._tries, self.chance, slow=slow)
        leases.tell(self.store, lease, state, reason)
        log.warning("a stream ended", connection=self.connection.name, state=state, reason=reason, again_in=seconds)
        ends = self.now() + seconds
        while (left := ends - self.now()) > 0 and not self.stop.wait(min(left, self.turn)):
            leases.renew(self.store, lease)
