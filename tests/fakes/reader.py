"""Plays a sender's API that was told what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from worker.errors import Failure, NeverExisted
from worker.sources.ports import Page, Thing

THEN = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass(slots=True)
class FakeReader:
    """`answers`: by kind and id, a body or a failure; of a list the next one each time, the last for ever. `asked`: what was."""

    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing:
        assert event
        self.asked.append((kind, thing))
        answer = self._next(kind, thing)
        if isinstance(answer, Failure):
            raise answer
        return Thing(kind=kind, id=thing, body=answer, read_at=THEN)

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page:
        raise NotImplementedError(kind, since, bookmark)

    def _next(self, kind: str, thing: str) -> Any:
        missing = NeverExisted("the sender's API knows no such thing", status=404)
        answer = self.answers.get((kind, thing), missing)
        if not isinstance(answer, list):
            return answer
        several: Sequence[Any] = answer
        return answer.pop(0) if len(several) > 1 else several[0]
