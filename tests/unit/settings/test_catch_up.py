"""How often a connection catches up: as its table says, else as its connector does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.lists import BOKNING, CHANGES, SOURCE
from worker.errors import ConfigError
from worker.sdk.source import Kind
from worker.settings.connections import configured

HOW = "relay.toml [connections.bokning] catch_up: "
NO_LIST = replace(
    BOKNING, source=replace(SOURCE, kinds={"x": Kind(schema=SOURCE.kinds["booking"].schema, get="/{id}")})
)
EVERYTHING = replace(
    BOKNING,
    source=replace(
        SOURCE,
        kinds={"x": Kind(schema=SOURCE.kinds["booking"].schema, changes=replace(CHANGES, path=None, everything="/x"))},
    ),
)


def period(connector: Any = BOKNING, **table: Any) -> float | None:
    found = configured({"bokning": table}, {"bokning": connector}, "relay.toml", {})
    if found.misconfigured:
        raise ConfigError(found.misconfigured["bokning"])
    return found.connections["bokning"].catch_up


@pytest.mark.parametrize(
    ("written", "seconds"), [("60s", 60), ("15m", 900), ("2h", 7200), ("1d", 86400), ("30d", 2592000)]
)
def test_a_time_with_its_unit(written: str, seconds: float) -> None:
    assert period(catch_up=written) == seconds


@pytest.mark.parametrize("off", [False, "off"])
@pytest.mark.parametrize("connector", [BOKNING, NO_LIST, replace(BOKNING, source=None)])
def test_it_can_be_switched_off(off: Any, connector: Any) -> None:
    assert period(connector, catch_up=off) is None


def test_what_the_table_leaves_open_the_connector_says() -> None:
    assert period() == 900
    assert period(replace(BOKNING, source=replace(SOURCE, catch_up=None))) is None
    assert period(replace(BOKNING, source=None)) is None
    assert period(NO_LIST) is None


@pytest.mark.parametrize("wrong", ["59s", "31d", "0m", "15", "15 m", "m", 15, True, 1.5, [], ""])
def test_anything_else_is_named(wrong: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        period(catch_up=wrong)
    assert str(caught.value).startswith(HOW)


@pytest.mark.parametrize("connector", [NO_LIST, EVERYTHING, replace(BOKNING, source=None)])
def test_a_connector_that_lists_nothing_can_catch_up_with_nothing(connector: Any) -> None:
    with pytest.raises(ConfigError, match="bokning can't list what has changed at its sender; leave the line out"):
        period(connector, catch_up="15m")
