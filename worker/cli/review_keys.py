"""Finds the key whose record a person decides about."""

from __future__ import annotations

from collections.abc import Sequence

from worker.cli.context import Installation
from worker.delivery.planning import StoredRequests
from worker.errors import ConfigError, Rejected
from worker.plan import RESOURCES, Ignored, Key
from worker.sdk.route import plan_event
from worker.store.events import events
from worker.store.events.events import Event
from worker.store.ledger import links


def key_of(installation: Installation, event: Event, named: str | None) -> Key:
    """The one named, else the one it is in review for, else the only one without a record. Raises ConfigError.

    An event can be in review for a key of another connection: that one is decided there.
    """
    asked = event.review_key
    if asked is not None and asked.connection == event.connection and named in (None, _text(asked.key)):
        return asked.key
    keys = _planned(installation, event)
    if named is not None:
        return _named(named, keys)
    found = _without_record(installation, event, keys)
    if len(found) == 1:
        return found[0]
    choices = ", ".join(f"--key {_text(key)}" for key in found or keys)
    if not choices:
        raise ConfigError(f"event {event.id} is about no record; `relay review drop {event.id}` ends it")
    raise ConfigError(f"event {event.id} is about several records; say which one: {choices}")


def begun(installation: Installation, connection: str, key: Key) -> bool:
    """Whether its create was begun, and nobody knows how it ended."""
    with installation.store.read() as conn:
        link = links.find(conn, connection, key)
    return link is not None and link.state == "creating"


def undecided(installation: Installation, event: Event) -> Sequence[Key]:
    """The keys whose creates were begun, of an event that can still be read."""
    try:
        keys = _planned(installation, event)
    except ConfigError:
        return ()
    return [key for key in keys if begun(installation, event.connection, key)]


def deleted(installation: Installation, event: Event) -> bool:
    """Whether it is about a record that a person deleted in Upsales."""
    with installation.store.read() as conn:
        found = [links.find(conn, event.connection, key) for key in _planned(installation, event)]
    return any(link is not None and link.state == "gone" for link in found)


def _planned(installation: Installation, event: Event) -> Sequence[Key]:
    connection = installation.connection(event.connection)
    with installation.store.read() as conn:
        waiting = events.by_id(conn, event.id)
    try:
        found = StoredRequests(installation.store, connection.connector, [waiting]).event(waiting, connection.name)
        plan = plan_event(connection.connector, connection.settings, found)
    except Rejected as error:
        raise ConfigError(f"event {event.id} can't be read any more: {error}") from None
    return () if isinstance(plan, Ignored) else [upsert.key for upsert in plan]


def _named(named: str, keys: Sequence[Key]) -> Key:
    resource, _, rest = named.partition(":")
    key = next((key for key in keys if _text(key) == named), None)
    if key is None and (resource not in RESOURCES or not rest):
        raise ConfigError(f"--key {named}: write resource:key, such as {_text(keys[0]) if keys else 'account:K-17'}")
    if key is None:
        raise ConfigError(f"--key {named}: the event is not about it; there are: {', '.join(map(_text, keys))}")
    return key


def _without_record(installation: Installation, event: Event, keys: Sequence[Key]) -> Sequence[Key]:
    with installation.store.read() as conn:
        found = {key: links.find(conn, event.connection, key) for key in keys}
    return [key for key, link in found.items() if link is None or link.state in ("creating", "gone")]


def _text(key: Key) -> str:
    return f"{key.resource}:{key.id}"
