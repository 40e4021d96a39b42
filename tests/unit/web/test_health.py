"""Health, readiness and the description of the door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis.exceptions import ConnectionError as RedisAway
from structlog.testing import capture_logs

from tests.unit.web.door import Clock, opened
from web import front_page, health, openapi
from worker.errors import ConfigError
from worker.store import StoreUnavailable


def raising(error: Exception) -> Callable[[], None]:
    def ask() -> None:
        raise error

    return ask


def fine() -> None:
    pass


def asked(check: Callable[[], None] = fine, ping: Callable[[], None] | None = fine) -> FlaskClient:
    app = Flask("health", static_folder=None)
    app.register_blueprint(health.blueprint(check, ping))
    app.register_blueprint(openapi.blueprint())
    app.register_blueprint(front_page.blueprint())
    return app.test_client()


@pytest.mark.parametrize(
    ("check", "ping", "status", "word", "says"),
    [
        (fine, fine, 200, "ready", "ok"),
        (fine, raising(RedisAway()), 200, "degraded", "not reachable"),
        (fine, None, 200, "degraded", "not configured"),
        (raising(StoreUnavailable("The database x is not available")), fine, 503, "not ready", "not available"),
        (raising(ConfigError("has no tables yet: run `relay release`.")), fine, 503, "not ready", "relay release"),
    ],
)
def test_ready_as_long_as_webhooks_can_be_stored(
    check: Callable[[], None], ping: Callable[[], None] | None, status: int, word: str, says: str
) -> None:
    answer = asked(check, ping).get("/readyz")

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["status"] == word
    assert says in answer.text


@pytest.mark.parametrize("error", [StoreUnavailable, ConfigError])
def test_a_stranger_learns_no_host(error: type[Exception]) -> None:
    with capture_logs() as lines:
        answer = asked(raising(error("db.internt.example:5432 does not answer"))).get("/readyz")

    assert "internt" not in answer.text
    assert "internt" in repr(lines)


def test_readiness_is_asked_for_once_a_second_however_many_want_it() -> None:
    clock, asked_for = Clock(0.0), list[float]()
    app = Flask("health", static_folder=None)
    app.register_blueprint(health.blueprint(lambda: asked_for.append(clock.now), None, now=clock))

    for clock.now in (0.0, 0.5, 0.9, 1.0, 1.5, 2.0):
        assert app.test_client().get("/readyz").status_code == 200

    assert asked_for == [0.0, 1.0, 2.0]


def test_who_asks_while_somebody_asks_does_not_wait() -> None:
    clock, answers = Clock(0.0), list[dict[str, str]]()
    remembered: health.Remembered

    def ask() -> dict[str, str]:
        if clock.now > 0:
            answers.append(remembered())
        return {"asked at": str(clock.now)}

    remembered = health.Remembered(ask, now=clock)
    remembered()
    clock.now = 5.0

    assert (remembered(), answers) == ({"asked at": "5.0"}, [{"asked at": "0.0"}])


def test_up_without_a_database() -> None:
    assert asked(raising(StoreUnavailable("away"))).get("/healthz").json == {"status": "up"}


def references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        yield from (each for name, each in value.items() if name == "$ref")
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_the_description_names_the_paths_there_are() -> None:
    document = json.loads(asked().get("/openapi.json").text)
    served = {str(rule) for client in (asked(), opened()) for rule in client.application.url_map.iter_rules()}

    described = {
        path.replace("{connection}", "<name>").replace("{token}", "<path:token>") for path in document["paths"]
    }

    assert described <= served
    assert served - described == {"/openapi.json"}
    assert {name.rpartition("/")[2] for name in references(document)} == set(document["components"]["schemas"])


def test_the_description_tells_of_dry_runs_and_of_faults() -> None:
    document = json.loads(asked().get("/openapi.json").text)

    for path in ("/webhooks/{connection}", "/webhooks/{connection}/{token}"):
        post, get = document["paths"][path]["post"], document["paths"][path]["get"]
        assert [(each["name"], each["in"]) for each in post["parameters"]] == [("dry-run", "query")]
        assert {"200", "2XX", "400", "401", "404", "422", "503"} <= set(post["responses"])
        assert {"200", "404", "405"} <= set(get["responses"])
    assert set(document["components"]["schemas"]["Fault"]["required"]) == {"pointer", "detail"}


def test_the_generic_connectors_schema_is_served() -> None:
    schema = asked().get("/schemas/generic.json").json

    assert schema is not None
    assert schema["$schema"].startswith("https://json-schema.org/")
