"""A wrong setting is one line that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from marshmallow import validate

from worker.errors import ConfigError
from worker.sdk.connector import NoSettings
from worker.sdk.settings import describe, load_settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(doc="who owns it", validate=validate.Email())
    stage: str = setting("100%", doc="the stage")
    mode: Literal["own", "fallback"] = setting("own", doc="how")
    decimals: int = setting(2, doc="decimals", validate=validate.Range(0, 6))
    closed: bool = setting(False, doc="closed at once")
    product: str | None = setting(None, doc="an article number")
    tags: tuple[str, ...] = setting((), doc="tags")
    fields: Mapping[str, str] = setting({}, doc="fields", validate=validate.OneOf(["email", "name"]))


WHERE = "relay.toml [connections.shop]"


def test_defaults_fill_what_is_not_set() -> None:
    assert load_settings(Settings, {"owner": "åsa@example.com"}, WHERE) == Settings(owner="åsa@example.com")


def test_settings_are_loaded() -> None:
    table = {
        "owner": "a@example.com",
        "tags": ["å", "b"],
        "fields": {"Din mejl": "email"},
        "product": "A-1",
        "closed": True,
    }
    loaded = load_settings(Settings, table, WHERE)

    assert loaded.tags == ("å", "b")
    assert loaded.fields == {"Din mejl": "email"}
    assert loaded.closed is True


def test_nothing_to_set() -> None:
    assert load_settings(NoSettings, {}, WHERE) == NoSettings()
    with pytest.raises(ConfigError, match=r"\[connections.shop\] x: no such setting; there are: none"):
        load_settings(NoSettings, {"x": 1}, WHERE)


def test_defaults_are_not_shared() -> None:
    one, other = (load_settings(Settings, {"owner": "a@example.com"}, WHERE) for _ in range(2))
    assert one.fields is not other.fields


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({}, "owner: Missing data for required field (who owns it)"),
        ({"ownr": "a@example.com"}, "owner: Missing data for required field (who owns it)"),
        ({"owner": "a@example.com", "stge": "x"}, "stge: no such setting; did you mean stage?"),
        ({"owner": "a@example.com", "zzz": "x"}, "zzz: no such setting; there are: closed, decimals, "),
        ({"owner": "åsa"}, "owner: Not a valid email address"),
        ({"owner": None}, "owner: Field may not be null"),
        ({"owner": "a@example.com", "stage": ""}, "stage: Shorter than minimum length 1"),
        ({"owner": "a@example.com", "stage": 1}, "stage: Not a valid string"),
        ({"owner": "a@example.com", "mode": "other"}, "mode: Must be one of: own, fallback"),
        ({"owner": "a@example.com", "decimals": "2"}, "decimals: Not a valid integer"),
        (
            {"owner": "a@example.com", "decimals": 7},
            "decimals: Must be greater than or equal to 0 and less than or equal to 6",
        ),
        ({"owner": "a@example.com", "closed": "yes"}, "closed: Not a valid boolean"),
        ({"owner": "a@example.com", "closed": 2}, "closed: Not a valid boolean"),
        ({"owner": "a@example.com", "tags": "å"}, "tags: Not a valid list"),
        ({"owner": "a@example.com", "tags": ["å", 1]}, "tags.1: Not a valid string"),
        ({"owner": "a@example.com", "fields": {"x": "phone"}}, "fields.x: Must be one of: email, name"),
    ],
)
def test_wrong_setting_is_named_in_one_line(table: Mapping[str, Any], line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(Settings, table, WHERE)
    assert str(caught.value).startswith(f"{WHERE} {line}")
    assert "\n" not in str(caught.value)


def test_settings_are_described() -> None:
    described = {each.name: each for each in describe(Settings)}

    assert described["owner"].required
    assert described["stage"].default == "100%"
    assert described["fields"].default == {}
    assert described["fields"].doc == "fields"
