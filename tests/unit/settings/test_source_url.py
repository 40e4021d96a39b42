"""A connection whose sender has an API: its address is checked at the start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from worker.sdk.connector import Connector
from worker.sdk.mapping import field
from worker.sdk.settings import setting
from worker.sdk.signatures import HmacSha256
from worker.sdk.source import Source, bearer
from worker.settings import Settings, load


@dataclass(frozen=True)
class ApiSettings:
    tenant: str | None = setting(None, doc="Whose API it is.")


def connector(name: str, source: Source | None) -> Connector:
    return Connector(
        name=name,
        title=name.title(),
        signature=HmacSha256(header="X-Signature"),
        event_id=field("id"),
        event_type=field("type"),
        handles={},
        writes={},
        settings=ApiSettings,
        source=source,
    )


API = Source(url="https://{tenant}.example.com/v1", sign=bearer(), kinds={})
CONNECTORS = (connector("shop", None), connector("api", API), connector("perhaps", replace(API, unread=True)))


def loaded(directory: Path, document: str) -> Settings:
    (directory / "relay.toml").write_text(document, "utf-8")
    return load({}, connectors=CONNECTORS, directory=directory)


def test_an_api_that_lacks_a_setting_in_its_address_stops_its_connection(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[connections.api]\n[connections.shop]")
    assert found.misconfigured == {
        "api": "relay.toml [connections.api]: its sender's API can't be read without the setting tenant, which is not set"
    }
    assert list(found.connections) == ["shop"]


def test_an_api_that_need_not_be_read_stops_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[connections.perhaps]").misconfigured == {}


def test_an_api_can_be_on_this_machine_for_trying(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[connections.api]\ntenant = 'acme'\nsource_url = 'http://127.0.0.1:8003/api/'")
    assert found.connections["api"].source_url == "http://127.0.0.1:8003/api"


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        (
            "[connections.api]\ntenant = 'acme'\nsource_url = 'https://api.example.com'",
            "source_url: 'https://api.example.com' is not on this machine",
        ),
        ("[connections.shop]\nsource_url = 'http://127.0.0.1:8003'", "source_url: shop reads no API of its sender"),
        ("[connections.api]\ntenant = 'a b'", "its setting tenant can't be part of an address"),
    ],
)
def test_an_api_is_wrong_anywhere_else(tmp_path: Path, table: str, wrong: str) -> None:
    (said,) = loaded(tmp_path, table).misconfigured.values()
    assert wrong in said
