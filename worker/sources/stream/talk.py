"""Talks on one open stream until it ends: sends commands, stores what is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from worker.sdk.read import BadBody
from worker.sdk.route import named
from worker.sdk.stream import NOTHING, Heard, Session, Stream
from worker.settings import Connection
from worker.sources.stream.arriving import arrivals
from worker.sources.stream.conversation import Conversation
from worker.sources.stream.dial import Socket
from worker.sources.stream.failures import StreamEnded, StreamRefused, StreamUnlike, TokenEnded
from worker.sources.stream.intake import Intake
from worker.store import Store, StoreUnavailable
from worker.store.events.arrival import Arrival
from worker.store.streams import leases
from worker.store.streams.leases import Lease

AT_ONCE: Final = 100
BYTES_AT_ONCE: Final = 4 * 1024 * 1024
"""Of messages in one transaction."""
LOOK: Final = 0.5

log = structlog.get_logger()


@dataclass(slots=True)
class Talk:
    """`connections`: those whose events it may tell. `left_out`: of which it tells nothing, and why.

    `renewed`: the session with credentials of this moment. `now` is monotonic. `opened` once all commands were sent and answered.
    """

    connection: Connection
    connections: Mapping[str, Connection]
    left_out: Mapping[str, str]
    stream: Stream
    url: str
    lease: Lease
    socket: Socket
    intake: Intake
    store: Store
    fingerprint: Callable[[str], str]
    renewed: Callable[[], Session]
    now: Callable[[], float]
    opened: bool = False
    took: bool = False
    """Whether an event was stored that came on it."""
    _conversation: Conversation = field(default_factory=Conversation)
    _covered: Sequence[str] = ()
    _refused: dict[str, str] = field(default_factory=dict)
    _spoke: float = 0.0
    _kept: float = 0.0
    _renew_at: float = float("inf")

    def begin(self, session: Session) -> None:
        self._covered = covered_by(session)
        self._kept = self.now()
        self._plan_renewal()
        self._send(self._conversation.say(self._asked(self.stream.opening, session)))
        self._look_whether_open()

    def step(self) -> None:
        """Whatever comes within a moment. Raises why it ends."""
        first = self.socket.receive(LOOK)
        if first is not None:
            self._take([first, *self._more()])
            self._look_whether_open()
        now = self.now()
        if self._conversation.awaited and now - self._spoke > self.stream.answer_within:
            raise StreamEnded(f"{self._conversation.awaited} was not answered")
        if now - self._kept > self.lease.seconds / 4:
            # A database that is away is waited for: what is stored next is guarded by the lease anyway.
            with suppress(StoreUnavailable):
                leases.renew(self.store, self.lease)
                self._kept = now
        if now > self._renew_at and self.stream.renewing is not None:
            self._plan_renewal()
            session = self.renewed()
            if covered_by(session) != self._covered:
                # Whoever is added now would never hear what was told meanwhile.
                raise StreamEnded("a connection is left out")
            self._send(self._conversation.say(self._asked(self.stream.renewing, session)))

    def _more(self) -> Sequence[bytes]:
        """What has come already."""
        found: list[bytes] = []
        # Where it has ended, the next look tells so.
        with suppress(StreamEnded):
            while len(found) < AT_ONCE and sum(map(len, found)) < BYTES_AT_ONCE:
                message = self.socket.receive(0.0)
                if message is None:
                    break
                found.append(message)
        return found

    def _take(self, messages: Sequence[bytes]) -> None:
        """What was told before something went wrong is stored."""
        brought: list[Arrival] = []
        told: dict[str, str] = {}
        heard: list[Heard] = []
        wrong: Exception | None = None
        for message in messages:
            try:
                what = self._meant(message)
                if what.events:
                    brought += arrivals(self.connection, self.connections, self.url, message, self.fingerprint)
            except (BadBody, StreamUnlike) as error:
                wrong = StreamUnlike(str(error))
                break
            told |= what.offsets
            heard.append(what)
            if what.trouble:
                wrong = _trouble(what, self._conversation.tenant)
                break
        self.intake.take(self.lease, [each for each in brought if each.events], told, self._covered)
        self._kept = self.now()
        self.took = self.took or bool(brought)
        if wrong is not None:
            raise wrong
        self._answer(heard)

    def _meant(self, message: bytes) -> Heard:
        try:
            read = json.loads(message)
        except (ValueError, RecursionError):
            raise StreamUnlike("a message is not JSON") from None
        return self._asked(self.stream.on_message, read) or NOTHING

    def _answer(self, heard: Sequence[Heard]) -> None:
        for what in heard:
            self._send(self._conversation.heard(what))
            new = {topic: why for topic, why in what.refused.items() if topic not in self._refused}
            if new:
                self._refused |= new
                log.warning(
                    "a sender tells nothing of some topics", connection=self.connection.name, topics=sorted(new)
                )
                if self.opened:
                    self._tell_listening()

    def _look_whether_open(self) -> None:
        if not self.opened and not self._conversation.awaited:
            self.opened = True
            self._tell_listening()
            log.info("listening", connection=self.connection.name)

    def _tell_listening(self) -> None:
        refused = "; ".join(f"{topic}: {why}" for topic, why in sorted({**self._refused, **self.left_out}.items()))
        reason = f"the sender tells nothing of {refused}" if refused else None
        leases.tell(self.store, self.lease, "listening", reason)

    def _send(self, messages: Sequence[Any]) -> None:
        for message in messages:
            self._spoke = self.now()
            self.socket.send(json.dumps(message))

    def _plan_renewal(self) -> None:
        if self.stream.renew_every is not None:
            self._renew_at = self.now() + self.stream.renew_every

    def _asked(self, ask: Callable[[Any], Any], about: Any) -> Any:
        """A connector may be anybody's code: what it raises never holds what was said."""
        try:
            return ask(about)
        except Exception as error:  # noqa: BLE001 - as above
            raise StreamUnlike(f"the connector raised {named(error)}") from None


def covered_by(session: Session) -> Sequence[str]:
    return [tenant.connection for tenant in session.tenants]


def _trouble(what: Heard, tenant: str) -> Exception:
    why = what.why or "the sender ended it"
    if what.trouble == "token":
        return TokenEnded(why, tenant)
    return StreamRefused(why) if what.trouble == "forbidden" else StreamEnded(why)
