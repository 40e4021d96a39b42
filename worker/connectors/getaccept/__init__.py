"""Maps GetAccept: a signed document becomes a won order, who opens one is scored."""

from __future__ import annotations

from datetime import UTC

from schemas import getaccept
from worker.connectors.getaccept.documents import document_of, told
from worker.connectors.getaccept.engagement import DONE, bounced, seen
from worker.connectors.getaccept.settings import Settings
from worker.connectors.getaccept.source import SOURCE
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles, Incoming, MapEvent
from worker.sdk.mapping import constant, field, joined, made_of
from worker.sdk.mapping import signed as signing
from worker.sdk.signatures import UrlAndBodyField
from worker.sdk.source import Get

ID = field("document.id")
SIGN_DATE = field("document.sign_date")
PREFIX = "document."
OTHERWISE = Ignored("the document stands otherwise by now")


@made_of(field("event"), field("event_type"))
def event_type(incoming: Incoming) -> str | None:
    """`document.signed` as subscriptions call it, in whichever of the two fields it stands; `signed` is the same."""
    said = [text for name in ("event", "event_type") if (text := field(name)(incoming))]
    whole = next((text for text in said if text.startswith(PREFIX)), None)
    return whole or (f"{PREFIX}{said[0]}" if said else None)


@made_of(field("subscription_id"), ID, event_type, field("recipient.id"), SIGN_DATE, "the day of receipt")
def event_id(incoming: Incoming) -> str | None:
    """There is none. Who opens a document many times in a day does it once; the day is that of receipt, as no other is told."""
    document, kind = ID(incoming), event_type(incoming)
    if not (document and kind):
        return None
    received = incoming.request.received
    today = received.astimezone(UTC).date().isoformat() if received else ""
    moment = today if kind in DONE else SIGN_DATE(incoming)
    parts = (field("subscription_id")(incoming), document, kind, field("recipient.id")(incoming), moment)
    return ":".join(each or "" for each in parts)


def signed(event: Event, settings: Settings) -> Plan | Ignored:
    said = told(event)
    if not (said["is_signed"] or said["status"] == "signed"):
        return OTHERWISE
    return signing.signed(event, document_of(event, settings, said["sign_date"]), settings)


def rejected(event: Event, settings: Settings) -> Plan | Ignored:
    if told(event)["status"] != "rejected":
        return OTHERWISE
    return signing.unsigned(event, document_of(event, settings), settings, "declined")


def expired(event: Event, settings: Settings) -> Plan | Ignored:
    said = told(event)
    if said["is_signed"] or said["status"] == "signed":
        return OTHERWISE
    document = document_of(event, settings, said["expiration_date"])
    return signing.unsigned(event, document, settings, "expired")


def deleted(_event: Event, _settings: Settings) -> Ignored:
    return Ignored("the document was deleted")


def handles(plan: MapEvent, *fetch: Get, rank: int = 0) -> Handles:
    return Handles(
        getaccept.Webhook,
        plan,
        subject=joined(":", constant("document"), ID),
        time=SIGN_DATE if rank else constant(""),
        rank=rank,
        fetch=(Get("document", id=ID), *fetch),
        gone=deleted,
    )


connector = Connector(
    name="getaccept",
    title="GetAccept",
    # Nothing is signed. The address and `payload` are what a subscription is made with: https://app.getaccept.com/api
    signature=UrlAndBodyField("payload"),
    event_id=event_id,
    event_type=event_type,
    handles={
        "document.signed": handles(signed, Get(signing.SIGNED_PDF, id=ID, optional=True), rank=1),
        "document.rejected": handles(rejected),
        "document.expired": handles(expired),
        "document.hardbounced": handles(bounced),
        **dict.fromkeys(DONE, handles(seen)),
    },
    # What the sender does, and what is not at its end yet.
    ignores=frozenset(
        {"document.created", "document.sent", "document.imported", "document.approved", "document.partially_signed"}
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "agreement": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
        "event": frozenset({"create"}),
        "file": frozenset({"create", "update"}),
    },
    settings=Settings,
    secret_fields=("payload", "document_url", "download_url", "preview_url"),
    source=SOURCE,
    unverified=True,
)
