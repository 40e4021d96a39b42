"""HubSpot's thin webhooks come to whole records, as its API has them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.integration.delivery.played import played
from tests.integration.delivery.room import Room
from worker.connectors import hubspot
from worker.delivery.backfill.items import Item, Lister
from worker.sdk.route import plan_event

CASES = Path(hubspot.__file__).parent / "cases"


def case(name: str) -> Any:
    return json.loads((CASES / name / "request.json").read_text("utf-8"))


def test_a_batch_comes_to_the_records_that_hubspot_has(room: Room) -> None:
    document = case("read_batch")
    with played(room, hubspot.connector, document["settings"]) as crm:
        events = crm.take(document["body"])
        done = crm.run(events)

        assert {each.status for each in done} == {"delivered", "superseded"}
        # Seven events of three lanes need three things: each is read once.
        assert Counter(each.kind for each in crm.neighbour.asked) == {"contact": 1, "company": 1, "deal": 1}
        (company,) = crm.records("accounts")
        (contact,) = crm.records("contacts")
        (order,) = crm.records("orders")
        assert (company["name"], contact["name"]) == ("Kajplats Öst AB", "Maja Lundin")
        assert contact["client"]["id"] == order["client"]["id"] == company["id"]
        assert order["contact"]["id"] == contact["id"]


def test_a_backfill_finds_every_record_and_whose_account_it_is(room: Room) -> None:
    settings = {**case("read_batch")["settings"], "portal": "143553137"}
    with played(room, hubspot.connector, settings) as crm:
        page = crm.runtime.readers(crm.connection).page("company", None)
        found = [Lister(hubspot.connector, "company", page.read_at).item(each) for each in page.items]
        items = {each.subject: each for each in found if isinstance(each, Item)}
        kaj = items["company:143553137:3301"]
        assert len(items) == len(page.items)
        assert kaj.type == "company.creation"
        # The list tells all that a plan needs.
        read = dict.fromkeys(kaj.whole_for, kaj.body)
        plan = plan_event(hubspot.connector, crm.connection.settings, kaj.event(hubspot.connector, "hubspot", read))
        assert isinstance(plan, tuple)
        assert plan[0].while_ours["name"] == "Kajplats Öst AB"


def test_without_a_token_the_property_of_the_webhook_counts(room: Room) -> None:
    document = case("subscription_batch")
    with played(room, hubspot.connector, document["settings"], token=False) as crm:
        crm.run(crm.take(document["body"]))
        assert [each["name"] for each in crm.records("contacts")] == ["Björn Ångström"]
        assert crm.neighbour.asked == []
