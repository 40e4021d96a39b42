"""A local installation has neighbours where a connection reads its sender's API, and listeners where one is listened to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug.test import Client

from tests.fakes.ledger_sender import CONNECTOR
from worker.cli.local import demo_setup, neighbours
from worker.cli.local.processes import programs
from worker.connectors import generic
from worker.devkit.neighbour.serving import street
from worker.devkit.neighbour.tokens import made_up
from worker.errors import ConfigError
from worker.sdk.source import Basic, OAuth1Plaintext, OAuth2, Sign, bearer
from worker.settings import Connection, Settings
from worker.settings.neighbours import VARIABLE, beside

LEDGER = Connection(name="books", connector=CONNECTOR, settings=None)
POSTS = Connection(name="shop", connector=generic.connector, settings=None)
SETTINGS = Settings(connections={"books": LEDGER, "shop": POSTS})


def _names(*, with_sandbox: bool, port: int | None) -> list[str]:
    return [each.name for each in programs(SETTINGS, with_sandbox=with_sandbox, neighbours_port=port)]


def test_each_stream_has_its_listener_and_a_sandbox_its_neighbours() -> None:
    assert neighbours.has_any(SETTINGS)
    assert not neighbours.has_any(Settings(connections={"shop": POSTS}))
    assert _names(with_sandbox=False, port=None) == ["web", "worker", "beat", "flower", "console", "listen-books"]
    assert _names(with_sandbox=True, port=9)[:2] == ["sandbox", "neighbours"]
    assert "listen-books" not in _names(with_sandbox=True, port=9)


def test_only_who_reads_is_sent_next_door() -> None:
    assert beside({}, SETTINGS.connections) == SETTINGS.connections
    found = beside({VARIABLE: "http://127.0.0.1:9"}, SETTINGS.connections)
    assert found == {"books": replace(LEDGER, source_url="http://127.0.0.1:9/books"), "shop": POSTS}
    elsewhere = replace(LEDGER, source_url="http://127.0.0.1:7")
    assert beside({VARIABLE: "http://127.0.0.1:9"}, {"books": elsewhere}) == {"books": elsewhere}


def test_a_neighbour_is_on_this_machine() -> None:
    with pytest.raises(ConfigError, match="RELAY_NEIGHBOURS_URL is not on this machine"):
        beside({VARIABLE: "http://api.example"}, SETTINGS.connections)


def test_the_street_is_there() -> None:
    client = Client(street({}))
    assert client.get("/").text == "neighbours\n"
    assert client.get("/x").status_code == 404


@pytest.mark.parametrize(
    ("sign", "parts"),
    [
        (bearer(), 1),
        (Basic(), 2),
        (Basic(user="api"), 1),
        (OAuth1Plaintext(), 4),
        (OAuth2(token_url="https://x.example", grant="client_credentials"), 2),
    ],
)
def test_a_token_looks_as_it_is_signed_with(sign: Sign, parts: int) -> None:
    token = made_up(sign, lambda number: "x" * number)
    assert [bool(part) for part in token.split(":")] == [True] * parts


def test_a_token_is_made_up_only_for_who_reads() -> None:
    assert list(demo_setup.tokens("books", CONNECTOR)) == ["RELAY_BOOKS_TOKEN"]
    assert demo_setup.tokens("shop", generic.connector) == {}
