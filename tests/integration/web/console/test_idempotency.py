"""What is sent twice is done once: by programs that repeat themselves, and by people who click twice."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from tests.integration.web.console.stage import ENVIRON, OPERATOR, SAME_SITE, Stage, Visitor
from worker.delivery.cleanup import tidy
from worker.settings import Delivery, load
from worker.store.db.clock import after
from worker.store.db.tables import audit, idempotent_answers
from worker.store.people import answers
from worker.store.privacy.erase import Erasing
from worker.store.privacy.person import Person
from worker.store.privacy.pseudonyms import made_pseudonyms
from worker.store.privacy.traces import Traces

RING = "/probe/klocka/ring"
KEY = {"Idempotency-Key": '"nyckel-1"'}
WHY = {"why": "en gång"}
URN = "urn:upsales-relay:problem:"


def rung(stage: Stage) -> int:
    with stage.store.read() as conn:
        return len(conn.execute(select(audit.c.seq).where(audit.c.act == "ring")).all())


def test_the_same_again_is_answered_as_the_first_time_and_not_done(stage: Stage, operator: Visitor) -> None:
    first, again = (operator.ask("POST", RING, OPERATOR, WHY, **KEY) for _ in range(2))
    assert (first.status_code, first.get_json()) == (200, {"name": "klocka", "rung": 1})
    assert (again.status_code, again.get_data()) == (200, first.get_data())
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert again.mimetype == first.mimetype
    assert rung(stage) == 1


def test_without_a_key_and_with_another_it_is_done_again(stage: Stage, operator: Visitor) -> None:
    for headers in ({}, {}, KEY, {"Idempotency-Key": "nyckel-2"}):
        assert operator.ask("POST", RING, OPERATOR, WHY, **headers).status_code == 200
    assert rung(stage) == 4


@pytest.mark.parametrize(("path", "body"), [(RING, {"why": "en annan gång"}), ("/probe/annan/ring", WHY)])
def test_one_key_for_two_things_is_refused(stage: Stage, operator: Visitor, path: str, body: dict[str, str]) -> None:
    operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    answer = operator.ask("POST", path, OPERATOR, body, **KEY)
    assert (answer.status_code, answer.get_json()["type"]) == (422, f"{URN}key-reused")
    assert rung(stage) == 1


def test_a_key_is_of_one_person(stage: Stage, operator: Visitor) -> None:
    environ = {**ENVIRON, "RELAY_ADMIN_TOKEN": f"per:{OPERATOR}", "DATABASE_URL": stage.settings.database_url}
    another = Stage(load(environ), environ)
    for each in (stage, another):
        assert each.visitor().ask("POST", RING, OPERATOR, WHY, **KEY).status_code == 200
    another.store.close()
    assert rung(stage) == 2


@pytest.mark.parametrize("key", ["", '"', "två", "a b", "x" * 256, '"a\\"b"'])
def test_a_key_that_is_none_is_refused(stage: Stage, operator: Visitor, key: str) -> None:
    answer = operator.ask("POST", RING, OPERATOR, WHY, **{"Idempotency-Key": key})
    assert (answer.status_code, answer.get_json()["type"]) == (400, f"{URN}invalid-key")
    assert rung(stage) == 0


def test_while_the_first_runs_the_second_is_told_so(stage: Stage, operator: Visitor) -> None:
    """Many at once: one does it, the others are told to wait, or what it told."""
    start, found = Barrier(4), []

    def send() -> None:
        visitor = stage.visitor()
        start.wait(10)
        found.append(visitor.ask("POST", RING, OPERATOR, WHY, **KEY))

    threads = [Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert {each.status_code for each in found} <= {200, 409}
    assert {each.get_json()["type"] for each in found if each.status_code == 409} <= {f"{URN}still-running"}
    assert rung(stage) == 1


def test_whoever_was_killed_in_the_middle_holds_the_key_for_two_minutes(stage: Stage, operator: Visitor) -> None:
    operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    with stage.store.write() as conn:
        conn.execute(update(idempotent_answers).values(status=None, body=None))
    held = operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    assert (held.status_code, held.get_json()["type"], held.headers["Retry-After"]) == (409, f"{URN}still-running", "1")
    with stage.store.write() as conn:
        conn.execute(update(idempotent_answers).values(at=after(-121)))
    assert operator.ask("POST", RING, OPERATOR, WHY, **KEY).get_json() == {"name": "klocka", "rung": 2}


@pytest.mark.parametrize(
    ("path", "body", "status"), [("/probe/x/refuse", WHY, 404), (RING, {"wy": "?"}, 422), ("/probe/x/fail", {}, 500)]
)
def test_what_was_refused_or_broke_may_be_tried_again(
    stage: Stage, operator: Visitor, path: str, body: dict[str, str], status: int
) -> None:
    assert operator.ask("POST", path, OPERATOR, body, **KEY).status_code == status
    assert operator.ask("POST", RING, OPERATOR, WHY, **KEY).status_code == 200
    assert rung(stage) == 1


def test_what_is_told_once_is_not_kept_and_not_done_twice(stage: Stage, operator: Visitor) -> None:
    assert operator.ask("POST", "/probe/x/secrets", OPERATOR, {}).get_json()["type"] == f"{URN}key-needed"
    first, again = (operator.ask("POST", "/probe/x/secrets", OPERATOR, {}, **KEY) for _ in range(2))
    assert (first.status_code, first.get_json()["secret"]) == (201, "hemligt-4711")
    assert (again.status_code, again.get_json()["type"]) == (409, f"{URN}answer-not-kept")
    assert rung(stage) == 1
    with stage.store.read() as conn:
        assert "hemligt" not in str(conn.execute(select(idempotent_answers)).all())


def test_a_double_click_does_a_thing_once_and_shows_the_same(stage: Stage, operator: Visitor) -> None:
    page = operator.get("/events").text
    fields = dict(re.findall(r'name="(csrf|once)" value="([^"]+)"', page))
    assert len(fields["once"]) >= 20
    first, again = (operator.client.post(RING, data={**fields, **WHY}, headers=SAME_SITE) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert re.search(r"\?done=\d+$", first.headers["Location"])
    assert rung(stage) == 1
    assert f'value="{fields["once"]}"' not in operator.get("/events").text, "each page has keys of its own"


def test_neither_key_nor_request_is_kept_and_after_a_day_nothing(stage: Stage, operator: Visitor) -> None:
    operator.ask("POST", RING, OPERATOR, {"why": "åäö-4711"}, **KEY)
    with stage.store.write() as conn:
        kept = str(conn.execute(select(idempotent_answers)).all())
        assert ("nyckel-1" in kept, "4711" in kept.replace("nyckel", "")) == (False, False)
        assert answers.purge(conn) == 0
        conn.execute(update(idempotent_answers).values(at=after(-timedelta(hours=24).total_seconds() - 1)))
    assert operator.ask("POST", RING, OPERATOR, WHY, **KEY).get_json()["rung"] == 2
    with stage.store.write() as conn:
        conn.execute(update(idempotent_answers).values(at=after(-timedelta(hours=24).total_seconds() - 1)))
        assert answers.purge(conn) == 1


def test_who_is_erased_is_in_no_answer(stage: Stage, operator: Visitor) -> None:
    operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    with stage.store.write() as conn:
        answers.empty(conn)
    again = operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    assert (again.status_code, again.get_json()["type"]) == (409, f"{URN}answer-not-kept")
    assert rung(stage) == 1


def test_upkeep_forgets_what_is_a_day_old(stage: Stage, operator: Visitor) -> None:
    operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    tidy(stage.store, Delivery())
    assert kept(stage) == 1
    with stage.store.write() as conn:
        conn.execute(update(idempotent_answers).values(at=after(-timedelta(hours=24).total_seconds() - 1)))
    tidy(stage.store, Delivery())
    assert kept(stage) == 0


def test_an_erasure_empties_all_answers(stage: Stage, operator: Visitor) -> None:
    operator.ask("POST", RING, OPERATOR, WHY, **KEY)
    with stage.store.write() as conn:
        known = made_pseudonyms(conn)
    nobody = Traces(Person(frozenset({"asa@example.com"})))
    Erasing(stage.store, nobody, known, "f-1", lambda _table, _rows: None).run()
    with stage.store.read() as conn:
        assert conn.execute(select(idempotent_answers.c.status, idempotent_answers.c.body)).all() == [(200, None)]


def kept(stage: Stage) -> int:
    with stage.store.read() as conn:
        return len(conn.execute(select(idempotent_answers.c.id)).all())
