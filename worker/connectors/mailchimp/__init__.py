"""Maps Mailchimp's audiences: members become contacts, and who leaves is opted out."""

from __future__ import annotations

from schemas import mailchimp
from worker.connectors.mailchimp import leaving, members
from worker.connectors.mailchimp.events import FIRED, event_id, subject
from worker.connectors.mailchimp.settings import Settings
from worker.connectors.mailchimp.source import SOURCE
from worker.sdk.connector import Connector, Handles, MapEvent
from worker.sdk.handshakes import get_ok
from worker.sdk.mapping import field
from worker.sdk.signatures import AnyOf, UrlToken, senders


def told(plan: MapEvent) -> Handles:
    return Handles(mailchimp.Told, plan, subject, FIRED)


connector = Connector(
    name="mailchimp",
    title="Mailchimp",
    # Webhooks that were made before Mailchimp signed any stay unsigned: those have a secret in their URL.
    signature=AnyOf((senders.MAILCHIMP, UrlToken())),
    event_id=event_id,
    event_type=field("type"),
    handles={
        "subscribe": told(members.told),
        "profile": told(members.told),
        "upemail": told(members.moved),
        "unsubscribe": told(leaving.left),
        "cleaned": told(leaving.cleaned),
    },
    # What Upsales has for mailings is made by its administrators alone.
    ignores=frozenset({"campaign"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update", "unsubscribe"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    source=SOURCE,
    body="form",
    bracketed=("data",),
    handshakes=(get_ok(),),
    accepted_status=200,
    sample_headers={"User-Agent": "MailChimp.com", "Content-Type": "application/x-www-form-urlencoded"},
)
