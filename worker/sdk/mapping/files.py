"""Attaches a file of the sender to what became of its event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from worker.plan import Content, Key, Resource, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping.companies import Home
from worker.sdk.mapping.text import clip

FILE_NAME: Final = 255
"""As long as a name is in most file systems; how much Upsales keeps is not published."""
COMPANY: Final = "Client"
ENTITIES: Final[Mapping[Resource, str]] = {
    "account": COMPANY,
    "contact": "Contact",
    "order": "Order",
    "appointment": "Appointment",
    "activity": "Activity",
}
"""What Upsales calls the things that a file can belong to."""


def attached(event: Event, read_name: str, name: str, *, to: Upsert, client: Home) -> tuple[Upsert, ...]:
    """The file that was read as `read_name`, under the record; under the company where a file can't belong to such a record. Nothing where it was not read.

    `name`: what people see it called. It is attached once for each subject, whatever the sender's file is later.
    """
    content = event.read.get(read_name)
    if not isinstance(content, Content):
        return ()
    made: dict[str, Value] = {"name": file_name(name), "content": content}
    key = Key("file", f"{event.subject}:{read_name}")
    entity = ENTITIES.get(to.key.resource)
    if entity in (None, COMPANY):
        place = {"entityId": client.place, "client": client.place}
        return (Upsert(key=key, set={"entity": COMPANY}, on_create=made, placed=place),)
    belongs: dict[str, Value] = {"entity": entity, "entityId": to.key}
    return (Upsert(key=key, set=belongs, on_create=made, placed={"client": client.place}),)


def file_name(name: str) -> str:
    """Without what no file is called; its ending stays."""
    plain = " ".join("".join(" " if char in '/\\:*?"<>|' or not char.isprintable() else char for char in name).split())
    stem, dot, ending = plain.rpartition(".")
    return f"{clip(stem, FILE_NAME - len(ending) - 1)}{dot}{ending}" if stem else plain
