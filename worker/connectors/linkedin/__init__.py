"""Maps lead forms of LinkedIn to a contact, their company and an activity."""

from __future__ import annotations

from schemas import linkedin
from worker.connectors.linkedin.leads import created, deleted
from worker.connectors.linkedin.settings import Settings
from worker.connectors.linkedin.source import FETCH, LEAD, SOURCE
from worker.sdk.connector import Connector, Handles
from worker.sdk.handshakes import hmac_json, query_parameter
from worker.sdk.mapping import constant, digest_of, field, first_of, joined
from worker.sdk.signatures import senders

SUBJECT = joined(":", constant("lead"), LEAD)
TIME = field("occurredAt")
TYPE = first_of(joined(".", field("type"), field("leadAction")), field("type"))

connector = Connector(
    name="linkedin",
    title="LinkedIn lead forms",
    signature=senders.LINKEDIN,
    # LinkedIn says that a notification may come several times; what it tells then is the same.
    event_id=first_of(joined(":", field("leadAction"), LEAD, TIME), digest_of(TYPE, LEAD, TIME)),
    event_type=TYPE,
    handles={
        "LEAD_ACTION.CREATED": Handles(linkedin.Notification, created, SUBJECT, TIME, fetch=FETCH),
        "LEAD_ACTION.DELETED": Handles(linkedin.Notification, deleted, SUBJECT, TIME, rank=1),
    },
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    # Every two hours, and within three seconds: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
    handshakes=(hmac_json(query_parameter("challengeCode"), echo="challengeCode", sealed="challengeResponse"),),
    asks_every=7200.0,
    tenant=first_of(field("owner.sponsoredAccount"), field("owner.organization")),
    source=SOURCE,
    accepted_status=200,
)
