"""Logs every call, so that a test can compare it with what its client believes it did."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from web.sandbox.answers import Json

KEPT = 500_000


@dataclass(slots=True)
class Call:
    """One request. `time`: its arrival, in epoch seconds. `key`: the key's name, never the key.

    `status` None: the connection was closed without an answer. `committed`: when the write took effect, None if it did not.
    """

    time: float
    key: str | None
    account: int | None
    method: str
    path: str
    query: str
    resource: str | None
    id: int | None
    body: Json = None
    write: bool = False
    status: int | None = None
    committed: float | None = None
    fault: str = ""
    seq: int = 0

    def as_json(self) -> Json:
        return asdict(self)


class CallLog:
    """Calls in the order they arrived; the oldest are forgotten beyond half a million."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._seq = 0

    def enter(self, call: Call) -> Call:
        self._seq += 1
        call.seq = self._seq
        self._calls.append(call)
        return call

    def since(self, seq: int = 0) -> Iterable[Call]:
        return (call for call in self._calls if call.seq > seq)

    def newest(self) -> Iterable[Call]:
        return reversed(self._calls)

    def clear(self) -> None:
        self._calls.clear()
