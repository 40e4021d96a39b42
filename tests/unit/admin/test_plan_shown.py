"""A plan is shown field by field, and names nobody to who did not ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.catalogue import REQUESTS, Filed
from tests.unit.admin.test_masking import PEOPLE, RUNS, leaves
from worker.admin.masking import Masking, masked_body
from worker.admin.plan_shown import wanted, would_call
from worker.admin.planned_values import value_text
from worker.errors import Rejected
from worker.plan import (
    ActivityType,
    ClientOf,
    IfKnown,
    Key,
    Match,
    Placed,
    Product,
    Ref,
    Row,
    Stage,
    Standing,
    Sure,
    TicketStatus,
    Upsert,
    User,
)
from worker.sdk.connector import Event
from worker.sdk.route import plan_event
from worker.sync.dry_run import DryRunCall, Placeholder


def having_read() -> Masking:
    """A request that names nobody."""
    masking = Masking()
    masking.named.learn([])
    return masking


def texts(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list | tuple) else []


def told_of(filed: Filed, event: Event, masking: Masking) -> Sequence[str]:
    try:
        plan = plan_event(filed.connector, filed.settings, event)
    except Rejected as failure:
        return texts(masking.sentence(str(failure)))
    return (
        [text for upsert in plan for text in texts(astuple(wanted(upsert, masking)))] if isinstance(plan, tuple) else []
    )


@pytest.mark.parametrize("filed", [each for each in REQUESTS if each.connector.body == "json"], ids=str)
def test_no_plan_of_a_case_names_who_is_in_it(filed: Filed) -> None:
    document = json.loads(filed.case.request.body)
    called = [text for name, text in leaves(document) if PEOPLE.search(name) and isinstance(text, str)]
    known = {run.lower() for text in called for run in RUNS.findall(text.partition("@")[0])}
    masking = Masking()
    masked_body(filed.case.request.body, "json", masking)
    shown = [text for _, event in filed.events for text in told_of(filed, event, masking)]
    assert [text for text in shown if known & {run.lower() for run in RUNS.findall(text)}] == []


@pytest.mark.parametrize(
    ("name", "value", "masked", "plain"),
    [
        ("name", "Åsa Öberg", "Å•••• (9)", "Åsa Öberg"),
        ("currency", "SEK", "SEK", "SEK"),
        ("value", Decimal("12400.50"), "12400.50", "12400.50"),
        ("orgNo", 5566778842, "556•••••42", "5566778842"),
        ("date", date(2026, 11, 2), "2026-11-02", "2026-11-02"),
        ("birthDate", date(1985, 3, 12), "1•••-••-••", "1985-03-12"),
        ("regDate", datetime(2026, 11, 2, 12, tzinfo=UTC), "2026-11-02T12:00:00+00:00", "2026-11-02T12:00:00+00:00"),
        ("active", True, "yes", "yes"),
        ("notes", None, "nothing", "nothing"),
        ("client", Key("account", "K-17"), "account K-17", "account K-17"),
        ("client", IfKnown(Key("account", "email:asa@oberg.se")), "account …", "account email:asa@oberg.se"),
        ("client", Placed(Key("account", "K-17"), Standing.OWN), "account K-17", "account K-17"),
        ("client", ClientOf(Ref(7)), "the company of contact 7", "the company of contact 7"),
        ("user", User("asa@oberg.se"), "user •@o•••.se", "user asa@oberg.se"),
        ("user", Sure(Ref(7), Standing.OWN), "id 7 (own)", "id 7 (own)"),
        ("stage", Stage("Vunnen"), "stage Vunnen", "stage Vunnen"),
        ("stage", Stage(probability=50), "stage of 50 %", "stage of 50 %"),
        ("activityType", ActivityType("activity"), "activity type first", "activity type first"),
        ("status", TicketStatus("Löst"), "ticket status Löst", "ticket status Löst"),
        ("client", ClientOf(Ref(7), "order"), "the company of order 7", "the company of order 7"),
        (
            "orderRow",
            (
                Row("1", Product("A-1"), Decimal(2), Decimal(10)),
                Row("2", Product(None, name="Lampa"), Decimal(1), Decimal(5)),
            ),
            "2 of product A-1 at 10, 1 of product L•••• (5) at 5",
            "2 of product A-1 at 10, 1 of product Lampa at 5",
        ),
        ("custom.REF", {"email": "asa@oberg.se", "id": 7}, "email •@o•••.se, id 7", "email asa@oberg.se, id 7"),
        ("categories", (), "none", "none"),
    ],
)
def test_each_kind_of_value_has_its_text(name: str, value: Any, masked: str, plain: str) -> None:
    assert value_text(name, value, having_read()) == masked
    assert value_text(name, value, Masking(masks=False)) == plain


def test_a_record_has_its_matches_fields_and_links_apart() -> None:
    upsert = Upsert(
        key=Key("contact", "P-7"),
        match=(Match("email", "asa@oberg.se"),),
        set={"email": "asa@oberg.se", "client": Key("account", "K-17")},
        placed={"owner": (Placed(Key("account", "K-18"), Standing.OWN),)},
        create=False,
        left_out=("the note of asa@oberg.se fits no field",),
    )
    shown = wanted(upsert, having_read())
    assert [(each.by, each.value) for each in shown.match] == [("email", "•@o•••.se")]
    assert [(each.policy, each.name, each.value) for each in shown.fields] == [("set", "email", "•@o•••.se")]
    assert [(each.field, each.to) for each in shown.links] == [("client", "account K-17"), ("owner", "account K-18")]
    assert (shown.creates, shown.left_out) == (False, ["the note of •@o•••.se fits no field"])


def test_a_record_says_beside_which_others_it_is_made() -> None:
    contact, entry = Key("contact", "C-1"), Key("activity", "A-1")
    shown = wanted(Upsert(key=Key("phoneCall", "S-1"), made_with=(contact,), made_without=(entry,)), having_read())
    assert (shown.made_with, shown.made_without) == (["contact C-1"], ["activity A-1"])


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ("email = asa@oberg.se or name = Öberg or Söner", "email = •@o•••.se or name = Ö•••• (5) or S•••• (5)"),
        ("3310", "3310"),
        ("<new account>", "<new account>"),
        ("", ""),
    ],
)
def test_what_a_search_asks_for_is_masked(about: str, shown: str) -> None:
    body = {"name": "Åsa Öberg", "probability": 50, "user": {"id": Placeholder.of("user asa@oberg.se")}}
    call = would_call(DryRunCall("search", "account", about, body), having_read())
    assert call.about == shown
    assert call.body == {"name": "Å•••• (9)", "probability": 50, "user": {"id": "<user •@o•••.se>"}}
