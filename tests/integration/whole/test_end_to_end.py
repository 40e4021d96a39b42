"""Five hundred webhooks of every kind of sender, through every process."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.chaos.expectation import expectation
from tests.chaos.judgement import Judgement, judge
from tests.chaos.scaled import ACCOUNTS
from tests.integration.cli.local.test_up import within
from tests.integration.whole.conftest import FLOWER, Whole
from tests.integration.whole.traffic import (
    NEVER_SENT,
    SHOP_ACCOUNT,
    Sending,
    expected_in_the_shops_account,
    seen_in_the_shops_account,
)
from worker.keys import Keys
from worker.sdk.read import parts
from worker.store import Store, open_store
from worker.store.db.tables import calls, events
from worker.upsales.endpoints import ENDPOINTS, UNSUBSCRIBE, method_of

SENDERS = 8
MOST_TRIES = 3
PATIENCE = 120.0
GOOD = {"delivered", "superseded", "ignored"}


@pytest.fixture(scope="module")
def store(whole: Whole) -> Iterator[Store]:
    opened = open_store(whole.stack.settings.database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def answers(whole: Whole, store: Store) -> Sequence[tuple[Sending, int]]:
    """Everything is sent, again where no answer came, as senders do; and has ended."""
    with httpx.Client(trust_env=False, timeout=20) as client, ThreadPoolExecutor(SENDERS) as pool:

        def send(sending: Sending) -> int:
            made = sending.request(whole.stack.web)
            for _ in range(MOST_TRIES - 1):
                with suppress(httpx.TransportError):
                    return client.post(made.url, content=made.body, headers=dict(made.headers)).status_code
            return client.post(made.url, content=made.body, headers=dict(made.headers)).status_code

        statuses = list(pool.map(send, whole.traffic.sendings))
    assert within(PATIENCE, lambda: not statuses_of(store)["pending"]), statuses_of(store)
    return list(zip(whole.traffic.sendings, statuses, strict=True))


def statuses_of(store: Store) -> Counter[str]:
    with store.read() as conn:
        rows = conn.execute(select(events.c.status, func.count()).group_by(events.c.status))
        return Counter({row[0]: row[1] for row in rows})


def test_each_is_accepted_once_and_what_is_not_genuine_never(
    whole: Whole, answers: Sequence[tuple[Sending, int]], store: Store
) -> None:
    genuine = Counter(status // 100 for sending, status in answers if sending.genuine)
    forged = [status for sending, status in answers if not sending.genuine]
    assert set(genuine) == {2}
    assert forged == [401] * 50
    assert whole.traffic.events >= 500
    assert genuine[2] > 1.05 * whole.traffic.events
    assert statuses_of(store).total() == whole.traffic.events + _more_events_in_a_batch(whole)


def _more_events_in_a_batch(whole: Whole) -> int:
    """Some samples hold several events."""
    return sum(
        len(tuple(parts(each.connector, case.request))) - 1
        for each in whole.traffic.demo_connections
        for case in each.cases
    )


def test_every_one_of_them_ends_well(answers: Sequence[tuple[Sending, int]], store: Store) -> None:
    with store.read() as conn:
        rows = conn.execute(select(events.c.connection, events.c.type, events.c.status, events.c.reason))
        assert [tuple(row) for row in rows if row.status not in GOOD] == []
    assert statuses_of(store)["delivered"] > 400


def test_upsales_holds_what_was_sent_once_and_as_it_was_last_said(
    whole: Whole, answers: Sequence[tuple[Sending, int]]
) -> None:
    state = whole.sandbox.state()
    ours = {account: state[account] for account in set(ACCOUNTS.values())}
    assert judge(expectation(whole.traffic.story.events), ours) == Judgement()
    assert seen_in_the_shops_account(state[SHOP_ACCOUNT]) == expected_in_the_shops_account()
    assert NEVER_SENT not in str(state)


def test_each_connection_used_its_own_key_and_no_other(
    whole: Whole, answers: Sequence[tuple[Sending, int]], store: Store
) -> None:
    keys = Keys({}, store)
    fingerprints = {each.connection: keys.fingerprint(each.api_key) for each in whole.traffic.demo_connections}
    with store.read() as conn:
        journal = conn.execute(select(calls)).all()
    assert {(row.connection, row.fingerprint) for row in journal} == set(fingerprints.items())
    theirs = [call for call in whole.sandbox.calls() if call["path"].startswith("/api/")]
    assert made_by(theirs) == {
        (row.connection, row.method, path_of(row.resource), row.record_id) for row in writes(journal)
    }
    assert Counter(call["key"] for call in theirs) == Counter(row.connection for row in journal)


def made_by(log: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    """What opts a contact out, and what uploads a file, has a path of its own."""
    called = [(call, re.sub(r"^/api/v2|/\d+$", "", call["path"])) for call in log if call["write"]]
    return {
        (call["key"], method_of(call["method"], path), OTHERWISE.get(path, path), call["id"]) for call, path in called
    }


def writes(journal: Sequence[Any]) -> list[Any]:
    return [row for row in journal if row.write]


def path_of(resource: Any) -> str:
    return ENDPOINTS[resource].path


OTHERWISE = {UNSUBSCRIBE: path_of("contact"), "/file/upload": path_of("file")}


def test_flower_asks_who_it_is(whole: Whole) -> None:
    paths = ("/", "/tasks", "/workers", "/broker", "/api/tasks", "/api/workers", "/metrics", "/healthcheck")
    codes = {path: httpx.get(f"{whole.stack.flower}{path}", trust_env=False).status_code for path in paths}
    assert codes == dict.fromkeys(paths, 401)


def test_flower_shows_whose_and_what_kind_and_nothing_more(
    whole: Whole, answers: Sequence[tuple[Sending, int]]
) -> None:
    with httpx.Client(base_url=whole.stack.flower, auth=FLOWER, trust_env=False, timeout=20) as client:
        tasks = client.get("/api/tasks", params={"limit": 5000}).json()
        (worker,) = client.get("/api/workers", params={"refresh": "true"}).json()
        paths = [
            "/tasks",
            "/broker",
            "/workers",
            f"/worker/{worker}",
            "/api/workers",
            "/api/tasks?limit=5000",
            "/metrics",
        ]
        paths += [f"/task/{next(iter(tasks))}", f"/api/task/info/{next(iter(tasks))}"]
        shown = {path: client.get(path) for path in paths}
        done = client.post(f"/api/task/revoke/{next(iter(tasks))}")
    assert {path: answer.status_code for path, answer in shown.items()} == dict.fromkeys(paths, 200)
    names = {task["name"] for task in tasks.values()}
    assert {"shop: order.upsert", "butik: orders/paid", "enkat: form_response"} <= names
    assert all(": " in name for name in names), "upkeep is not listed"
    assert {task["state"] for task in tasks.values()} <= {"SUCCESS", "RETRY"}, "every one of them ended well"
    assert all(task["result"] for task in tasks.values())
    secrets = [part for each in whole.traffic.demo_connections for part in (each.api_key, each.secret)]
    redis_password = (whole.stack.settings.redis_url or "").split(":")[2].partition("@")[0]
    for path, answer in shown.items():
        for secret in (*secrets, redis_password, FLOWER[1], "@mekaniska", "@konsult", "Åkeri", "Öberg"):
            assert secret not in answer.text, f"{secret} on {path}"
    assert done.status_code in {401, 403, 404, 405}


def test_no_log_holds_a_secret_or_what_was_sent(whole: Whole, answers: Sequence[tuple[Sending, int]]) -> None:
    secrets = [part for each in whole.traffic.demo_connections for part in (each.api_key, each.secret)]
    for log in whole.stack.supervisor.directory.glob("*.log"):
        text = log.read_text("utf-8")
        assert [secret for secret in (*secrets, "@mekaniska", "@konsult") if secret in text] == [], log.name
        assert "Traceback" not in text, log.name


@pytest.mark.parametrize("name", ["worker", "web", "beat"])
def test_a_process_that_dies_is_started_again(whole: Whole, name: str) -> None:
    """Beat too: whoever waits for a sweep would wait for ever."""
    before = spawned(whole, name)
    os.kill(before[-1], signal.SIGKILL)
    assert within(20, lambda: len(spawned(whole, name)) > len(before))


def test_after_it_all_an_event_goes_through(whole: Whole, answers: Sequence[tuple[Sending, int]], store: Store) -> None:
    before = statuses_of(store).total()
    sending = next(each for each in whole.traffic.sendings if each.demo_connection.connection == "enkat")
    document = sending.case.request.body.replace(b'"token": "svar-', b'"token": "sista-')
    last = replace(sending, case=replace(sending.case, request=replace(sending.case.request, body=document)))
    made = last.request(whole.stack.web)

    def accepted() -> bool:
        try:
            return (
                httpx.post(made.url, content=made.body, headers=dict(made.headers), trust_env=False).status_code < 300
            )
        except httpx.TransportError:
            return False

    assert within(20, accepted)
    assert within(30, lambda: statuses_of(store).total() == before + 1 and not statuses_of(store)["pending"])


def spawned(whole: Whole, name: str) -> list[int]:
    """Every process id the program has had."""
    text = (whole.stack.supervisor.directory / "supervisord.log").read_text("utf-8")
    return [int(pid) for pid in re.findall(rf"spawned: '{name}' with pid (\d+)", text)]
