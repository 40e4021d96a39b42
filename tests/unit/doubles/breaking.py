"""Ways to break off in the middle: something happens before or after the n-th call of a port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar, cast

Port = TypeVar("Port")
Moment: TypeAlias = Literal["before", "after"]


class Crash(BaseException):
    """The process ends here: no `except` of the program sees it."""


def crash() -> NoReturn:
    raise Crash


class Tripwire:
    """Counts the calls of the ports it taps; at the `at`-th (from 1) it does `action`. Without `at` it only counts."""

    def __init__(
        self, at: int | None = None, moment: Moment = "before", action: Callable[[], object] = crash
    ) -> None:
        self.calls: list[str] = []
        self._at = at
        self._moment = moment
        self._action = action

    def passes(self, name: str) -> bool:
        """Whether the action comes after this call."""
        self.calls.append(name)
        if len(self.calls) != self._at:
            return False
        if self._moment == "before":
            self._action()
            return False
        return True

    def trip(self) -> None:
        self._action()


class _Tapped:
    def __init__(self, port: object, wire: Tripwire) -> None:
        self._port = port
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found
        wire = self._wire

        def call(*args: Any, **kwargs: Any) -> Any:
            after = wire.passes(name)
            try:
                return found(*args, **kwargs)
            finally:
                if after:
                    wire.trip()

        setattr(self, name, call)
        return call


def tapped(port: Port, wire: Tripwire | None) -> Port:
    """The port, with the wire around each of its calls."""
    return port if wire is None else cast(Port, _Tapped(port, wire))
