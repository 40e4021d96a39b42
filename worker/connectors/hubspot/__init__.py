"""Maps HubSpot's contacts, companies and deals, from subscriptions and from workflows."""

from __future__ import annotations

from dataclasses import replace

from schemas import hubspot
from schemas.wire import Payload
from worker.connectors.hubspot import changes, events, leaving, reading, workflows
from worker.connectors.hubspot.settings import Settings
from worker.connectors.hubspot.source import SOURCE, record_and_company
from worker.sdk.connector import Connector, Extract, Handles, MapEvent, each
from worker.sdk.mapping import constant, field, joined
from worker.sdk.signatures import senders

CREATED, CHANGED, MERGED, DELETED = range(4)
"""The ranks: what happens later in the life of a record that was made and changed in one millisecond."""

OBJECT_ID = field("objectId")
FROM_ID = field("fromObjectId")


def subscribed(
    kind: str, schema: type[Payload], plan: MapEvent, of: Extract = events.OBJECT, *, rank: int = CHANGED
) -> Handles:
    # Companies go first, so that contacts and deals that are associated with them find them.
    return Handles(
        schema, plan, joined(":", constant(kind), of), events.OCCURRED, priority=kind == "company", rank=rank
    )


def read(
    kind: str,
    schema: type[Payload],
    plan: MapEvent,
    of: Extract = events.OBJECT,
    number: Extract = OBJECT_ID,
    *,
    rank: int = CHANGED,
) -> Handles:
    """With a token the record is read first."""
    return replace(subscribed(kind, schema, plan, of, rank=rank), fetch=record_and_company(kind, number))


def merger(kind: str) -> Handles:
    subject = joined(":", constant(kind), events.MERGED)
    first = kind == "company"
    return Handles(hubspot.Merge, leaving.merged(kind), subject, events.after_deletions, priority=first, rank=MERGED)


def enrolled(kind: str, schema: type[Payload], plan: MapEvent) -> Handles:
    subject = joined(":", constant(kind), events.OBJECT)
    return Handles(schema, plan, subject, events.MODIFIED, priority=kind == "company", rank=CHANGED)


connector = Connector(
    name="hubspot",
    title="HubSpot",
    signature=senders.HUBSPOT,
    event_id=events.event_id,
    event_type=events.event_type,
    split=each,
    handles={
        "contact.creation": read(
            "contact", hubspot.Happened, reading.made("contact", "ignores contact.creation"), rank=CREATED
        ),
        "contact.propertyChange": read("contact", hubspot.PropertyChange, changes.changed("contact")),
        "contact.associationChange": read(
            "contact", hubspot.AssociationChange, changes.associated("contact"), events.ASSOCIATED, FROM_ID
        ),
        "contact.deletion": subscribed("contact", hubspot.Happened, leaving.gone("contact"), rank=DELETED),
        "contact.restore": subscribed("contact", hubspot.Happened, leaving.restored("contact")),
        "contact.merge": merger("contact"),
        "contact.privacyDeletion": subscribed("contact", hubspot.Happened, leaving.erased),
        "company.creation": read(
            "company", hubspot.Happened, reading.made("company", "ignores company.creation"), rank=CREATED
        ),
        "company.propertyChange": read("company", hubspot.PropertyChange, changes.changed("company")),
        "company.deletion": subscribed("company", hubspot.Happened, leaving.gone("company"), rank=DELETED),
        "company.restore": subscribed("company", hubspot.Happened, leaving.restored("company")),
        "company.merge": merger("company"),
        "deal.creation": read("deal", hubspot.Happened, reading.read("deal", changes.deal_created), rank=CREATED),
        "deal.propertyChange": read("deal", hubspot.PropertyChange, changes.changed("deal")),
        "deal.associationChange": read(
            "deal", hubspot.AssociationChange, changes.associated("deal"), events.ASSOCIATED, FROM_ID
        ),
        "deal.deletion": subscribed("deal", hubspot.Happened, leaving.gone("deal"), rank=DELETED),
        "deal.restore": subscribed("deal", hubspot.Happened, leaving.restored("deal")),
        "deal.merge": merger("deal"),
        "workflow.contact": enrolled("contact", hubspot.WorkflowContact, workflows.contact),
        "workflow.company": enrolled("company", hubspot.WorkflowRecord, workflows.organisation),
        "workflow.deal": enrolled("deal", hubspot.WorkflowRecord, workflows.deal),
    },
    # Of associations, the other side tells as much.
    ignores=frozenset(
        {
            "company.associationChange",
            "conversation.*",
            "line_item.*",
            "object.*",
            "product.*",
            "ticket.*",
            "test:*",
        }
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    source=SOURCE,
    sample_headers={"User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/)"},
)
