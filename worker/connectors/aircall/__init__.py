"""Maps Aircall: a call becomes one phone call, whatever the order of its events."""

from __future__ import annotations

from schemas import aircall
from worker.connectors.aircall.calls import ended
from worker.connectors.aircall.people import in_phone_book
from worker.connectors.aircall.settings import Settings
from worker.connectors.aircall.source import SOURCE
from worker.sdk.connector import Connector, Handles
from worker.sdk.mapping import constant, field, first_of, joined
from worker.sdk.signatures import BodyField

EVENT = first_of(field("event"), field("event_name"))
TIME = field("timestamp")
SUBJECTS = {kind: joined(":", constant(kind), field("data.id")) for kind in ("call", "contact")}
ENDED = (
    "call.ended",
    "call.voicemail_left",
    "call.comm_assets_generated",
    "call.assigned",
    "call.untagged",
    "call.tagged",
    "call.commented",
)
"""Those that tell of a call that is over. Of one second, the later one in this row is the newer."""

connector = Connector(
    name="aircall",
    title="Aircall",
    signature=BodyField("token"),
    # Aircall gives no delivery an id: https://developer.aircall.io/docs/webhooks-overview
    event_id=joined(":", EVENT, first_of(field("data.id"), field("data.call_id"), constant("-")), TIME),
    # Messages of numbers in proxy mode have another envelope.
    event_type=EVENT,
    handles={
        **{
            event: Handles(aircall.CallTold, ended, SUBJECTS["call"], TIME, version=TIME, rank=rank)
            for rank, event in enumerate(ENDED, 1)
        },
        "contact.created": Handles(aircall.ContactTold, in_phone_book, SUBJECTS["contact"], TIME, version=TIME),
        "contact.updated": Handles(aircall.ContactTold, in_phone_book, SUBJECTS["contact"], TIME, version=TIME, rank=1),
    },
    ignores=frozenset(
        {
            # A call that goes on: when it is over, `call.ended` tells all of it.
            "call.created",
            "call.ringing_on_agent",
            "call.agent_declined",
            "call.answered",
            "call.transferred",
            "call.external_transferred",
            "call.unsuccessful_transfer",
            "call.hold",
            "call.unhold",
            "call.ivr_option_selected",
            "call.hungup",
            "call.archived",
            # Who leaves the phone book is a contact all the same.
            "contact.deleted",
            # What Aircall's add-ons make of a recording.
            "transcription.*",
            "realtime_transcription.*",
            "summary.*",
            "custom_summary.*",
            "topics.*",
            "sentiment.*",
            "action_item.*",
            "playbook_result.*",
            "call_evaluation.*",
            "ai_voice_agent.*",
            "message.*",
            "group_message.*",
            "user.*",
            "number.*",
            "team.*",
            "analytics.*",
            "integration.*",
        }
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "phoneCall": frozenset({"create", "update"}),
        "activity": frozenset({"create", "update"}),
        "comment": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=SOURCE,
    accepted_status=200,
    secret_fields=("token",),
)
