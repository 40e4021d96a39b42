"""Takes calls from a key's windows, never more than Upsales allows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, TypeAlias, cast

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from ulid import ULID

from worker.errors import Throttled
from worker.settings import Upsales
from worker.store.db.engine import StoreUnavailable
from worker.upsales.budget.config import config_of
from worker.upsales.budget.headers import Told, told
from worker.upsales.budget.history import Past

SCRIPT = files(__package__).joinpath("windows.lua").read_text("utf-8")
AWAY = 2.0
"""Seconds to wait when Redis, or the journal it has to be filled from, can't be reached."""
REBUILDING = 0.2
LOCK_MILLISECONDS = 10_000
LATELY = 60.0
IN_FLIGHT_PAUSE = 1.0
"""After a loss of Redis's memory, calls may be on their way that no journal knows yet: they get this long to be answered."""

Kind: TypeAlias = Literal["calls", "writes"]
Recall: TypeAlias = Callable[[str, float], Past]
"""What the journal holds of a key, by its fingerprint, over the last so many seconds."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WindowUse:
    """How much of one window is left now; calls that are on their way count as made."""

    kind: Kind
    limit: int
    seconds: float
    left: int

    @property
    def used(self) -> int:
        return self.limit - self.left


@dataclass(frozen=True, slots=True)
class Day:
    """`calls`: all of the account's that we made. `spared`: this key's look-ups that were answered from memory."""

    calls: int
    spared: int


def connect(url: str, *, connecting: float = 1, answering: float = 2) -> Redis:
    """Gives up within these seconds: a call that can't be counted is not made, and tried again soon."""
    once = Retry(NoBackoff(), 0)
    return Redis.from_url(url, protocol=2, socket_connect_timeout=connecting, socket_timeout=answering, retry=once)


@dataclass(frozen=True, slots=True)
class _Ticket:
    id: str
    write: bool


class Budget:
    """The budget of one key, which its `fingerprint` names. Safe to share between threads, each of which makes one call at a time.

    `account`: whose key it is, once that is known. All calls of an account in a day are counted together.
    """

    def __init__(
        self, redis: Redis, fingerprint: str, upsales: Upsales, rebuild: Recall, *, account: int | None = None
    ) -> None:
        self.account = account
        self._redis = redis
        self._script = redis.register_script(SCRIPT)
        self._fingerprint = fingerprint
        self._upsales = upsales
        self._config = config_of(upsales)
        self._rebuild = rebuild
        self._mine = threading.local()

    def take(
        self, *, write: bool, leading: bool = False, priority: bool = False, behind: bool = False, spared: int = 0
    ) -> None:
        """Take one call out of every window. Raises Throttled, with the seconds after which there is one for the caller.

        `leading`: a read that leads to a write, and waits where the write would have to. `spared`: calls that were not needed
        since the last one, which are counted too. `behind`: for a backfill, which leaves some of each window to live events.
        """
        try:
            answer, wait = self._take(write=write, leading=leading, priority=priority, behind=behind, spared=spared)
            if answer == b"unknown":
                self._load()
                answer, wait = self._take(write=write, leading=leading, priority=priority, behind=behind)
        except (RedisError, OSError) as error:
            raise Throttled(f"no calls without budgets: Redis is away ({type(error).__name__})", seconds=AWAY) from None
        if answer != b"granted":
            raise Throttled("the key's call windows are full", seconds=int(wait) / 1e6 if wait else REBUILDING)

    def learn(self, headers: Mapping[str, str]) -> None:
        """The answer to this thread's call came, with these headers, if any. Never raises."""
        ticket: _Ticket | None = self._mine.__dict__.pop("ticket", None)
        if ticket is None:
            return
        heard = told(headers)
        try:
            self._run("answer", ticket.id, int(ticket.write), *_arguments(heard))
        except (RedisError, OSError) as error:
            # It counts as on its way until its time has run out.
            log.warning("budget_not_told", error=type(error).__name__)

    def left(self) -> tuple[WindowUse, ...]:
        """By kind and length. Raises Throttled when Redis is away."""
        found, _, _ = self._use()
        windows = {"calls": self._upsales.calls, "writes": self._upsales.writes}
        rows = sorted((kind.decode(), index, left) for kind, index, left in found)
        return tuple(
            WindowUse(cast("Kind", kind), window.limit, window.seconds, left)
            for kind, index, left in rows
            for window in (windows[kind][index - 1],)
        )

    def day(self) -> Day:
        """Of this hour and the 24 before it. Raises Throttled when Redis is away."""
        _, calls, spared = self._use()
        return Day(calls, spared)

    def _use(self) -> Any:
        try:
            return self._run("use")
        except (RedisError, OSError) as error:
            raise Throttled(f"budgets can't be read: Redis is away ({type(error).__name__})", seconds=AWAY) from None

    def _take(self, *, write: bool, leading: bool, priority: bool, behind: bool, spared: int = 0) -> tuple[bytes, Any]:
        """Whoever asks for a call has ended the one before, whether an answer came or not."""
        before: _Ticket | None = self._mine.__dict__.pop("ticket", None)
        ticket = _Ticket(str(ULID()), write)
        ended = (before.id, int(before.write)) if before else ("", "")
        held: str = self._mine.__dict__.pop("held", "")
        who = (int(leading), held, int(behind))
        answer, wait = self._run("take", ticket.id, int(write), int(priority), *ended, spared, *who)
        if answer == b"granted":
            self._mine.ticket = ticket
            self._mine.held = ticket.id if leading else ""
        return answer, wait

    def _load(self) -> None:
        """Count from the journal what Redis has forgotten. One process does; the others come again."""
        lock = f"relay:budget:{{{self._fingerprint}}}:lock"
        if not self._redis.set(lock, "1", nx=True, px=LOCK_MILLISECONDS):
            raise Throttled("the key's calls are being counted again", seconds=REBUILDING)
        try:
            past = self._rebuild(self._fingerprint, self._config.longest)
            pause = IN_FLIGHT_PAUSE if past.since(LATELY) else 0.0
            self._run("load", past.packed(self._config.hold), json.dumps(past.hours), round(pause * 1e6))
        except StoreUnavailable as error:
            raise Throttled(f"no calls without budgets: {error}", seconds=AWAY) from None
        finally:
            self._redis.delete(lock)

    def _run(self, operation: str, *arguments: str | int) -> Any:
        return self._script(keys=self._keys(), args=[operation, self._config.packed, *arguments])

    def _keys(self) -> list[str]:
        key = f"relay:budget:{{{self._fingerprint}}}"
        counted_for = self._fingerprint if self.account is None else self.account
        kinds = [f"{key}:{kind}:{part}" for kind in ("calls", "writes") for part in ("log", "flight", "promises")]
        return [f"{key}:state", f"relay:day:{counted_for}", f"{key}:spared", f"{key}:holds", *kinds]


def _arguments(heard: Told | None) -> tuple[str | int, ...]:
    return (heard.limit, heard.remaining, round(heard.reset * 1e6)) if heard else ("", "", "")
