"""Keeps the things that a neighbour tells of, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final

from worker.devkit.neighbour import moments
from worker.devkit.neighbour.dotted import at, put
from worker.sdk.source import Kind

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing. `answer`: all that `get` answers. `changed`: when, as far as anybody said."""

    id: str
    answer: Any
    changed: datetime
    gone: bool = False


class Things:
    """Safe to share between threads."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._lock = Lock()
        self._kept: dict[tuple[str, str], Kept] = {}

    def record(self, kind: str, thing: str, answer: Any) -> None:
        """What the sender answered once for this thing, as it was."""
        body = at(answer, self._kinds[kind].at)
        moment = next((found for path in self._paths(kind) if (found := moments.read(at(body, path)))), LONG_AGO)
        with self._lock:
            self._kept[kind, thing] = Kept(thing, deepcopy(answer), moment)

    def put(self, kind: str, thing: str, body: Any, changed: datetime | None = None) -> None:
        """A thing as its sender has it, new or instead of the one before. `changed`: then its own fields say so, too."""
        self.record(kind, thing, put(None, self._kinds[kind].at, deepcopy(body)))
        if changed is not None:
            self.change(kind, thing, {}, changed)

    def change(self, kind: str, thing: str, fields: Mapping[str, Any], changed: datetime | None = None) -> None:
        """Other values at these dotted paths of the thing."""
        with self._lock:
            kept = self._kept[kind, thing]
            path = self._kinds[kind].at
            body = at(kept.answer, path)
            for name, value in fields.items():
                body = put(body, name, deepcopy(value))
            for name in self._paths(kind) if changed else ():
                assert changed is not None
                body = put(body, name, moments.written(changed, at(body, name)))
            self._kept[kind, thing] = replace(
                kept, answer=put(kept.answer, path, body), changed=changed or kept.changed
            )

    def remove(self, kind: str, thing: str) -> None:
        """It was deleted: 410 from now on."""
        with self._lock:
            self._kept[kind, thing] = replace(self._kept[kind, thing], gone=True)

    def forget(self, kind: str, thing: str) -> None:
        """As if it had never been: 404 from now on."""
        with self._lock:
            del self._kept[kind, thing]

    def find(self, kind: str, thing: str) -> Kept | None:
        with self._lock:
            return self._kept.get((kind, thing))

    def of(self, kind: str) -> Sequence[Kept]:
        """Those that are not gone; what changed last comes last."""
        with self._lock:
            found = [kept for (name, _), kept in self._kept.items() if name == kind and not kept.gone]
        return sorted(found, key=lambda kept: (kept.changed, kept.id))

    def body(self, kind: str, thing: str) -> Any:
        kept = self.find(kind, thing)
        return deepcopy(at(kept.answer, self._kinds[kind].at)) if kept else None

    def _paths(self, kind: str) -> Sequence[str]:
        """Where a thing of this kind says when it changed."""
        declared = self._kinds[kind]
        listed = declared.changes.changed if declared.changes else None
        return list(dict.fromkeys(filter(None, (declared.changed, listed))))
