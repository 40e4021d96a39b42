"""Takes each read out of the budget, sends it, and journals it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from worker.errors import Failure, Unavailable
from worker.sync.records import Json
from worker.upsales.heard import Heard
from worker.upsales.http import HttpClient
from worker.upsales.outcome import Call, Reply

PAGE = 1000
MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read that was made, for the journal. `what`: a resource, or the path of a look-up. `duration` in seconds."""

    event: str | None
    method: str
    path: str
    what: str
    record_id: int | None
    status: int | None
    duration: float | None
    error: str | None


class Journal(Protocol):
    def read(self, read: Read) -> None: ...


def no_lease() -> None:
    """Reads that no lane waits for keep no lease."""


@dataclass(frozen=True, slots=True)
class Reads:
    """`leading`: they lead to writes, and are not made while those would have to wait.

    `behind`: they leave some of each window to live events. `keep_lease` is called before each read: reads may take longer than the lane is claimed for.
    """

    http: HttpClient
    heard: Heard
    journal: Journal
    event: str | None
    leading: bool
    priority: bool
    keep_lease: Callable[[], None]
    behind: bool = False

    def get(
        self, path: str, query: Sequence[tuple[str, str]] = (), *, what: str | None = None, record_id: int | None = None
    ) -> tuple[Json, Reply]:
        """One GET; `record_id` when it is about one record by its id."""
        self.keep_lease()
        permit = self.http.admit(write=False, leading=self.leading, priority=self.priority, behind=self.behind)
        call = Call(method="GET", path=path, query=query, record=record_id is not None)
        try:
            payload, reply = self.heard.sent(self.http, call, permit)
        except Failure as failure:
            self.note(call, what, record_id, failure.status, failure.duration, str(failure))
            raise
        self.note(call, what, record_id, reply.status, reply.duration, None)
        return payload, reply

    def rows(
        self, path: str, query: Sequence[tuple[str, str]], *, what: str | None = None
    ) -> tuple[Sequence[Mapping[str, Json]], int]:
        """One page of a list, and how many there are in all."""
        payload, reply = self.get(path, query, what=what)
        rows = payload.get("data") if isinstance(payload, Mapping) else None
        if not isinstance(rows, list):
            raise without(f"GET {path}", "a list", reply)
        found = [row for row in rows if isinstance(row, Mapping)]
        total = (payload.get("metadata") or {}).get("total")
        return found, total if isinstance(total, int) else len(found)

    def every(self, path: str) -> Sequence[Mapping[str, Json]]:
        """A whole list of settings. Some of these lists take no notice of `offset`: a page without news is the last one."""
        found: dict[Json, Mapping[str, Json]] = {}
        for query in _pages():
            rows, total = self.rows(path, query)
            before = len(found)
            found |= {row.get("id"): row for row in rows}
            if len(rows) < PAGE or len(found) in {before, total}:
                break
        return tuple(found.values())

    def note(
        self,
        call: Call,
        what: str | None,
        record_id: int | None,
        status: int | None,
        duration: float | None,
        error: str | None,
    ) -> None:
        self.journal.read(
            Read(
                event=self.event,
                method=call.method,
                path=call.path,
                what=what or call.path.strip("/"),
                record_id=record_id,
                status=status,
                duration=duration,
                error=error,
            )
        )


def without(call: str, what: str, reply: Reply) -> Unavailable:
    """A read that was answered with JSON that doesn't hold what was asked for."""
    text = f"{call} was answered {reply.status} without {what}"
    return Unavailable(text, status=reply.status, duration=reply.duration)


def _pages() -> Iterator[Sequence[tuple[str, str]]]:
    for page in range(MOST_PAGES):
        yield (("limit", str(PAGE)), ("offset", str(page * PAGE)))
