"""Tells fields that carry secrets by their names and by what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from worker.devkit.scaffold.naming import words

ALWAYS = (
    {"secret"}, {"password"}, {"passwd"}, {"apikey"}, {"api", "key"}, {"access", "token"}, {"auth", "token"}, {"refresh", "token"},
    {"private", "key"}, {"client", "secret"}, {"bearer"}, {"authentication", "key"},
)  # fmt: skip
PERHAPS = ({"token"}, {"key"}, {"verification", "token"}, {"webhook", "token"})
"""A secret where all requests of a sender have the same one."""

SHORTEST = 8


def carried(value: Any, every: Sequence[Any]) -> Iterator[str]:
    """Dotted paths of what looks like a secret. `every`: all payloads of the sender, to see what never changes."""
    for path, text in _texts(value, ()):
        own = set(words(path[-1]))
        always = any(names <= own for names in ALWAYS)
        if always or (own in PERHAPS and len(every) > 1 and all(_at(other, path) == text for other in every)):
            yield ".".join(path)


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, path)
    elif path and isinstance(value, str) and len(value) >= SHORTEST and "***" not in value and " " not in value:
        yield path, value


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
