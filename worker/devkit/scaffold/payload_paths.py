"""Finds where single values stand in payloads, and the words of their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from worker.devkit.scaffold.naming import words

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that holds single values. `values`: those of the payloads that have one, without null and blank."""

    path: Path
    values: tuple[Any, ...]
    of: int

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    @property
    def own(self) -> tuple[str, ...]:
        return words(self.path[-1])

    @property
    def around(self) -> frozenset[str]:
        """The words of the objects it stands in."""
        return frozenset(word for step in self.path[:-1] for word in words(step))

    @property
    def always(self) -> bool:
        return len(self.values) == self.of


def places(payloads: Sequence[Any]) -> list[Place]:
    """Finds places outside of arrays: one item of an array says nothing about the whole payload."""
    found: dict[Path, list[Any]] = {}
    for payload in payloads:
        for path, value in _leaves(payload, ()):
            held = found.setdefault(path, [])
            if value not in (None, "") and not (isinstance(value, str) and not value.strip()):
                held.append(value)
    return [Place(path, tuple(values), len(payloads)) for path, values in found.items() if values]


def paths(payloads: Sequence[Any]) -> frozenset[Path]:
    """All places, also those that hold nothing."""
    return frozenset(path for payload in payloads for path, _ in _leaves(payload, ()))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if "." not in name:  # dotted paths couldn't say where it is
                yield from _leaves(part, (*path, name))
    elif path and not isinstance(value, list):
        yield path, value
