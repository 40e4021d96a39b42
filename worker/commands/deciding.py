"""Which of the records that an event is about a person's decision concerns."""

from __future__ import annotations

from collections.abc import Sequence

from worker.commands.installation import Installation
from worker.contents import Requests
from worker.errors import ConfigError, Rejected
from worker.plan import RESOURCES, Ignored, Key
from worker.reading import plan_event
from worker.store import lanes, links
from worker.store.events import Event


def key_of(installation: Installation, event: Event, named: str | None) -> Key:
    """The one named, else the one that its reason tells of, else the only one without a record. Raises ConfigError."""
    keys = _planned(installation, event)
    if named is not None:
        return _named(named, keys)
    told = [key for key in keys if f"{key.resource} {key.id!r}" in (event.reason or "")]
    found = told or _without_record(installation, event, keys)
    if len(found) == 1:
        return found[0]
    choices = ", ".join(f"--key {_text(key)}" for key in found or keys)
    if not choices:
        raise ConfigError(f"event {event.id} is about no record; `relay review drop {event.id}` ends it")
    raise ConfigError(f"event {event.id} is about several records; say which one: {choices}")


def _planned(installation: Installation, event: Event) -> Sequence[Key]:
    connection = installation.connection(event.connection)
    with installation.store.read() as conn:
        waiting = lanes.waiting(conn, event.id)
    try:
        found = Requests(installation.store, connection.connector, [waiting]).event(waiting, connection.name)
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
    return [key for key, link in found.items() if link is None or link.state == "creating"]


def _text(key: Key) -> str:
    return f"{key.resource}:{key.id}"
