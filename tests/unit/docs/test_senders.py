"""docs/connectors/README.md has a row for each connector, and what it says of reading is what the connector declares."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from worker.connectors import OURS
from worker.sdk.connector import Connector

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "connectors" / "README.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line.startswith("| [")]
NOTHING = "\N{EN DASH}"


def listed(names: list[str]) -> str:
    return ", ".join(sorted(names)) or NOTHING


def declared(connector: Connector) -> list[str]:
    kinds = connector.source.kinds if connector.source else {}
    changes = {name: kind.changes for name, kind in kinds.items() if kind.changes}
    return [
        str(connector.accepted_status),
        listed([name for name, kind in kinds.items() if kind.get]),
        listed([name for name, listing in changes.items() if listing.path]),
        listed(list(changes)),
    ]


def test_each_connector_has_its_row_in_alphabetical_order() -> None:
    names = sorted(connector.name for connector in OURS)
    assert [row[0] for row in ROWS] == [f"[{name}]({name}.md)" for name in names]


@pytest.mark.parametrize("connector", OURS, ids=lambda each: each.name)
def test_a_row_says_what_the_connector_declares(connector: Connector) -> None:
    (row,) = (row for row in ROWS if row[0].startswith(f"[{connector.name}]"))
    assert row[3:7] == declared(connector)


def test_a_row_names_no_version_that_is_still_to_come() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    numbers = [tuple(map(int, row[7].split("."))) for row in ROWS]
    assert max(numbers) <= tuple(map(int, version.split(".")))
