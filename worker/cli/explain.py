"""`relay explain` shows the exact calls that an event would make, and makes no write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.output import json_option, json_text, print_json, say, say_text
from worker.errors import ConfigError, NotReadYet
from worker.plan import Ignored
from worker.sdk.connector import Event
from worker.sdk.route import plan_event, rank_of
from worker.settings import Connection
from worker.sync.context import Access
from worker.sync.dry_run import AskingCrm, DryRunCrm, Outcome, json_outcome, labelled, outcome_of
from worker.sync.dry_run_ledger import DryRunLedger
from worker.sync.fold import Planned

RULES = {
    "link": "the link of its key",
    "number": "organisation number",
    "contact": "the contact who has the e-mail address",
    "domain": "web page",
    "email": "e-mail address",
    "articleNo": "article number",
}
"""What people call the rules; any other one is called by its own name."""


@click.command()
@click.argument("event", metavar="EVENT|SAMPLE|FILE")
@click.option("--connection", help="For a sample or a file: the connection that would receive it.")
@click.option("--ask", is_flag=True, help="Ask Upsales, and the sender: make the look-ups and searches, but no write.")
@json_option
@pass_installation
def explain(installation: Installation, event: str, connection: str | None, *, ask: bool, as_json: bool) -> None:
    """Show the exact calls that an event, a shipped sample or a case in a file would make now.

    No call is made; with --ask only reads, of Upsales and of what the event needs of its sender's API.
    """
    for configured, found in _events(installation, event, connection, ask=ask):
        plan = plan_event(configured.connector, configured.settings, found)
        if isinstance(plan, Ignored):
            outcome = Outcome(ending=f"ignored: {plan.rule}")
        else:
            planned = Planned(
                event="explained",
                time=found.counts_as_of,
                seq=2**62,
                connection=configured.name,
                plan=plan,
                sender_version=found.version,
                rank=rank_of(configured.connector, found.type),
            )
            outcome = _dry_run(installation, configured, planned, ask=ask)
        _show(found, outcome, asked=ask, as_json=as_json)


def _events(
    installation: Installation, wanted: str, name: str | None, *, ask: bool
) -> Sequence[tuple[Connection, Event]]:
    from worker.cli.local.samples import sample
    from worker.devkit import cases
    from worker.sdk.read import read

    if name is None and not Path(wanted).exists():
        return [_stored(installation, wanted, ask=ask)]
    if name is None:
        raise ConfigError(f"{wanted} is a file: name the connection it would come to by --connection")
    connection = installation.connection(name)
    case = sample(connection.connector, wanted)
    readings = read(connection.connector, case.request)
    return [(connection, cases.event_of(reading, case)) for reading in readings]


def _stored(installation: Installation, wanted: str, *, ask: bool) -> tuple[Connection, Event]:
    from worker.cli.selection import one
    from worker.delivery.fetching import read_ahead
    from worker.delivery.planning import StoredRequests
    from worker.store.events import events

    event = one(installation, wanted)
    connection = installation.connection(event.connection)
    with installation.store.read() as conn:
        waiting = events.by_id(conn, event.id)
    requests = StoredRequests(installation.store, connection.connector, [waiting])
    if ask:
        read_ahead(installation.store, connection, requests, waiting, installation.runtime.readers)
    try:
        return connection, requests.event(waiting, connection.name)
    except NotReadYet as unread:
        raise ConfigError(
            f"event {event.id}: {unread}; with --ask it is read now, and nothing of it is stored"
        ) from None


def _dry_run(installation: Installation, connection: Connection, planned: Planned, *, ask: bool) -> Outcome:
    from worker.settings.timing import timing_of
    from worker.store.lanes import connections
    from worker.store.ledger.known import known_to

    settings = installation.settings.upsales
    with installation.store.read() as conn:
        rebound_for = connections.get(conn, connection.name).rebound_for
    known = known_to(installation.store, connection.name, settings.settled_after)
    noted = DryRunCrm(settings.external_id, connection.writes)
    crm = AskingCrm(installation.runtime.binding.clients.of(connection), noted) if ask else noted
    access = Access(
        crm,
        DryRunLedger(known, asking=ask),
        timing_of(installation.settings),
        matching=installation.settings.matching,
        rebound_for=rebound_for,
        adoption=connection.adoption,
    )
    return outcome_of(planned, crm, access)


def _show(event: Event, outcome: Outcome, *, asked: bool, as_json: bool) -> None:
    if as_json:
        print_json({"event": event.id, **json_outcome(outcome)})
        return
    say(f"{event.type} {event.subject} ({event.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)")
    for found in outcome.found:
        by = RULES.get(found.rule, found.rule)
        say(f"  {found.key.resource} {found.key.id} is {found.record_id}, found by {by}")
    for call in outcome.calls:
        say(f"  {call.verb:<7}{call.resource} {call.about}".rstrip())
        if call.body:
            say_text(json_text(labelled(call.body)), indent=" " * 9)
    if not asked and any(call.verb == "search" for call in outcome.calls):
        say("  A search that finds a record makes it an update of what differs.")
    for sentence in outcome.left_out:
        say(f"  {sentence}")
    if outcome.ending:
        say(f"  {outcome.ending}")
