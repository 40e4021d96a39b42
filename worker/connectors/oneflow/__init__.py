"""Maps Oneflow: a signed contract becomes a won order, a declined one a to-do."""

from __future__ import annotations

from collections.abc import Callable, Collection

from schemas import oneflow
from worker.connectors.oneflow.contracts import document_of, has_ended
from worker.connectors.oneflow.settings import Settings
from worker.connectors.oneflow.source import SOURCE
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles, MapEvent, each_in
from worker.sdk.mapping import constant, field, first_of, joined, read_field
from worker.sdk.mapping.signed import SIGNED_PDF, ended, signed, unsigned
from worker.sdk.signatures.senders import ONEFLOW
from worker.sdk.source import Get

CONTRACT = field("contract.id")


def while_it_is(states: Collection[str], plan: Callable[[Event, Settings], Plan]) -> MapEvent:
    """The signature covers none of what a webhook tells: only how the contract itself stands counts."""

    def mapped(event: Event, settings: Settings) -> Plan | Ignored:
        if (event.read.get("contract") or {}).get("state") not in states:
            return Ignored("the contract stands otherwise by now")
        return plan(event, settings)

    return mapped


def on_signed(event: Event, settings: Settings) -> Plan:
    return signed(event, document_of(event.read["contract"], settings), settings)


def on_declined(event: Event, settings: Settings) -> Plan:
    return unsigned(event, document_of(event.read["contract"], settings), settings, "declined")


def on_expired(event: Event, settings: Settings) -> Plan:
    return unsigned(event, document_of(event.read["contract"], settings), settings, "expired")


def on_end(event: Event, settings: Settings) -> Plan | Ignored:
    contract = event.read.get("contract")
    if contract is None or not has_ended(contract):
        return Ignored("the contract stands otherwise by now")
    return ended(event, document_of(contract, settings), settings)


def deleted(_event: Event, _settings: Settings) -> Ignored:
    return Ignored("the contract was deleted")


def handles(plan: MapEvent, rank: int, *fetch: Get) -> Handles:
    return Handles(
        oneflow.Webhook,
        plan,
        subject=joined(":", constant("document"), CONTRACT),
        time=field("events.created_time"),
        rank=rank,
        fetch=(Get("contract", id=CONTRACT), *fetch),
        gone=deleted,
    )


connector = Connector(
    name="oneflow",
    title="Oneflow",
    signature=ONEFLOW,
    # A webhook that is sent again has the same callback_id, and the same events in it: https://developer.oneflow.com/docs/webhook-and-event.
    # The signature covers that id alone: without it, who replays one webhook could use up the ids of events that are still to come.
    split=each_in("events"),
    event_id=first_of(
        joined(":", constant("event"), field("callback_id"), field("events.id")),
        joined(":", constant("event"), field("events.id")),
    ),
    event_type=field("events.type"),
    handles={
        "contract:sign": handles(
            while_it_is({"signed"}, on_signed), 2, Get(SIGNED_PDF, id=read_field("contract.id"), optional=True)
        ),
        "contract:decline": handles(while_it_is({"declined"}, on_declined), 1),
        "contract:signing_period_expire": handles(while_it_is({"overdue", "expired"}, on_expired), 0),
        "contract:lifecycle_state:end": handles(on_end, 3),
        "contract:lifecycle_state:terminate": handles(on_end, 3),
    },
    # Who writes, sends or withdraws a contract knows it; who signs first is told when all have.
    ignores=frozenset(
        {
            "contract:create",
            "contract:publish",
            "contract:delete",
            "contract:content_update",
            "contract:signature_reset",
            "contract:signing_period_revive",
            "contract:lifecycle_state:start",
            "contract:lifecycle_state:cancel",
            "contract:lifecycle_state:new_period",
            "participant:*",
            "party:*",
            "product:*",
            "data_field:*",
            "comment:*",
        }
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "agreement": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
        "file": frozenset({"create", "update"}),
    },
    settings=Settings,
    # https://developer.oneflow.com/docs/introduction: any other answer is an error.
    accepted_status=200,
    source=SOURCE,
    unverified=True,
)
