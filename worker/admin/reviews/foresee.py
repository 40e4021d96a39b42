"""Tells what a decision will do, before it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from worker.admin.parts import Parts
from worker.admin.reviews.decide import LARGEST, Decision, NotBegun
from worker.admin.reviews.keys import connection_of
from worker.admin.reviews.proof import prove
from worker.admin.reviews.question import Question
from worker.admin.reviews.reading import Reader
from worker.admin.reviews.texts import key_text, sentence
from worker.errors import ConfigError, RelayError
from worker.settings.timing import timing_of
from worker.store.events import events
from worker.store.lanes import connections
from worker.store.ledger.known import known_to
from worker.sync.context import Access
from worker.sync.dry_run import AskingCrm, DryRunCall, DryRunCrm, labelled, outcome_of
from worker.sync.dry_run_ledger import DryRunLedger

LOW: Final = "more than half of the key's call windows is used: not asked"


@dataclass(frozen=True, slots=True)
class Write:
    """One call that would be made, without what it says."""

    verb: str
    resource: str
    record: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`called`: what Upsales calls the record. `owner`: what it is already. `writes`: those of this event; None: `unknown` says why.

    `ending`: how the event ends where it does not end well. `tried_again`: how many events.
    """

    decision: Decision
    record: str | None
    called: str | None
    owner: str | None
    writes: Sequence[Write] | None
    unknown: str | None
    ending: str | None
    tried_again: int


def foresee(parts: Parts, reader: Reader, asked: Question, decision: Decision, *, masked: bool) -> Foreseen:
    """Raises NoSuchRecord and Unproven for a record that can't be taken, NotBegun for one that can't be made again."""
    key = decision.key
    record = None if key is None else key_text(key, masked=masked)
    again = 0 if decision.kind == "drop" else asked.others + 1
    if decision.kind == "create" and key is not None and not asked.begun:
        raise NotBegun(key)
    if decision.kind != "adopt" or key is None:
        return Foreseen(decision, record, None, None, None, None, None, again)
    if decision.record is None or not 0 < decision.record <= LARGEST:
        raise ConfigError("say which record it is, by its Upsales id")
    proven = prove(parts, reader, asked.event.connection, key, decision.record, asked.event.id)
    owner = None if proven.owner is None else key_text(proven.owner, masked=masked)
    writes, unknown, ending = _writes(parts, reader, asked, decision)
    called, ending = proven.called(masked=masked), sentence(ending, masked=masked)
    return Foreseen(decision, record, called, owner, writes, unknown, ending, again)


def _writes(
    parts: Parts, reader: Reader, asked: Question, decision: Decision
) -> tuple[Sequence[Write] | None, str | None, str | None]:
    """A dry run, as if the decision had been taken: it makes the reads that the delivery will make."""
    if asked.unreadable is not None:
        return None, asked.unreadable, None
    if not reader.plentiful(asked.event.connection):
        return None, LOW, None
    try:
        calls, ending = _run(parts, asked, decision)
    except RelayError as error:
        return None, str(error), None
    return [_write(call) for call in calls if call.verb in ("create", "update", "unsubscribe")], None, ending


def _run(parts: Parts, asked: Question, decision: Decision) -> tuple[Sequence[DryRunCall], str | None]:
    from worker.delivery.planning import planned

    connection, settings = connection_of(parts, asked.event.connection), parts.settings
    with parts.store.read() as conn:
        waiting = events.by_id(conn, asked.event.id)
        rebound_for = connections.get(conn, connection.name).rebound_for
    plans, ended = planned(parts.store, connection, [waiting], LARGEST)
    if not plans:
        return (), next((f"{each.status}: {each.reason}" for each in ended), None)
    known = known_to(parts.store, connection.name, settings.upsales.settled_after)
    ledger = DryRunLedger(known, asking=True)
    if decision.key is not None and decision.record is not None:
        ledger.adopt(decision.key, decision.record, (), {})
    upsales = parts.runtime.binding.of(connection).upsales.on_behalf(asked.event.id, notify=False)
    crm = AskingCrm(upsales, DryRunCrm(settings.upsales.external_id, connection.writes))
    access = Access(crm, ledger, timing_of(settings), matching=settings.matching, rebound_for=rebound_for)
    outcome = outcome_of(plans[0], crm, access)
    return outcome.calls, outcome.ending


def _write(call: DryRunCall) -> Write:
    about = labelled(call.body)
    return Write(call.verb, call.resource, call.about, sorted(about))
