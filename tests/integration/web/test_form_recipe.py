"""The form of docs/recipes.md, as it stands there, hands what a visitor typed to a real receiver."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from runpy import run_path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import httpx
import pytest
from sqlalchemy import select

from tests.senders import KnownSecrets
from web.app import create_app
from worker.connectors import generic
from worker.settings import Connection, Settings
from worker.store import Store, open_store
from worker.store.db.migrate import migrate
from worker.store.db.tables import events, requests

PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text("utf-8")
(CODE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(HTML,) = re.findall(r"```html\n(.*?)```", PAGE, re.DOTALL)
SECRET = "whsec_aGVtbGlnaGV0IGhlbWxpZ2hldCBoZW1saWdoZXQ="
WEBSITE = Connection(
    name="website",
    connector=generic.connector,
    settings=generic.connector.settings(owner="sales@example.com"),
    body_limit=100_000,
    writes=generic.connector.writes,
)
FORM = {
    "name": "Åsa Öberg",
    "email": "Asa.Oberg@bat.example",
    "company": "Hallonbåten AB",
    "phone": "070-174 06 35",
    "message": "Hej!\r\nRing gärna",
    "homepage": "",
}


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""


@contextmanager
def served(server: Any) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(f"sqlite:///{tmp_path}/relay.db")
    migrate(made)
    return made


@pytest.fixture
def website(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the form is posted to."""
    settings = Settings(database_url="", connections={"website": WEBSITE})
    receiver = WSGIServer(("127.0.0.1", 0), Silent)
    receiver.set_app(create_app(settings, KnownSecrets({"website": (SECRET,)}), store, ring=lambda _: None))
    script = tmp_path / "form.py"
    script.write_text(CODE, "utf-8")
    form = run_path(str(script))
    with served(receiver) as relay, served(form["HTTPServer"](("127.0.0.1", 0), form["Form"])) as url:
        monkeypatch.setenv("RELAY_URL", f"{relay}/webhooks/website")
        monkeypatch.setenv("RELAY_WEBSITE_SECRET", SECRET)
        yield f"{url}/form"


def stored(store: Store) -> list[tuple[str, str]]:
    with store.read() as conn:
        return [(row.type, row.status) for row in conn.execute(select(events).order_by(events.c.position))]


def test_the_form_has_the_fields_that_the_code_reads() -> None:
    assert re.findall(r'name="(\w+)"', HTML) == list(FORM)


def test_a_visitor_is_thanked_once_it_is_on_disk_and_twice_is_once(website: str, store: Store) -> None:
    answers = [httpx.post(website, data=FORM).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert stored(store) == [("contact.upsert", "pending"), ("activity.create", "pending")]
    with store.read() as conn:
        body = conn.execute(select(requests.c.body)).scalar_one()
    told = httpx.post(
        f"{os.environ['RELAY_URL']}?dry-run=1", content=body, headers={"Authorization": f"Bearer {SECRET}"}
    ).json()["events"]
    assert [[call["resource"] for call in each["calls"] if call["verb"] == "create"] for each in told] == [
        ["account", "contact"],
        ["activity"],
    ]
    assert told[1]["calls"][-1]["body"]["notes"] == "Hej!\nRing gärna\n\nCompany: Hallonbåten AB"
    assert not [each["subject"] for each in told if "@" in each["subject"]], "a subject is shown in lists and logs"


def test_what_lacks_a_company_or_comes_from_a_robot_is_sent_nowhere(website: str, store: Store) -> None:
    assert httpx.post(website, data={**FORM, "company": ""}).status_code == 400
    assert httpx.post(website, data={**FORM, "homepage": "https://robot.example"}).status_code == 400
    assert stored(store) == []
