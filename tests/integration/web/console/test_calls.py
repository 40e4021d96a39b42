"""The calls to Upsales: each is found once, by what it has, and leads to its event and its record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.store.examples import one
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.store.db.clock import now
from worker.store.db.tables import calls, connections

ANNA = "anna.ost@exempel.se"


def call(n: int, **values: Any) -> dict[str, Any]:
    """Many of the same moment."""
    names = {"id": f"01KB{n:022}", "record_id": n % 10, "key": f"K-{n}", "event": None, "error": None, "changed": None}
    fixed = {"connection": "butik", "account": 41, "fingerprint": "beef", "method": "PUT", "resource": "account"}
    state = {"write": True, "state": "done", "status": 200, "duration": 41_000, "verify_at": None}
    return {**names, **fixed, **state, **values}


def made(stage: Stage, *rows: dict[str, Any]) -> None:
    with stage.store.write() as conn:
        at = now(conn)
        conn.execute(calls.insert(), [{**row, "started_at": at, "deadline_at": at} for row in rows])


def test_a_page_and_its_neighbours_have_every_call_once(stage: Stage, operator: Visitor) -> None:
    with stage.store.read() as conn:
        later = now(conn)
    made(stage, *(call(n, verify_at=later if n % 13 == 0 else None) for n in range(130)))
    path, seen = "/calls?limit=50", []
    while path:
        answer = operator.told(path, OPERATOR)
        seen += [row["id"] for row in answer["data"]]
        path = f"/calls?limit=50&before={answer['next']}" if answer["next"] else ""
    assert seen == sorted((f"01KB{n:022}" for n in range(130)), reverse=True)
    newer = operator.told(f"/calls?limit=50&after={answer['prev']}", OPERATOR)
    assert [row["id"] for row in newer["data"]] == seen[50:100]
    newest = operator.told(f"/calls?limit=50&after={newer['prev']}", OPERATOR)
    assert ([row["id"] for row in newest["data"]], newest["prev"]) == (seen[:50], None)


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("key=beef", 30),
        ("key=f00d", 1),
        ("connection=butik&connection=natt", 31),
        ("state=failed&status=400", 1),
        ("record=account/7", 3),
        ("record=7", 4),
        ("record=contact/7&since=1h", 1),
        ("event=01KC0000000000000000000007", 1),
        ("until=24h", 0),
    ],
)
def test_list_and_count_agree(stage: Stage, operator: Visitor, asked: str, number: int) -> None:
    other = {"connection": "natt", "fingerprint": "f00d", "resource": "contact", "record_id": 7}
    said = {"state": "failed", "status": 400, "event": "01KC0000000000000000000007", "account": None}
    made(stage, *(call(n) for n in range(30)), call(99, **other, **said))
    assert len(operator.told(f"/calls?{asked}", OPERATOR)["data"]) == number
    assert operator.told(f"/calls/count?{asked}", OPERATOR) == {"count": number, "exact": True}
    said_number = f"{number} call" if number == 1 else f"{number} calls"
    assert said_number in operator.get(f"/calls?{asked}").text


def test_a_call_leads_to_its_event_and_its_record_and_tells_of_nobody(
    stage: Stage, operator: Visitor, viewer: Visitor
) -> None:
    event = one(stage.store, "e1", f"contact:{ANNA}")
    with stage.store.write() as conn:
        conn.execute(connections.insert().values(name="butik", account=41))
    told = {"error": f"Anna Öst <{ANNA}> is known", "changed": {"notes": {"sent": "Ring Anna Öst", "stored": ""}}}
    made(stage, call(7, event=event, key=f"email:{ANNA}", state="failed", status=400, **told))
    for visitor in (operator, viewer):
        page = visitor.get("/calls").text
        assert faults(page) == []
        assert f'href="/events/{event}"' in page
        assert 'href="/records/41/account/7"' in page
        assert "stored otherwise: notes" in page
    both = page + operator.ask("GET", "/calls", VIEWER).text
    assert [each for each in ("anna.", "Anna", "Öst", "exempel.se") if each in both] == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("key=nyckel", "is no fingerprint of a key"),
        ("state=dead", "&#39;dead&#39; is no state"),
        ("record=company/7", "is no record; write account/4711"),
        ("record=account/", "is no record"),
        ("since=yesterday", "is no time"),
        ("sinc=24h", "did you mean since?"),
        ("status=abc", "is no HTTP status"),
        ("before=nonsense", "is no place in this list"),
        ("limit=0", "must be a number from 1 to 200"),
    ],
)
def test_what_is_not_understood_is_said(stage: Stage, operator: Visitor, asked: str, said: str) -> None:
    made(stage, call(7))
    page = operator.get(f"/calls?{asked}")
    assert (page.status_code, faults(page.text)) == (400, [])
    assert said in page.text
    assert "beef" not in page.text
    assert (
        operator.ask("GET", f"/calls?{asked}", OPERATOR).get_json()["errors"][0]["parameter"]
        == asked.split("=", maxsplit=1)[0]
    )


def test_what_a_form_sends_empty_is_taken_out_of_the_address(operator: Visitor) -> None:
    answer = operator.get("/calls?connection=&state=failed&record=")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calls?state=failed")
    assert operator.ask("GET", "/calls?state=", OPERATOR).status_code == 400


def test_the_page_is_well_made_when_there_is_nothing(operator: Visitor, viewer: Visitor) -> None:
    for visitor in (operator, viewer):
        page = visitor.get("/calls?state=failed").text
        assert faults(page) == []
        assert "No call that is still kept has these filters." in page
