"""Listens to one connection's sender for as long as the process lives."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from worker.errors import ConfigError, LeaseLost, RelayError, SourceForbidden
from worker.sdk.stream import Session, Stream
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
TURN: Final = 1.0
"""Seconds between two looks whether the lease is free, and while there is nothing to do."""

log = structlog.get_logger()


@dataclass(slots=True)
class Listener:
    """One process listens at a time; others wait for its lease."""

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
    turn: float = TURN
    now: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    pause: Callable[..., float] = pause
    _tries: int = field(default=0, init=False)
    _wants_fresh: bool = field(default=False, init=False)
    _was_fresh: bool = field(default=False, init=False)

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
            if not self._was_fresh:
                # The access token ended while it was listening, or just before: a fresh one is asked for, once.
                self._wants_fresh = True
                log.info("a stream is opened with a fresh token", connection=self.connection.name, reason=str(error))
                return
            self._was_fresh = False
            self._rest(lease, "forbidden", f"{error}, with a fresh token, too", slow=True)
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
        with self.dial(address, self.stream.headers(session), self.stream) as socket:
            talk = Talk(
                connection=self.connection,
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
                    self._tries, self._was_fresh = 0, False

    def _session(self) -> Session:
        """With the offsets of this moment, and a token to begin with."""
        afresh, self._wants_fresh = self._wants_fresh, False
        self._was_fresh = self._was_fresh or afresh
        with self.store.read() as conn:
            stored = offsets.stored(conn, self.connection.name)
        topics = tuple(self.stream.topics(self.connection.settings))
        return Session(
            settings=self.connection.settings,
            topics=topics,
            offsets={topic: stored[topic].offset for topic in topics if topic in stored},
            signed=self.credentials.headers(self.connection, afresh=afresh),
            token=self.credentials.token(self.connection),
        )

    def _rest(self, lease: Lease, state: State, reason: str, *, slow: bool = False) -> None:
        """Before it is opened again. The lease is kept, so that everybody sees why."""
        self._tries += 1
        seconds = self.pause(self._tries, self.chance, slow=slow)
        leases.tell(self.store, lease, state, reason)
        log.warning("a stream ended", connection=self.connection.name, state=state, reason=reason, again_in=seconds)
        ends = self.now() + seconds
        while (left := ends - self.now()) > 0 and not self.stop.wait(min(left, self.turn)):
            leases.renew(self.store, lease)
