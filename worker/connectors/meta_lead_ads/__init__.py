"""Maps lead ads of Facebook and Instagram to a contact, their company and an activity."""

from __future__ import annotations

import re

from schemas import meta_lead_ads
from worker.connectors.meta_lead_ads.leads import lead
from worker.connectors.meta_lead_ads.settings import Settings
from worker.connectors.meta_lead_ads.source import FETCH, LEAD, SOURCE, VALUE
from worker.sdk.connector import Connector, Handles, Incoming, each_in
from worker.sdk.handshakes import echo_query
from worker.sdk.mapping import constant, digest_of, field, first_of, joined, made_of
from worker.sdk.signatures import senders

FIELD = field("entry.changes.field")
MADE_UP = re.compile("4{9,}")


@made_of(FIELD, LEAD)
def event_type(incoming: Incoming) -> str | None:
    """The button *Test* of the app's dashboard sends ids that are fours alone, and no lead has such an id."""
    told, number = FIELD(incoming), LEAD(incoming)
    return "leadgen_test" if told == "leadgen" and number and MADE_UP.fullmatch(number) else told


connector = Connector(
    name="meta_lead_ads",
    title="Meta lead ads",
    signature=senders.META,
    split=each_in("entry.changes"),
    # Of what is no lead there is no id: other fields of the page are ignored.
    event_id=first_of(joined(":", event_type, LEAD), digest_of(FIELD, field("entry.id"), field("entry.time"))),
    event_type=event_type,
    handles={
        "leadgen": Handles(
            meta_lead_ads.Webhook,
            lead,
            subject=joined(":", constant("lead"), LEAD),
            time=field(f"{VALUE}.created_time"),
            fetch=FETCH,
        )
    },
    ignores=frozenset({"leadgen_test"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    handshakes=(echo_query("hub.challenge", token="hub.verify_token"),),  # noqa: S106 - a parameter's name
    tenant=first_of(field(f"{VALUE}.page_id"), field("entry.id")),
    source=SOURCE,
    accepted_status=200,
)
