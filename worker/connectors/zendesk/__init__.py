"""Maps Zendesk: a ticket becomes an activity or a ticket, and a to-do while urgent."""

from __future__ import annotations

from dataclasses import replace

from schemas import zendesk
from schemas.wire import Payload
from worker.connectors.zendesk import comments, leaving, records
from worker.connectors.zendesk.identity import EXPLAINED, SUBJECT, TRIGGER, event_id, event_type, time
from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.source import SOURCE, TICKET
from worker.sdk.connector import Connector, Handles, MapEvent
from worker.sdk.signatures import NotPublic, senders
from worker.sdk.signatures.not_public import ZENDESK_TEST

CREATED, CHANGED, MERGED, DELETED = range(4)
"""The ranks: what happens later in the life of a ticket."""


def told(schema: type[Payload], plan: MapEvent, rank: int = CHANGED) -> Handles:
    # Times have nanoseconds, of which a database keeps a part: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
    return Handles(schema, plan, SUBJECT, time, version=time, rank=rank)


def read(schema: type[Payload] = zendesk.Told, plan: MapEvent = records.ticket, rank: int = CHANGED) -> Handles:
    return replace(told(schema, plan, rank), fetch=TICKET)


connector = Connector(
    name="zendesk",
    title="Zendesk",
    signature=NotPublic(
        senders.ZENDESK,
        ZENDESK_TEST,
        "is the one that Zendesk signs test calls with, which everybody can read: take that of the saved webhook",
    ),
    event_id=event_id,
    event_type=event_type,
    explains=EXPLAINED,
    handles={
        "ticket.created": read(rank=CREATED),
        "ticket.agent_assignment_changed": read(),
        "ticket.description_changed": read(),
        "ticket.organization_changed": read(),
        "ticket.priority_changed": read(),
        "ticket.requester_changed": read(),
        "ticket.status_changed": read(),
        "ticket.subject_changed": read(),
        "ticket.tags_changed": read(),
        "ticket.undeleted": read(rank=DELETED),
        TRIGGER: read(zendesk.Trigger),
        "ticket.comment_added": read(zendesk.Commented, comments.said),
        "ticket.comment_made_private": told(zendesk.Commented, comments.taken_back("made private")),
        "ticket.comment_redacted": told(zendesk.Commented, comments.taken_back("redacted")),
        "ticket.merged": told(zendesk.Merged, leaving.merged, MERGED),
        "ticket.soft_deleted": told(zendesk.Told, leaving.gone("deleted"), DELETED),
        "ticket.permanently_deleted": told(zendesk.Told, leaving.gone("deleted for good", for_good=True), DELETED),
        "ticket.marked_as_spam": told(zendesk.Told, leaving.gone("marked as spam"), DELETED),
    },
    # What says nothing to a salesperson; people and organizations come with their tickets.
    ignores=frozenset(
        {
            "agent.*",
            "article.*",
            "community_post.*",
            "messaging_ticket.*",
            "organization.*",
            "ticket.attachment_*",
            "ticket.brand_changed",
            "ticket.csat_*",
            "ticket.custom_*",
            "ticket.email_ccs_changed",
            "ticket.external_id_changed",
            "ticket.followers_changed",
            "ticket.form_changed",
            "ticket.group_assignment_changed",
            "ticket.next_sla_breach_changed",
            "ticket.ola_policy_changed",
            "ticket.problem_link_changed",
            "ticket.schedule_changed",
            "ticket.sla_policy_changed",
            "ticket.submitter_changed",
            "ticket.task_due_at_changed",
            "ticket.type_changed",
            "user.*",
        }
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create", "update"}),
        "ticket": frozenset({"create", "update"}),
        "comment": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=SOURCE,
    accepted_status=200,
    sample_headers={"User-Agent": "Zendesk Webhook"},
)
