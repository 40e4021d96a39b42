"""Reads things and lists of one connection's sender, and writes each reading down."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import unquote

from worker.errors import Failure, NeverExisted, NotAsDeclared, SourceForbidden, SourceThrottled, Stopping
from worker.sdk.masked import masked
from worker.sdk.read import storable
from worker.sdk.source import Kind, OAuth2, Source, where
from worker.settings import Connection
from worker.sources import outcome, pages
from worker.sources.echo import MASK, Echo
from worker.sources.hosts import Place
from worker.sources.http import SourceHttp, Wanted
from worker.sources.limits import Limits
from worker.sources.outcome import Asked, Reply
from worker.sources.ports import Page, Signer, Thing

T = TypeVar("T")

SLASHES: Final = re.compile(r"[/\\]")
UPWARD: Final = frozenset({".", ".."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One request that was made. `code`: of its failure; None where it succeeded. `thing`: None for a list."""

    connection: str
    fingerprint: str
    kind: str
    thing: str | None
    event: str | None
    status: int | None
    duration: float
    code: str | None


class Journal(Protocol):
    """Writes readings down."""

    def note(self, reading: Reading) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReader:
    """As `ports.Reader`. `now` is our clock, `clock` is monotonic. Nothing is begun once it is `stopping`."""

    connection: Connection
    source: Source
    place: Place
    http: SourceHttp
    signer: Signer
    limits: Limits
    journal: Journal
    now: Callable[[], datetime]
    clock: Callable[[], float]
    stopping: Callable[[], bool]

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing:
        asked = self._asked(kind, one=True)
        if asked.kind.get is None:
            raise NotAsDeclared(f"{asked}: the connector does not say how one is read")
        if not thing.strip() or storable(thing) != thing or _leads_up(thing):
            raise NotAsDeclared(f"{asked}: its id is none")
        address = self.place.start(where.fill(asked.kind.get, self.connection.settings, {"id": thing}, where.quoted))
        read_at = self.now()

        def found(payload: Any, reply: Reply, signed: Mapping[str, str]) -> Any:
            if asked.kind.file:
                return outcome.file(asked, reply)
            body = self._kept(outcome.thing(asked, payload, reply), asked.kind, signed)
            outcome.complete(asked, body, reply)
            return body

        body = self._read(asked, address, found, thing=thing, event=event)
        return Thing(kind=kind, id=thing, body=body, read_at=read_at)

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page:
        asked = self._asked(kind, one=False)
        if asked.kind.changes is None:
            raise NotAsDeclared(f"{asked}: the connector does not say how they are listed")
        changes, marked = asked.kind.changes, None if bookmark is None else pages.read(bookmark)
        path = outcome.ran(asked, pages.path, changes, self.connection.settings, since, marked)
        added = outcome.ran(asked, pages.added, changes, self.connection.settings)
        read_at = self.now()

        def found(payload: Any, reply: Reply, signed: Mapping[str, str]) -> tuple[Sequence[Any], str | None]:
            items = outcome.items(asked, payload, reply)
            answer = pages.Answer(asked=reply.url, headers=reply.headers, json=payload, items=items)
            following = pages.following(changes, marked, answer, secrets=list(signed.values()))
            if following is not None and Echo(signed).stands_in(following.at):
                raise NotAsDeclared(f"{asked}: where the next page is holds the token")
            told = [{**added, **each} if isinstance(each, dict) else each for each in items] if added else items
            return self._kept(told, asked.kind, signed), None if following is None else str(following)

        address = path if path.startswith(("https:", "http:")) else self.place.start(path)
        items, following = self._read(asked, address, found)
        return Page(kind=kind, items=items, bookmark=following, read_at=read_at)

    def _asked(self, kind: str, *, one: bool) -> Asked:
        declared = self.source.kinds.get(kind)
        if declared is None:
            raise NotAsDeclared(f"{self.connection.connector.name}'s API: the connector declares no kind {kind!r}")
        return Asked(self.connection.connector.name, kind, declared, one)

    def _kept(self, value: T, kind: Kind, signed: Mapping[str, str]) -> T:
        kept: T = storable(Echo(signed).hidden(masked(value, kind.secret_fields, lambda _secret: MASK)))
        return kept

    def _read(
        self,
        asked: Asked,
        address: str,
        found: Callable[[Any, Reply, Mapping[str, str]], T],
        *,
        thing: str | None = None,
        event: str | None = None,
    ) -> T:
        """A token that is not accepted is asked for afresh once: it may just have run out."""
        once = partial(self._once, asked, address, found, thing, event)
        try:
            return once(afresh=False)
        except SourceForbidden as failure:
            if failure.status in (None, 403):
                raise
        return once(afresh=True)

    def _once(
        self,
        asked: Asked,
        address: str,
        found: Callable[[Any, Reply, Mapping[str, str]], T],
        thing: str | None,
        event: str | None,
        *,
        afresh: bool,
    ) -> T:
        if self.stopping():
            raise Stopping
        signed = self.signer.headers(self.connection, afresh=afresh)
        fingerprint = self.signer.fingerprint(self.connection)
        self._admit(fingerprint)
        made = partial(self._note, asked, thing, event, fingerprint)
        begun = self.clock()
        try:
            reply = self.http.get(
                str(asked), address, signed, partial(self._admit, fingerprint), self._wanted(asked.kind)
            )
            answer = outcome.ran(asked, found, outcome.understand(asked, reply), reply, signed)
        except Failure as failure:
            failure.args = (Echo(signed).without(str(failure)),)
            made(failure.status, self.clock() - begun, failure.code)
            if isinstance(failure, SourceThrottled) and failure.status is not None:
                self.limits.close(self._windows(fingerprint), failure.seconds)
            if isinstance(failure, SourceForbidden):
                failure.key = fingerprint
            raise
        made(reply.status, reply.duration, None)
        return answer

    def _wanted(self, kind: Kind) -> Wanted | None:
        """Of a file: without one that is too large an event can be mapped, if it is optional."""
        accept = ", ".join((*kind.media_types, "application/octet-stream"))
        return Wanted(accept, self.connection.file_limit, NeverExisted, kind.stored_elsewhere) if kind.file else None

    def _admit(self, fingerprint: str) -> None:
        self.limits.take(self._windows(fingerprint), self.source.limits)

    def _windows(self, fingerprint: str) -> str:
        """Whose limits count. A token that people give grants for is one program's: each connection has a grant of its own."""
        return f"{fingerprint}:{self.connection.name}" if isinstance(self.source.sign, OAuth2) else fingerprint

    def _note(
        self,
        asked: Asked,
        thing: str | None,
        event: str | None,
        fingerprint: str,
        status: int | None,
        seconds: float,
        code: str | None,
    ) -> None:
        self.journal.note(
            Reading(
                connection=self.connection.name,
                fingerprint=fingerprint,
                kind=asked.name,
                thing=thing,
                event=event,
                status=status,
                duration=seconds,
                code=code,
            )
        )


def _leads_up(thing: str) -> bool:
    """An id is quoted, but what stands before an API may undo that, and whoever posts a webhook may choose it."""
    return not UPWARD.isdisjoint(SLASHES.split(unquote(thing)))
