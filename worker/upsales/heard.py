"""Remembers whether Upsales has answered any call of a piece of work."""

from __future__ import annotations

from dataclasses import dataclass

from worker.errors import Gone, Refused
from worker.sync.records import Json, Permit
from worker.upsales.http import HttpClient
from worker.upsales.outcome import Call, Reply


@dataclass(slots=True)
class Heard:
    """A refusal is an answer, too: Upsales works."""

    answered: bool = False

    def sent(self, http: HttpClient, call: Call, permit: Permit) -> tuple[Json, Reply]:
        """Send the call. Raises what `HttpClient.send` raises."""
        try:
            answer = http.send(call, permit)
        except (Refused, Gone):
            self.answered = True
            raise
        self.answered = True
        return answer
