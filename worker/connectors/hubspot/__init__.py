"""Maps HubSpot's contacts, companies and deals, from subscriptions and from workflows."""

from __future__ import annotations

from schemas import hubspot
from schemas.wire import Payload
from worker.connectors.hubspot import changes, events, leaving, workflows
from worker.connectors.hubspot.settings import Settings
from worker.sdk.connector import Connector, Extract, Handles, MapEvent, each
from worker.sdk.mapping import constant, joined
from worker.sdk.signatures import senders

CREATED, CHANGED, MERGED, DELETED = range(4)
"""The ranks: what happens later in the life of a record that was made and changed in one millisecond."""


def subscribed(
    kind: str, schema: type[Payload], plan: MapEvent, of: Extract = events.OBJECT, *, rank: int = CHANGED
) -> Handles:
    # Companies go first, so that contacts and deals that are associated with them find them.
    return Handles(
        schema, plan, joined(":", constant(kind), of), events.OCCURRED, priority=kind == "company", rank=rank
    )


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
        "contact.propertyChange": subscribed("contact", hubspot.PropertyChange, changes.changed("contact")),
        "contact.associationChange": subscribed(
            "contact", hubspot.AssociationChange, changes.associated("contact"), events.ASSOCIATED
        ),
        "contact.deletion": subscribed("contact", hubspot.Happened, leaving.gone("contact"), rank=DELETED),
        "contact.restore": subscribed("contact", hubspot.Happened, leaving.restored("contact")),
        "contact.merge": merger("contact"),
        "contact.privacyDeletion": subscribed("contact", hubspot.Happened, leaving.erased),
        "company.propertyChange": subscribed("company", hubspot.PropertyChange, changes.changed("company")),
        "company.deletion": subscribed("company", hubspot.Happened, leaving.gone("company"), rank=DELETED),
        "company.restore": subscribed("company", hubspot.Happened, leaving.restored("company")),
        "company.merge": merger("company"),
        "deal.creation": subscribed("deal", hubspot.Happened, changes.deal_created, rank=CREATED),
        "deal.propertyChange": subscribed("deal", hubspot.PropertyChange, changes.changed("deal")),
        "deal.associationChange": subscribed(
            "deal", hubspot.AssociationChange, changes.associated("deal"), events.ASSOCIATED
        ),
        "deal.deletion": subscribed("deal", hubspot.Happened, leaving.gone("deal"), rank=DELETED),
        "deal.restore": subscribed("deal", hubspot.Happened, leaving.restored("deal")),
        "deal.merge": merger("deal"),
        "workflow.contact": enrolled("contact", hubspot.WorkflowContact, workflows.contact),
        "workflow.company": enrolled("company", hubspot.WorkflowRecord, workflows.organisation),
        "workflow.deal": enrolled("deal", hubspot.WorkflowRecord, workflows.deal),
    },
    # A creation names no property: the record is made by the first property that tells who it is. Of associations,
    # the other side tells as much.
    ignores=frozenset(
        {
            "contact.creation",
            "company.creation",
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
    sample_headers={"User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/)"},
)
