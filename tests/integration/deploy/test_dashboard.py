"""The dashboard and the alerts ask for series that there are, by labels that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ledger_sender import STREAM
from worker.connectors import all_connectors
from worker.instruments.measure import opened
from worker.settings import Connection, Settings
from worker.store import Store

ROOT = Path(__file__).parents[3]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "relay.json").read_text("utf-8"))
RULES = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8")
ASKED = re.compile(r"\b(relay_[a-z_]+)(?:\{([^}]*)\})?")
LATER = {
    "relay_connection_quiet_limit_seconds",
    "relay_connection_quiet_seconds",
    "relay_token_ends_timestamp_seconds",
}
"""Absent until something is known of a sender."""


def expressions() -> Iterator[str]:
    yield RULES
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (each["query"]["query"] for each in DASHBOARD["templating"]["list"] if isinstance(each["query"], dict))


@pytest.fixture
def series(store: Store, valkey_url: str) -> dict[str, set[str]]:
    """The labels of each series that is told of a connection to which nothing has happened yet."""
    generic = next(connector for connector in all_connectors() if connector.name == "generic")
    heard = replace(generic, stream=STREAM)  # a connection that is listened to, so that it has these series, too
    butik = Connection(name="butik", connector=heard, settings=None, writes={"account": frozenset({"create"})})
    settings = Settings(redis_url=valkey_url, connections={"butik": butik})
    environ = {"RELAY_BUTIK_API_KEY": "nyckel", "RELAY_BUTIK_SECRET": "hemlig"}
    found: dict[str, set[str]] = {}
    for family in opened(store, settings, environ).families():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_series_that_is_asked_for_is_there(series: dict[str, set[str]]) -> None:
    asked = {name for text in expressions() for name, _ in ASKED.findall(text)}
    assert len(asked) > 20
    assert asked - series.keys() == LATER


def test_every_label_that_is_asked_for_is_there(series: dict[str, set[str]]) -> None:
    wrong = [
        (name, label)
        for text in expressions()
        for name, labels in ASKED.findall(text)
        for label in re.findall(r"(\w+)\s*[=!]", labels)
        if label not in series.get(name, {"connection"})
    ]
    assert wrong == []


def test_no_two_panels_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place: dict[str, Any] = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
