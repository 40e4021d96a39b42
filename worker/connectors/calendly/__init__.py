"""Maps Calendly: an invitee becomes a contact of a company, a meeting an appointment."""

from __future__ import annotations

from schemas import calendly
from worker.connectors.calendly.appointments import told, told_by_v1
from worker.connectors.calendly.settings import Settings
from worker.connectors.calendly.source import SOURCE, the_meeting, untold, untold_or_no_link
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.mapping import constant, field, first_of, joined, last_part, made_of
from worker.sdk.signatures import senders

# A no-show is marked on the invitee; where its webhook tells of the mark itself, it names the invitee.
INVITEE = last_part(first_of(field("payload.invitee"), field("payload.uri")))
OLD_INVITEE = field("payload.invitee.uuid")
SUBJECT = joined(":", constant("invitee"), INVITEE)
OLD_SUBJECT = joined(":", constant("invitee"), OLD_INVITEE)
TIME = field("created_at")
OLD_TIME = first_of(field("time"), field("payload.invitee.canceled_at"), field("payload.invitee.created_at"))


@made_of(field("event"))
def event_type(incoming: Incoming) -> str | None:
    """Webhooks of the first API have the same names and another shape, so they are types of their own."""
    said = field("event")(incoming)
    return f"v1:{said}" if said and OLD_INVITEE(incoming) else said


connector = Connector(
    name="calendly",
    title="Calendly",
    signature=senders.CALENDLY,
    # Webhooks have no id. An invitee is booked and canceled once; only a no-show may be marked, unmarked and marked again.
    event_id=first_of(joined(":", event_type, INVITEE, TIME), joined(":", event_type, OLD_INVITEE)),
    event_type=event_type,
    handles={
        # A cancellation needs no rank: it is final.
        "invitee.created": Handles(
            calendly.Changed, told("planned"), SUBJECT, TIME, fetch=the_meeting(untold_or_no_link)
        ),
        "invitee.canceled": Handles(
            calendly.Changed, told("notCompleted", final=True), SUBJECT, TIME, fetch=the_meeting(untold)
        ),
        "invitee_no_show.created": Handles(
            calendly.Changed, told("notCompleted"), SUBJECT, TIME, rank=1, fetch=the_meeting(untold)
        ),
        "invitee_no_show.deleted": Handles(
            calendly.Changed, told("planned"), SUBJECT, TIME, rank=2, fetch=the_meeting(untold)
        ),
        "v1:invitee.created": Handles(calendly.OldWebhook, told_by_v1("planned"), OLD_SUBJECT, OLD_TIME),
        "v1:invitee.canceled": Handles(calendly.OldWebhook, told_by_v1("notCompleted"), OLD_SUBJECT, OLD_TIME),
    },
    # Who filled in a routing form and did not book has no meeting.
    ignores=frozenset({"routing_form_submission.created", "event_type.*"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "appointment": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=SOURCE,
    accepted_status=200,
    sample_headers={"User-Agent": "Calendly"},
)
