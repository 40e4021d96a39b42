"""What each connector handles, from its signed bytes to Upsales: answered as declared, read where it is read, written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select

from tests.connectors.catalogue import SUBJECTS, Filed, Subject
from tests.integration.conftest import Databases
from tests.integration.delivery.furnishing import Furniture
from tests.integration.delivery.room import Sandbox
from tests.integration.serving import served as serving
from tests.integration.serving import url_of
from web.app import create_app
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from worker.cli.local.demo_setup import DemoConnection, demo_connection_of, master_key, tokens
from worker.cli.local.samples import signed
from worker.devkit.neighbour import Neighbour, served
from worker.devkit.neighbour.recorded import OK, recorded
from worker.devkit.neighbour.serving import street
from worker.keys import Keys
from worker.runtime import Runtime
from worker.settings import Connection, Settings, Upsales
from worker.settings.variables import variables_of
from worker.store.db.tables import events, links
from worker.upsales.endpoints import UNSUBSCRIBE

ROUNDS = 5
"""So often a lane is run at most: what a record links to may be on its way."""
ENDED = {"delivered", "superseded", "ignored", "dead"}


def chosen(subject: Subject) -> Iterator[Filed]:
    """A case for each type that comes to a plan, and every sample. What is missing at the sender is waited for: such a case would not end."""
    seen: set[str] = set()
    for filed in subject.posted:
        if any(answer.status != OK for answer in filed.case.answers.values()):
            continue
        types = {event.type for _, event in filed.events if isinstance(filed.usual(event), tuple)}
        if not filed.unread and (filed.case.is_sample or types - seen):
            seen |= types
            yield filed


@dataclass(frozen=True, slots=True)
class Trial:
    """One case at a connection of its own, which speaks to an Upsales account of its own."""

    filed: Filed
    connection: DemoConnection

    @property
    def name(self) -> str:
        return self.connection.connection


class Fate(NamedTuple):
    connection: str
    subject: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Place:
    runtime: Runtime
    door: FlaskClient
    sandbox: Sandbox

    def post(self, trial: Trial) -> Sequence[str]:
        """Answers its events' ids."""
        connector, request = trial.filed.connector, trial.filed.case.request
        url = request.url.replace(f"/webhooks/{connector.name}", f"/webhooks/{trial.name}", 1)
        sent = signed(trial.filed.case, connector, url, trial.connection.secret, datetime.now(UTC))
        answer = self.door.open(sent.url, method=sent.method, data=sent.body, headers=list(sent.headers))
        assert answer.status_code in {200, connector.accepted_status}, answer.text
        ids: Sequence[str] = answer.get_json()["events"]
        return ids

    def run(self, events: Sequence[str]) -> Sequence[Fate]:
        for _ in range(ROUNDS):
            waiting = [each for each in self.fates(events) if each.status not in ENDED]
            if not waiting:
                break
            for each in waiting:
                self.runtime.delivery.run(each.connection, each.subject)
        return self.fates(events)

    def fates(self, ids: Sequence[str]) -> Sequence[Fate]:
        wanted = select(events.c.id, events.c.connection, events.c.subject, events.c.status, events.c.reason)
        with self.runtime.store.read() as conn:
            rows = conn.execute(wanted.where(events.c.id.in_(ids)))
            found = {row.id: Fate(*row[1:]) for row in rows}
        return [found[each] for each in ids]

    def made(self, trial: Trial) -> Counter[str]:
        """POSTs of records to Upsales, by path."""
        calls = self.sandbox.calls(key=trial.name, method="POST")
        return Counter(call["path"] for call in calls if not call["path"].endswith(UNSUBSCRIBE))

    def linked(self, trial: Trial) -> int:
        """Records that stand for something of this sender's."""
        with self.runtime.store.read() as conn:
            of_trial = select(links.c.resource, links.c.record_id).where(links.c.connection == trial.name).distinct()
            return len(conn.execute(of_trial).all())


