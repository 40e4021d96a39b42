"""GET / says what this is, and nothing that a stranger need not know."""

from __future__ import annotations

from importlib import metadata

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web import front_page


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("front", static_folder=None)
    app.register_blueprint(front_page.blueprint())
    return app.test_client()


@pytest.mark.parametrize("accept", [None, "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "text/plain"])
def test_a_person_gets_two_lines(client: FlaskClient, accept: str | None) -> None:
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.count("\n") == 2
    assert "upsales-relay" in answer.text
    assert "POST /webhooks/<connection>" in answer.text


def test_a_program_gets_json(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (200, "application/json", "Accept")
    assert answer.json is not None
    assert sorted(answer.json) == ["openapi", "readiness", "says", "service"]


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_no_version_is_told(client: FlaskClient, accept: str) -> None:
    assert metadata.version("upsales-relay") not in client.get("/", headers={"Accept": accept}).text


def test_nothing_is_posted_to_it(client: FlaskClient) -> None:
    assert client.post("/", data=b"x").status_code == 405
