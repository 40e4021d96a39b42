"""Maps leads of Google Ads lead forms to a contact, their company and an activity."""

from __future__ import annotations

from schemas import google_ads
from worker.connectors.google_ads.leads import lead
from worker.connectors.google_ads.settings import Settings
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.mapping import constant, field, joined, made_of
from worker.sdk.signatures import senders

LEAD = field("lead_id")


@made_of(field("is_test"), "lead")
def event_type(incoming: Incoming) -> str | None:
    """Google has one kind of message. What its test button sends is marked; the mark is left out where it is false."""
    told = incoming.payload
    if not isinstance(told, dict) or not told:
        return None
    return "test_lead" if told.get("is_test") in (True, "true") else "lead"


connector = Connector(
    name="google_ads",
    title="Google Ads lead forms",
    signature=senders.GOOGLE_LEAD_FORM,
    # Google: use it to tell leads apart; it is unique across all forms.
    # https://developers.google.com/google-ads/webhook/docs/implementation
    event_id=joined(":", event_type, LEAD),
    event_type=event_type,
    handles={
        "lead": Handles(
            google_ads.Lead, lead, subject=joined(":", constant("lead"), LEAD), time=field("lead_submit_time")
        )
    },
    ignores=frozenset({"test_lead"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    secret_fields=("google_key",),
    accepted_status=200,
)
