"""docs/sandbox.md: what a fresh account holds, and how the relay joins it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from web.sandbox.seeds import FURNITURE
from worker.cli.local.samples import samples_of, signed
from worker.connectors import generic
from worker.sync.records import EPOCH

PAGE = (Path(__file__).parents[4] / "docs" / "sandbox.md").read_text("utf-8")
CONNECTORS = (Path(__file__).parents[4] / "docs" / "connectors.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        ("users", "email"),
        ("products", "articleNo"),
        ("currencies", "iso"),
        ("activitytypes/activity", "name"),
        ("activitytypes/appointment", "name"),
    ],
)
def test_what_a_fresh_account_holds_is_named(resource: str, field: str) -> None:
    assert [row[field] for row in FURNITURE[resource] if row[field] not in PAGE] == []


def test_stages_are_told_with_their_percentages() -> None:
    (row,) = re.findall(r"^\| order stages \| (.*) \|$", PAGE, re.MULTILINE)

    assert row == ", ".join(f"`{each['name']}` {each['probability']} %" for each in FURNITURE["orderstages"])


def test_examples_of_stages_are_stages_of_the_sandbox() -> None:
    known = {each["probability"] for each in FURNITURE["orderstages"]}
    used = {
        int(percent)
        for percent in re.findall(r"(\d+)%`|probability=(\d+)", CONNECTORS)
        for percent in percent
        if percent
    }

    assert used
    assert used <= known


def test_secret_that_joins_the_relay_can_sign() -> None:
    (secret,) = re.findall(r"RELAY_GENERIC_SECRET=(\S+)", PAGE)
    case = samples_of(generic.connector)["order_upsert"]

    request = signed(case, generic.connector, "http://127.0.0.1/webhooks/generic", secret, EPOCH)

    assert generic.connector.signature.verify(request, [secret], EPOCH) == 0
    assert json.loads(request.body)["data"]["stage"] in {each["name"] for each in FURNITURE["orderstages"]}


def test_key_that_joins_the_relay_is_one_of_the_sandbox() -> None:
    (key,) = re.findall(r"RELAY_GENERIC_API_KEY=(\S+)", PAGE)

    assert f"SANDBOX_KEYS='generic={key}'" in PAGE
