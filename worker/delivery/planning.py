"""What the events of a claim ask for: a plan each, unless they end without one."""

from __future__ import annotations

from collections.abc import Sequence

from worker.coalesce import Planned
from worker.contents import Requests
from worker.errors import Rejected
from worker.plan import Ignored
from worker.reading import BadBody, plan_event
from worker.settings import Connection
from worker.store.endings import Outcome
from worker.store.engine import Store
from worker.store.pending import Pending


def planned(
    store: Store, connection: Connection, events: Sequence[Pending], most_claims: int
) -> tuple[list[Planned], list[Outcome]]:
    """Events that ended `most_claims` workers end here, and so do those that are about nothing or can't be read."""
    requests = Requests(store, connection.connector, events)
    found = [_planned(event, connection, requests, most_claims) for event in events]
    return [each for each in found if isinstance(each, Planned)], [each for each in found if isinstance(each, Outcome)]


def _planned(waiting: Pending, connection: Connection, requests: Requests, most_claims: int) -> Planned | Outcome:
    if waiting.claims > most_claims:
        return Outcome(waiting.id, "dead", f"its worker stopped {waiting.claims - 1} times without an outcome")
    try:
        event = requests.event(waiting, connection.name)
        plan = plan_event(connection.connector, connection.settings, event)
    except (Rejected, BadBody) as failure:
        return Outcome(waiting.id, "dead", str(failure))
    if isinstance(plan, Ignored):
        return Outcome(waiting.id, "ignored", plan.rule)
    if not plan:
        return Outcome(waiting.id, "ignored", "its plan is empty")
    return Planned(event=waiting.id, time=waiting.time, seq=waiting.seq, connection=connection.name, plan=plan)
