"""The names in settings that Upsales has to know are all found, of every connector; and where an address comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worker.cli.doctor.names import aliases, references
from worker.cli.doctor.places import database, line_of, redis, upsales
from worker.connectors import all_connectors, hubspot, mailchimp, typeform
from worker.connectors import upsales as upsales_connector
from worker.plan import ActivityType, Product, User
from worker.sdk.connector import Connector

SETTINGS: dict[str, dict[str, Any]] = {
    "owner": {"owner": "a@example.com"},
    "product": {"product": "P-1"},
    "fallback_product": {"fallback_product": "P-1"},
    "stage_open": {"stage_open": "25%"},
}


def settings(connector: Connector, **changes: Any) -> Any:
    names = connector.settings.__dataclass_fields__
    required = {name: value for each in SETTINGS.values() for name, value in each.items() if name in names}
    return connector.settings(**required | changes)


@pytest.mark.parametrize(
    ("connector", "changes", "found"),
    [
        (hubspot.connector, {"fields": {"company.size": "SIZE"}}, ("fields company.size", "account", "SIZE")),
        (hubspot.connector, {"fields": {"deal.size": "SIZE"}}, ("fields deal.size", "order", "SIZE")),
        (hubspot.connector, {"fields": {"size": "SIZE"}}, ("fields size", None, "SIZE")),
        (upsales_connector.connector, {"custom_fields": {"client.11": "SIZE"}}, ("custom_fields client.11", "account", "SIZE")),
        (upsales_connector.connector, {"custom_fields": {"clinet.11": "SIZE"}}, ("custom_fields clinet.11", None, "SIZE")),
        (mailchimp.connector, {"opt_out": "custom.NO_MAIL"}, ("opt_out", "contact", "NO_MAIL")),
        (typeform.connector, {"fields": {"Hur stort?": "account.SIZE"}}, ("fields Hur stort?", "account", "SIZE")),
        (typeform.connector, {"fields": {"E.mail": "email", "x": "contact.X"}}, ("fields x", "contact", "X")),
    ],
)  # fmt: skip
def test_custom_fields_are_found_with_their_kind_of_record(
    connector: Connector, changes: dict[str, Any], found: tuple[str, str | None, str]
) -> None:
    assert list(aliases(settings(connector, **changes))) == [found]


def test_a_table_of_custom_fields_says_so() -> None:
    """By its name or its words it is one; then the doctor has to know."""
    for connector in all_connectors():
        for name, each in connector.settings.__dataclass_fields__.items():
            is_one = "custom field" in each.metadata["doc"]
            assert bool(each.metadata.get("custom_fields")) is is_one, f"{connector.name}: {name}"


def test_users_products_stages_and_types_are_found() -> None:
    found = dict(references(settings(upsales_connector.connector, activity_type="Samtal", stages={"a": "Vunnen"})))
    assert found["owner = a@example.com"] == User("a@example.com")
    assert found["fallback_product = P-1"] == Product("P-1")
    assert found["activity_type = Samtal"] == ActivityType("activity", "Samtal")
    assert {"stages = Vunnen", "lost_stage = 0%"} <= set(found)


TOML = "[upsales]\nsearch_lag = 1\n  base_url = 'https://x'\n[connections.a]\nbase_url = 1\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [(TOML, 3), ("[connections.a]\nbase_url = 1\n", None), ("", None), ("[ upsales ]\nbase_url='x'", 2)],
)
def test_the_line_of_a_setting_is_found(text: str, line: int | None) -> None:
    assert line_of(text, "upsales", "base_url") == line


@pytest.mark.parametrize(
    ("given", "environ", "text", "origin"),
    [
        ("https://x", {"UPSALES_BASE_URL": "https://x"}, TOML, "UPSALES_BASE_URL"),
        ("https://x", {}, TOML, "relay.toml line 3: [upsales] base_url"),
        ("https://x", {}, "", "the default; neither UPSALES_BASE_URL nor [upsales] base_url is set"),
        ("https://y", {}, TOML, "the `relay up` that runs here, process 12"),
    ],
)
def test_where_the_address_of_upsales_comes_from(given: str, environ: dict[str, str], text: str, origin: str) -> None:
    assert upsales("https://x", environ, Path("/srv/relay.toml"), text, 12, given).origin == origin


def test_where_the_other_addresses_come_from_and_no_password() -> None:
    url = "redis://:hemligt@redis.example:6380/0"
    assert str(redis(url, {"REDIS_URL": url}, None)) == "redis.example:6380 (REDIS_URL)"
    assert str(redis(url, {}, 12)) == "redis.example:6380 (the `relay up` that runs here, process 12)"
    assert database("db/relay", {"DATABASE_URL": "x"}, None).origin == "DATABASE_URL"
    assert database("/a/relay.db", {}, Path("/a/relay.toml")).origin == (
        "the default, var/relay.db beside /a/relay.toml; DATABASE_URL is not set"
    )
