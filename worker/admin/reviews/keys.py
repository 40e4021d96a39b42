"""Finds the key whose record a person decides about."""

from __future__ import annotations

from collections.abc import Sequence

from worker.admin.parts import Parts
from worker.errors import ConfigError, NotReadYet, Rejected, did_you_mean
from worker.plan import RESOURCES, Ignored, Key, Plan
from worker.settings import Connection
from worker.store.events import events
from worker.store.events.events import Event
from worker.store.ledger import links


class AboutNothing(ConfigError):
    """The event is about no record: it can only be dropped."""


class Several(ConfigError):
    """The event is about several records: one of them has to be named."""

    def __init__(self, event: str, keys: Sequence[Key]) -> None:
        self.keys = keys
        super().__init__(f"event {event} is about several records; say which one: {', '.join(map(text_of, keys))}")


class NotAbout(ConfigError):
    """A key was named that the event is not about."""

    def __init__(self, named: str, keys: Sequence[Key]) -> None:
        resource, _, rest = named.partition(":")
        if resource not in RESOURCES or not rest:
            told = f"write resource:key, such as {text_of(keys[0]) if keys else 'account:K-17'}"
        else:
            told = f"the event is not about it; there are: {', '.join(map(text_of, keys))}"
        super().__init__(f"{named}: {told}")


def key_of(parts: Parts, event: Event, named: str | None) -> Key:
    """The one named, else the one it is in review for, else the only one without a record. Raises ConfigError.

    An event can be in review for a key of another connection: that one is decided there.
    """
    own = own_key(event)
    if own is not None and named in (None, text_of(own)):
        return own
    keys = keys_of(parts, event)
    if named is not None:
        found = next((key for key in keys if text_of(key) == named), None)
        if found is None:
            raise NotAbout(named, keys)
        return found
    without = without_record(parts, event, keys)
    if len(without) == 1:
        return without[0]
    if not (without or keys):
        raise AboutNothing(f"event {event.id} is about no record")
    raise Several(event.id, without or keys)


def own_key(event: Event) -> Key | None:
    """The key that it is in review for, if it is one of its own connection."""
    asked = event.review_key
    return None if asked is None or asked.connection != event.connection else asked.key


def begun(parts: Parts, connection: str, key: Key) -> bool:
    """Whether its create was begun, and nobody knows how it ended."""
    with parts.store.read() as conn:
        link = links.find(conn, connection, key)
    return link is not None and link.state == "creating"


def undecided(parts: Parts, event: Event) -> Sequence[Key]:
    """The keys whose creates were begun, of an event that can still be read."""
    try:
        keys = keys_of(parts, event)
    except ConfigError:
        return ()
    return [key for key in keys if begun(parts, event.connection, key)]


def deleted(parts: Parts, event: Event) -> bool:
    """Whether it is about a record that a person deleted in Upsales."""
    keys = keys_of(parts, event)
    with parts.store.read() as conn:
        found = [links.find(conn, event.connection, key) for key in keys]
    return any(link is not None and link.state == "gone" for link in found)


def keys_of(parts: Parts, event: Event) -> Sequence[Key]:
    return list(dict.fromkeys(upsert.key for upsert in plan_of(parts, event)))


def plan_of(parts: Parts, event: Event) -> Plan:
    """What it says now. Raises ConfigError for one that can't be read any more."""
    # Loaded when the first event is read: a list needs none of it.
    from worker.delivery.planning import StoredRequests
    from worker.sdk.read import BadBody
    from worker.sdk.route import plan_event

    connection = connection_of(parts, event.connection)
    with parts.store.read() as conn:
        waiting = events.by_id(conn, event.id)
    try:
        found = StoredRequests(parts.store, connection.connector, [waiting]).event(waiting, connection.name)
        plan = plan_event(connection.connector, connection.settings, found)
    except (Rejected, BadBody, NotReadYet) as error:
        raise ConfigError(f"event {event.id} can't be read any more: {error}") from None
    return () if isinstance(plan, Ignored) else plan


def connection_of(parts: Parts, name: str) -> Connection:
    """Raises ConfigError for one that is not in the settings, or is misconfigured there."""
    settings = parts.settings
    if name in settings.connections:
        return settings.connections[name]
    if name in settings.misconfigured:
        raise ConfigError(settings.misconfigured[name])
    raise ConfigError(f"there is no connection {name}; {did_you_mean(name, settings.connections)}")


def without_record(parts: Parts, event: Event, keys: Sequence[Key]) -> Sequence[Key]:
    with parts.store.read() as conn:
        found = {key: links.find(conn, event.connection, key) for key in keys}
    return [key for key, link in found.items() if link is None or link.state in ("creating", "gone")]


def text_of(key: Key) -> str:
    return f"{key.resource}:{key.id}"
