"""The links in a plan's values: which records they lead to, and what is left of them where a record isn't there."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from worker.plan import IfKnown, Key, Upsert, Value


def keys_in(value: Value) -> Iterator[Key]:
    """Every record that a field's value links to."""
    if isinstance(value, Key):
        yield value
    elif isinstance(value, IfKnown):
        yield value.key
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from keys_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from keys_in(part)


def knowing(upsert: Upsert, known: Container[Key]) -> Upsert:
    """The upsert with each `IfKnown` as a plain link, or left out."""
    return replace(
        upsert,
        set=_fields(upsert.set, known),
        on_create=_fields(upsert.on_create, known),
        if_empty=_fields(upsert.if_empty, known),
    )


def _fields(fields: Mapping[str, Value], known: Container[Key]) -> dict[str, Value]:
    return {name: kept for name, value in fields.items() for kept in _kept(value, known)}


def _kept(value: Value, known: Container[Key]) -> tuple[Value, ...]:
    """The value, or nothing. A list or a group that only held what is left out is left out itself."""
    if isinstance(value, IfKnown):
        return (value.key,) if value.key in known else ()
    if isinstance(value, tuple):
        parts = tuple(kept for part in value for kept in _kept(part, known))
        return (parts,) if parts or not value else ()
    if isinstance(value, Mapping):
        fields = _fields(value, known)
        return (fields,) if fields or not value else ()
    return (value,)
