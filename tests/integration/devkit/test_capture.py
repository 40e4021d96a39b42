"""`relay capture`: what senders posted becomes case files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.integration.store.examples import arrival, event, take_in
from worker.cli import relay
from worker.cli.context import Installation
from worker.cli.local.samples import sample
from worker.connectors import typeform
from worker.devkit.capture.capture import Capture
from worker.devkit.capture.save import keep
from worker.devkit.capture.server import receiver
from worker.store import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONFIG = """
[connections.formulär-se]
connector = "typeform"
owner = "ingegerd@svardstrom.se"
"""
CONFIG = CONFIG.replace("formulär-se", "form-se")
HEADERS = (
    ("content-type", "application/json"),
    ("host", "relay.example"),
    ("x-forwarded-for", "81.2.69.142"),
    ("typeform-signature", "sha256=abc"),
    ("authorization", "Bearer fingerprint:0a1b2c3d4e5f"),
)


def submission(number: int) -> bytes:
    form = {"form_id": "f", "token": f"t{number}", "answers": [], "hidden": {"email": "ingegerd@svardstrom.se"}}
    return json.dumps({"event_type": "form_response", "form_response": form}).encode()


@pytest.fixture
def installation(store: Store, database_url: str, tmp_path: Path) -> Installation:
    config = tmp_path / "relay.toml"
    config.write_text(CONFIG, "utf-8")
    for number in (1, 2, 3):
        take_in(
            store,
            arrival(
                event(f"form_response:t{number}"),
                connection="form-se",
                received_at=NOON + timedelta(minutes=number),
                headers=HEADERS,
                body=submission(number),
            ),
        )
    found = Installation({"RELAY_CONFIG": str(config), "DATABASE_URL": database_url})
    found.store = store
    return found


def run(installation: Installation, *arguments: str) -> Result:
    return CliRunner().invoke(relay, ["capture", *arguments], obj=installation)


def test_newest_requests_of_a_connection_are_written(installation: Installation, tmp_path: Path) -> None:
    out = tmp_path / "captured"

    result = run(installation, "form-se", "--last", "2", "--out", str(out))

    assert result.exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["form_response.json", "form_response_2.json"]
    document = json.loads((out / "form_response.json").read_text("utf-8"))
    assert document["now"] == "2026-03-02T12:03:00+00:00"
    assert document["settings"] == {"owner": "ingegerd@svardstrom.se"}
    assert document["body"]["form_response"]["token"] == "t3"
    assert {name.lower() for name in document["headers"]} == {"content-type", "typeform-signature", "authorization"}
    assert document["headers"]["Authorization"] == "Bearer fingerprint:0a1b2c3d4e5f"


def test_what_is_written_is_a_case(installation: Installation, tmp_path: Path) -> None:
    run(installation, "form-se", "--out", str(tmp_path / "captured"))

    case = sample(typeform.connector, str(tmp_path / "captured" / "form_response.json"))

    assert case.request.header("typeform-signature") == "sha256=abc"


def test_people_are_masked(installation: Installation, tmp_path: Path) -> None:
    out = tmp_path / "captured"

    run(installation, "form-se", "--mask-personal", "--out", str(out))

    text = (out / "form_response.json").read_text("utf-8")
    assert "svardstrom" not in text
    assert text.count("person1@foretag1.example") == 2


def test_connection_without_requests_is_told(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(CONFIG.replace("form-se", "tom"), "utf-8")

    result = run(installation, "tom")

    assert result.exit_code == 2
    assert "nothing has come in for tom yet" in result.output


@pytest.mark.parametrize("arguments", [[], ["form-se", "--listen", "9000"]])
def test_either_a_connection_or_a_port_is_named(arguments: list[str], installation: Installation) -> None:
    result = run(installation, *arguments)

    assert result.exit_code == 2
    assert "name a connection" in result.output


def test_receiver_takes_whatever_is_posted_without_secrets() -> None:
    kept: list[Capture] = []
    client = receiver(kept.append, lambda: NOON).test_client()

    answers = [
        client.post("/", json={"å": 1}, headers={"Authorization": "Bearer hemligt", "X-Api-Key": "hemligt"}),
        client.post("/a/b", data={"namn": "Åsa", "tag": ["a", "ö"]}),
        client.put("/", json=[{"id": 1}]),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [each.body for each in kept] == [{"å": 1}, {"namn": "Åsa", "tag": ["a", "ö"]}, [{"id": 1}]]
    assert [each.is_form for each in kept] == [False, True, False]
    assert kept[0].headers["Authorization"] == "Bearer ***"
    assert kept[0].headers["X-Api-Key"] == "***"
    assert "Host" not in kept[0].headers
    assert kept[0].now == NOON


@pytest.mark.parametrize("body", [b"<xml/>", b"\xff", b"", b"[" * 100_000])
def test_receiver_refuses_what_no_connector_can_read(body: bytes) -> None:
    kept: list[Capture] = []
    client = receiver(kept.append, lambda: NOON).test_client()

    assert client.post("/", data=body, content_type="text/xml").status_code == 415
    assert kept == []


def test_receiver_answers_those_who_look_first() -> None:
    assert receiver(lambda _: None, lambda: NOON).test_client().get("/").status_code == 200


def test_files_are_called_after_their_type_and_never_written_over(tmp_path: Path) -> None:
    bodies = [{"type": "order/skapad"}, {"type": "order/skapad"}, {"x": 1}, [], 5, {"type": "../../etc"}]

    paths = [keep(Capture("x", {}, body, NOON), tmp_path) for body in bodies]

    assert [path.name for path in paths] == [
        "order_skapad.json",
        "order_skapad_2.json",
        "message.json",
        "captured.json",
        "captured_2.json",
        "etc.json",
    ]
    assert all(path.parent == tmp_path for path in paths)
