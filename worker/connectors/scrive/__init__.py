"""Maps Scrive: a signed document becomes a won order, a rejected one a to-do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from schemas import scrive
from worker.connectors.scrive.parties import author, filled_in, order_of, participants
from worker.connectors.scrive.settings import Settings
from worker.connectors.scrive.source import SOURCE
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles, Incoming, MapEvent
from worker.sdk.mapping import constant, field, joined, made_of
from worker.sdk.mapping.signed import SIGNED_PDF, Document, signed, unsigned
from worker.sdk.signatures import UrlToken
from worker.sdk.source import Get

ID = field("document_id")
STATUS = field("document_json.status")
SEALED = field("document_signed_and_sealed")
VERSION = field("document_json.object_version")


@made_of(STATUS, SEALED)
def event_type(incoming: Incoming) -> str | None:
    """A callback says how the document stands, not what happened."""
    said = STATUS(incoming)
    return "sealed" if said == "closed" and SEALED(incoming) == "true" else said


def told(how: Literal["closed", "rejected", "timedout"]) -> MapEvent:
    """What was read counts; without a token, what the callback says."""

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        said = event.read.get("document") or event.payload["document_json"]
        if said["status"] != how:
            return Ignored("the document stands otherwise by now")
        # Scrive may take one number in several spellings: by its own, nothing is written twice.
        document = document_of(said["id"], said, settings)
        if how == "closed":
            return signed(event, document, settings)
        return unsigned(event, document, settings, "declined" if how == "rejected" else "expired")

    return plan


def deleted(_event: Event, _settings: Settings) -> Ignored:
    return Ignored("the document was deleted")


def document_of(number: str, said: Mapping[str, Any], settings: Settings) -> Document:
    people = participants(said)
    tags = said["tags"] or ()
    return Document(
        id=number,
        title=said["title"] or f"Scrive {number}",
        participants=people,
        order_id=order_of(said, settings),
        author=author(said),
        labels=[text for each in tags for text in (each["name"], each["value"]) if text],
        ended=ended(said),
        told=[*filled_in(said), f"Scrive document {number}"],
    )


def ended(said: Mapping[str, Any]) -> datetime | None:
    """When the last of all parties signed, or one rejected it. A seal that comes weeks later changes nothing of that."""
    if said["status"] == "timedout":
        moment: datetime | None = said["timeout_time"]
        return moment
    name = "sign_time" if said["status"] == "closed" else "rejected_time"
    return max((each[name] for each in said["parties"] or () if each[name]), default=None)


def handles(how: Literal["closed", "rejected", "timedout"], rank: int, *fetch: Get) -> Handles:
    return Handles(
        scrive.Callback,
        told(how),
        subject=joined(":", constant("document"), ID),
        time=field("document_json.mtime"),
        version=VERSION,
        rank=rank,
        fetch=(Get("document", id=ID), *fetch),
        gone=deleted,
    )


connector = Connector(
    name="scrive",
    title="Scrive",
    # Callbacks are not signed: https://apidocs.scrive.com/#callbacks
    signature=UrlToken(),
    # A document is told as sealed twice, the second time 15 to 30 days later.
    event_id=joined(":", ID, VERSION, SEALED),
    event_type=event_type,
    handles={
        "closed": handles("closed", 1),
        "sealed": handles("closed", 2, Get(SIGNED_PDF, id=ID, optional=True)),
        "rejected": handles("rejected", 1),
        "timedout": handles("timedout", 0),
    },
    # Who writes, sends or withdraws a document knows it.
    ignores=frozenset({"preparation", "pending", "canceled", "document_error"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "agreement": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
        "file": frozenset({"create", "update"}),
    },
    settings=Settings,
    body="form",
    json_fields=("document_json",),
    secret_fields=("access_token",),
    sample_headers={"Content-Type": "application/x-www-form-urlencoded"},
    source=SOURCE,
    unverified=True,
)
