"""Breaks off in the middle: does something before or after the n-th call of a port."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar, cast

Port = TypeVar("Port")
Moment: TypeAlias = Literal["before", "after"]


class Crash(BaseException):
    """The process ends here: no `except` of the program sees it."""


def crash() -> NoReturn:
    raise Crash


EFFECTS = frozenset(
    {
        *("create", "update", "intend_create", "created", "intend_update", "updated", "adopt", "hold", "release"),
        *("settled", "failed", "unknown", "rechecked", "forget", "confirm", "gone", "duplicated"),
    }
)
"""The calls that change something: dying after any other is like dying after the effect before it."""


class Tripwire:
    """Counts the calls of the ports it taps; at the `at`-th (from 1) it does `action`. Without `at` it only counts.

    `only`: the calls that count.
    """

    def __init__(
        self,
        at: int | None = None,
        moment: Moment = "before",
        action: Callable[[], object] = crash,
        *,
        only: Collection[str] | None = None,
    ) -> None:
        self.calls: list[str] = []
        self.only = only
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
        wire = self._wire
        if not callable(found) or (wire.only is not None and name not in wire.only):
            return found

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
    return port if wire is None else cast("Port", _Tapped(port, wire))
