"""Decides what is said next on a sender's stream: no I/O, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from worker.sdk.stream import Command, Heard


@dataclass(slots=True)
class Conversation:
    """The commands that are still to be sent. One that is to be answered keeps the others back."""

    _left: deque[Command] = field(default_factory=deque)
    _awaited: str = ""
    _tenant: str = ""

    def say(self, commands: Iterable[Command]) -> Sequence[Any]:
        """They come after those that are still to be sent. Answers the messages to be sent now."""
        self._left.extend(commands)
        return self._next()

    def heard(self, what: Heard) -> Sequence[Any]:
        """Answers the messages to be sent now, the replies first."""
        if self._awaited and what.answers == self._awaited:
            self._awaited = self._tenant = ""
        return [*what.replies, *self._next()]

    @property
    def awaited(self) -> str:
        """The command whose answer is waited for; empty when all was said and answered."""
        return self._awaited

    @property
    def tenant(self) -> str:
        """The connection whose token stands in the command whose answer is waited for; empty where that holds none."""
        return self._tenant

    def _next(self) -> Sequence[Any]:
        found: list[Any] = []
        while self._left and not self._awaited:
            command = self._left.popleft()
            found.append(command.message)
            self._awaited, self._tenant = command.answered, command.tenant
        return found
