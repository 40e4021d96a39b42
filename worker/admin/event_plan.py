"""Plans an event again with today's settings, and asks nothing of Upsales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.admin.event import Found
from worker.admin.known import Known
from worker.admin.masking import Masking
from worker.admin.parts import Parts
from worker.admin.plan_shown import Wanted, WouldCall, wanted, would_call
from worker.delivery.planning import StoredRequests
from worker.errors import Failure
from worker.plan import Ignored, Key, Plan
from worker.sdk.connector import Event, Handles
from worker.sdk.route import named, plan_event, rank_of, rule_for
from worker.settings import Connection, Settings
from worker.settings.timing import timing_of
from worker.store import Store, StoreUnavailable
from worker.store.events import events
from worker.store.events.events import WaitingEvent
from worker.store.ledger.known import known_to
from worker.sync.context import Access
from worker.sync.dry_run import DryRunCrm, Outcome, outcome_of
from worker.sync.dry_run_ledger import DryRunLedger
from worker.sync.fold import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNow:
    """`state`: planned, ignored, empty, or impossible, then `because` says why. `rule`: which mapping of which connector made it.

    `calls`: those that it would make now, if searches found nothing. `ending`: how it would end where it makes none, or fails. `keys`: of its records.
    """

    state: str
    because: str | None = None
    rule: str | None = None
    upserts: Sequence[Wanted] = ()
    calls: Sequence[WouldCall] = ()
    left_out: Sequence[str] = ()
    ending: str | None = None


@dataclass(frozen=True, slots=True)
class Replanned:
    """`keys`: of its records, as they are."""

    shown: PlanNow
    keys: Sequence[Key] = ()


def plan_now(parts: Parts, found: Found, masking: Masking) -> Known[Replanned]:
    """An event that can't be planned any more has its page all the same."""
    try:
        return Known(_replanned(parts, found, masking), found.standing.now)
    except StoreUnavailable:
        return Known(None, why="unavailable")


def _replanned(parts: Parts, found: Found, masking: Masking) -> Replanned:
    settings, name = parts.settings, found.event.connection
    connection = settings.connections.get(name)
    if connection is None:
        wrong = settings.misconfigured.get(name)
        because = (
            f"the connection is misconfigured: {wrong}" if wrong else "its connection is not in the settings any more"
        )
        return Replanned(PlanNow(state="impossible", because=because))
    rule = _rule(connection, masking.type(found.event.type), found)
    if found.request is None:
        return Replanned(PlanNow(state="impossible", because="its request is not kept any more", rule=rule))
    try:
        waiting, event = _event(parts.store, connection, found)
        plan = plan_event(connection.connector, connection.settings, event)
    except Failure as failure:
        return Replanned(PlanNow(state="impossible", because=masking.sentence(str(failure)), rule=rule))
    if isinstance(plan, Ignored):
        return Replanned(PlanNow(state="ignored", because=masking.sentence(plan.rule), rule=rule))
    if not plan:
        return Replanned(PlanNow(state="empty", because="its plan is empty", rule=rule))
    outcome = _outcome(parts, connection, waiting, event, plan)
    shown = PlanNow(
        state="planned",
        rule=rule,
        upserts=[wanted(upsert, masking) for upsert in plan],
        calls=[would_call(call, masking) for call in outcome.calls],
        left_out=[masking.sentence(each) or "" for each in outcome.left_out],
        ending=masking.sentence(outcome.ending),
    )
    return Replanned(shown, tuple(dict.fromkeys(upsert.key for upsert in plan)))


def _event(store: Store, connection: Connection, found: Found) -> tuple[WaitingEvent, Event]:
    with store.read() as conn:
        waiting = events.by_id(conn, found.event.id)
    return waiting, StoredRequests(store, connection.connector, [waiting]).event(waiting, connection.name)


def _outcome(parts: Parts, connection: Connection, waiting: WaitingEvent, event: Event, plan: Plan) -> Outcome:
    settings: Settings = parts.settings
    planned = Planned(
        event=waiting.id,
        time=event.counts_as_of,
        seq=waiting.seq,
        connection=connection.name,
        plan=plan,
        sender_version=event.version,
        rank=rank_of(connection.connector, event.type),
    )
    crm = DryRunCrm(settings.upsales.external_id, connection.writes)
    ledger = DryRunLedger(known_to(parts.store, connection.name, settings.upsales.settled_after))
    try:
        return outcome_of(planned, crm, Access(crm, ledger, timing_of(settings), matching=settings.matching))
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - what a plan makes the execution raise concerns this event only
        return Outcome(ending=f"what it would do can't be told: {named(error)}")


def _rule(connection: Connection, shown_type: str, found: Found) -> str:
    connector = connection.connector
    rule = rule_for(connector, found.event.type)
    if not isinstance(rule, Handles):
        return f"{connector.name}: {rule.rule if isinstance(rule, Ignored) else f'no rule for {shown_type}'}"
    mapping = getattr(rule.plan, "__qualname__", type(rule.plan).__name__).partition(".<locals>")[0]
    return f"{connector.name}: {shown_type} → {mapping} ({getattr(rule.plan, '__module__', '')})"
