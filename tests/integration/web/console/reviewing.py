"""The console of a worker's room: events that wait for a decision, and a person who looks at them and decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.room import Room
from tests.integration.web.console.beside_a_worker import console_of
from tests.integration.web.console.stage import OPERATOR, SAME_SITE, Stage, Visitor, form_token
from tests.integration.web.console.structure import faults
from worker.store.db.tables import audit
from worker.upsales.budget import Budget, Past

__all__ = ["room", "running_sandbox", "sandbox"]

ORG_NO = "5999990046"
WHY = "telefon med kunden"
NONE = "\N{EN DASH}"


@pytest.fixture
def stage(room: Room, tmp_path: Path) -> Iterator[Stage]:
    with console_of(room, tmp_path) as made:
        yield made


@pytest.fixture
def twins(room: Room) -> Sequence[int]:
    return [by_hand(room, letter) for letter in "AB"]


def by_hand(room: Room, letter: str, org_no: str = ORG_NO) -> int:
    row = {"name": f"Åkeri {letter} AB", "orgNo": org_no}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    return int(made["data"]["id"])


def contact(room: Room, number: str) -> str:
    client = {"id": "K-1", "name": "Åkeri A AB", "orgNo": ORG_NO}
    person = {"id": number, "email": f"{number}@example.com", "firstName": "Åsa", "client": client}
    return room.run(room.take("butik", {"id": number, "type": "contact.upsert", "data": person}).id).id


def lost(room: Room) -> str:
    """An event whose create got no answer, in review for it."""
    data = {
        "id": "M-1",
        "description": "Hälsade på",
        "client": {"id": "K-1", "name": "Å AB"},
        "user": "sales@example.com",
    }
    event = room.take("butik", {"id": "e", "type": "comment.create", "data": data}).id
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource="comments", count=1)
    room.run(event)
    room.come()
    assert room.run(event).status == "review"
    return event


def reads(room: Room) -> int:
    return len([call for call in room.sandbox.calls(resource="accounts") if call["method"] == "GET"])


def read(visitor: Visitor, event: str, about: str = "") -> TestResponse:
    """The page, once Upsales has been asked."""
    asked = visitor.get(f"/review/{event}?read=again{about and f'&about={about}'}")
    assert asked.status_code == 303
    return visitor.get(asked.headers["Location"])


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        sleep(0.05)


def text(answer: TestResponse) -> str:
    """What is read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, answer.text
    return unescape(found[1])


def confirmed(visitor: Visitor, event: str, decision: str, **more: str) -> dict[str, str]:
    """What the confirmation page would send."""
    query = "&".join(f"{name}={value}" for name, value in {"decision": decision, **more}.items())
    page = visitor.get(f"/review/{event}/decision?{query}")
    assert page.status_code == 200, text(page)
    assert faults(page.text) == []
    return {name: hidden(page, name) for name in ("decision", "record", "about", "tag")}


def send(visitor: Visitor, event: str, fields: Mapping[str, str], why: str = WHY) -> TestResponse:
    data = {"csrf": form_token(visitor.get("/review").text), "why": why, **fields}
    return visitor.client.post(f"/review/{event}/decision", data=data, headers=SAME_SITE)


def deeds(stage: Stage, act: str = "review-%") -> list[tuple[str, str, str, str | None, str | None]]:
    with stage.store.read() as conn:
        rows = conn.execute(select(audit).where(audit.c.act.like(act)).order_by(audit.c.seq))
        return [(row.who, row.act, row.about, row.why, row.outcome) for row in rows]


def tag(visitor: Visitor, event: str) -> str:
    return visitor.ask("GET", f"/reviews/{event}", OPERATOR).headers["ETag"]


def decide(visitor: Visitor, event: str, body: Mapping[str, Any], match: str | None = None) -> TestResponse:
    told = {"If-Match": match or tag(visitor, event)}
    return visitor.ask("POST", f"/reviews/{event}/decision", OPERATOR, {"why": WHY, **body}, **told)


def use_up(stage: Stage, connection: str = "butik") -> None:
    """More than half of a window of its key."""
    keys, upsales = stage.parts.keys, stage.settings.upsales
    key = keys.fingerprint(keys.api_key(connection))
    budget = Budget(stage.parts.redis, key, upsales, lambda *_: Past(()))
    for _ in range(upsales.calls[0].limit // 2 + 1):
        budget.take(write=False)
        budget.learn({})