@contextmanager
def place(trials: Sequence[Trial], database_url: str, redis_url: str) -> Iterator[Place]:
    keys = {each.connection.api_key: SandboxKey(each.name, each.connection.account) for each in trials}
    app = create_sandbox(SandboxOptions(keys=keys, search_lag=0.0, faults=True, log_bodies=True))
    with ExitStack() as stack:
        upsales = url_of(stack.enter_context(serving(app)))
        neighbours = {each.name: neighbour for each in trials if (neighbour := neighbour_of(each))}
        url = stack.enter_context(served(street(neighbours)))
        settings = Settings(
            database_url=database_url,
            redis_url=redis_url,
            upsales=Upsales(base_url=f"{upsales}/api/v2", search_lag=0.0, commit_horizon=0.0),
            connections={each.name: connection(each, f"{url}/{each.name}") for each in trials},
        )
        runtime = Runtime(settings, environment(trials))
        stack.callback(runtime.close)
        door = create_app(settings, Keys(environment(trials), runtime.store), runtime.store, lambda _: None)
        yield Place(runtime, door.test_client(), Sandbox(upsales, app.test_client()))


def neighbour_of(trial: Trial) -> Neighbour | None:
    source = trial.filed.connector.source
    if source is None:
        return None
    made = Neighbour(source)
    for each in recorded(trial.filed.connector, trial.filed):
        made.things.record(each.kind, each.id, each.answer)
    return made


def connection(trial: Trial, source_url: str) -> Connection:
    """Without the sender's limits: a test would wait for them."""
    connector = trial.filed.connector
    if connector.source:
        connector = replace(connector, source=replace(connector.source, limits=()))
    return Connection(
        name=trial.name,
        connector=connector,
        settings=trial.filed.settings,
        writes=connector.writes,
        source_url=source_url if connector.source else None,
    )


def environment(trials: Sequence[Trial]) -> Mapping[str, str]:
    known = dict(master_key(each.filed.connector for each in trials))
    for each in trials:
        known[variables_of(each.name, "API_KEY")[0]] = each.connection.api_key
        known[variables_of(each.name, "SECRET")[0]] = each.connection.secret
        known |= tokens(each.name, each.filed.connector) if each.filed.case.answers else {}
    return known


def trials_of(subject: Subject) -> Sequence[Trial]:
    return [
        Trial(filed, replace(demo_connection_of(f"c{number}", subject.connector, [filed.case]), account=number))
        for number, filed in enumerate(chosen(subject), 1)
    ]


def furnish(found: Place, trial: Trial) -> None:
    plans = [trial.filed.usual(event) for _, event in trial.filed.events]
    furniture = Furniture(found.runtime.store, found.sandbox, trial.name, trial.connection.account)
    furniture.for_plans([plan for plan in plans if isinstance(plan, tuple)])


def expected(filed: Filed) -> Sequence[set[str]]:
    """What may become of each event. What is only changed, and is not there, leaves nothing to write."""
    return [
        {"dead"}
        if {"rejected", "problem"} & outcome.keys()
        else {"ignored"}
        if "ignored" in outcome
        else {"delivered", "superseded", "ignored"}
        for outcome in filed.outcomes
    ]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda each: each.connector.name)
def test_what_is_told_is_written_once(
    subject: Subject, sqlite_databases: Databases, redis: Redis, valkey_url: str
) -> None:
    trials = trials_of(subject)
    wrong: list[tuple[object, ...]] = []
    with place(trials, sqlite_databases.migrated(), valkey_url) as found:
        for trial in trials:
            furnish(found, trial)
            ids = found.post(trial)
            fates = found.run(ids)
            once = found.made(trial)
            assert found.post(trial) == ids
            found.run(ids)
            if [fate for fate, may in zip(fates, expected(trial.filed), strict=True) if fate.status not in may]:
                wrong.append((str(trial.filed), [(fate.status, fate.reason) for fate in fates]))
            if found.made(trial) != once or found.linked(trial) < once.total():
                wrong.append((str(trial.filed), once, found.made(trial), found.linked(trial)))
    assert not wrong, "\n".join(map(str, wrong))
