"""A listener speaks to the declared host alone, or to this machine for trying."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.fakes.ledger_sender import CONNECTOR, STREAM
from worker.errors import ConfigError
from worker.settings.values import Connection
from worker.sources.stream.dial import Address, address_of, dialled
from worker.sources.stream.failures import StreamEnded


@dataclass(frozen=True)
class Shop:
    shop: str = "a.example"


def _connection(url: str, *, trying: str | None = None, settings: Any = None) -> Connection:
    connector = replace(CONNECTOR, stream=replace(STREAM, url=url))
    return Connection(name="ledger", connector=connector, settings=settings or Shop(), source_url=trying)


def test_settings_go_into_the_address() -> None:
    assert address_of(_connection("wss://{shop}/v1?a=1")) == Address("wss://a.example/v1?a=1")


@pytest.mark.parametrize("url", ["ws://a.example/x", "https://a.example/x", "wss:///x", "wss://user@a.example/x"])
def test_anything_but_wss_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="must be wss://"):
        address_of(_connection(url))


def test_for_trying_it_is_on_this_machine() -> None:
    found = address_of(_connection("wss://a.example/v1", trying="http://127.0.0.1:9/ledger"))
    assert found == Address("ws://127.0.0.1:9/ledger/v1", trying=True)
    with pytest.raises(ConfigError, match="not on this machine"):
        address_of(_connection("wss://a.example/v1", trying="http://a.example"))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_a_private_address_is_not_connected_to(host: str) -> None:
    with (
        pytest.raises(StreamEnded, match="no address that may be read from"),
        dialled(Address(f"wss://{host}:9/x"), {}, STREAM),
    ):
        pass
