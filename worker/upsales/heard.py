"""Remembers which calls a piece of work has made, and whether Upsales has answered any."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.errors import Gone, Refused
from worker.sync.records import Json, Permit
from worker.upsales.http import HttpClient
from worker.upsales.outcome import Call, Reply


@dataclass(slots=True)
class Heard:
    """A refusal is an answer, too: Upsales works. `written`: records, by path and id."""

    answered: bool = False
    calls: int = 0
    written: set[tuple[str, int]] = field(default_factory=set)

    def sent(self, http: HttpClient, call: Call, permit: Permit) -> tuple[Json, Reply]:
        """Send the call. Raises what `HttpClient.send` raises."""
        self.calls += 1
        try:
            answer = http.send(call, permit)
        except (Refused, Gone):
            self.answered = True
            raise
        self.answered = True
        return answer
