"""A document that is signed becomes a won order or an agreement; one that never will be becomes a to-do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from worker.plan import IfKnown, Key, Match, Plan, Product, Row, Stage, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import Line, Person
from worker.sdk.mapping.signed import Document, Participant, Signing, signed, unsigned

SETTINGS = Signing(owner="asa.oberg@example.com", fallback_product="AVTAL")
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
EVENT = Event(id="e-1", type="signed", subject="document:77", time=NIGHT, payload={}, connection="avtal")
ANNA = Participant(
    person=Person(name="Anna Ek", email="anna@norrbygg.example", company="Norrbygg AB", org_number="599999-0053"),
    signed=NIGHT,
)
BO = Participant(person=Person(name="Bo Alm", email="bo@mail.example"))
CONTRACT = Document(
    id="77",
    title="Ramavtal  2026",
    participants=(ANNA, BO),
    lines=(Line("p1", "TIMME", Decimal(10), Decimal(950)),),
    currency="SEK",
)


def the(resource: str, plan: Plan) -> Upsert | None:
    return next((each for each in plan if each.key.resource == resource), None)


def one(resource: str, plan: Plan) -> Upsert:
    found = the(resource, plan)
    assert found is not None
    return found


def test_rows_make_an_order_that_is_won_on_the_day_of_the_signature_at_home() -> None:
    order = one("order", signed(EVENT, CONTRACT, SETTINGS))

    assert order.set == {
        "stage": Stage(probability=100),
        "date": date(2026, 3, 3),
        "orderRow": (Row("p1", Product("TIMME", "AVTAL"), Decimal(10), Decimal(950)),),
    }
    assert order.on_create["description"] == "Ramavtal 2026"


def test_company_is_that_of_the_first_who_names_one_and_everybody_is_there() -> None:
    plan = signed(EVENT, replace(CONTRACT, participants=(BO, ANNA)), SETTINGS)

    company, *_ = plan
    assert Match("orgNo", "5999990053", shared=True) in company.match
    places = {each.placed["client"][0].key for each in plan if "client" in each.placed}
    assert places == {company.key}
    assert [each.key.id for each in plan if each.key.resource == "contact"] == [
        "email:bo@mail.example",
        "email:anna@norrbygg.example",
    ]


def test_who_signs_for_another_company_is_at_that_one() -> None:
    third = Participant(person=Person(name="Eva Lund", email="eva@bank.example", company="Banken AB"))
    plan = signed(EVENT, replace(CONTRACT, participants=(ANNA, third)), SETTINGS)

    contacts = {each.key.id: each.placed["client"][0].key for each in plan if each.key.resource == "contact"}
    assert len(set(contacts.values())) == 2


def test_order_that_people_made_is_won_and_keeps_its_rows() -> None:
    order = one("order", signed(EVENT, replace(CONTRACT, order_id="4711"), SETTINGS))

    assert order.match == (Match("id", "4711", shared=True),)
    assert "orderRow" not in order.set
    assert "orderRow" in order.on_create


def test_order_that_is_named_is_won_without_rows_and_never_made_without_them() -> None:
    order = one("order", signed(EVENT, replace(CONTRACT, lines=(), order_id="4711"), SETTINGS))

    assert (order.create, order.placed) == (False, {})


def test_what_is_no_id_of_upsales_finds_no_order() -> None:
    order = one("order", signed(EVENT, replace(CONTRACT, order_id="PO-4711"), SETTINGS))

    assert order.match == ()


def test_document_without_rows_is_an_activity_alone() -> None:
    plan = signed(EVENT, replace(CONTRACT, lines=()), SETTINGS)

    assert the("order", plan) is None
    done = one("activity", plan)
    assert done.on_create["closeDate"] == date(2026, 3, 3)
    assert done.on_create["notes"] == (
        "Signed by Anna Ek, Norrbygg AB, anna@norrbygg.example, 2026-03-03\nWith Bo Alm, bo@mail.example"
    )


def test_value_is_one_row_of_the_fallback_product_and_so_is_nothing_if_set_so() -> None:
    worth = one("order", signed(EVENT, replace(CONTRACT, lines=(), value=Decimal(5000)), SETTINGS))
    free = one("order", signed(EVENT, replace(CONTRACT, lines=()), replace(SETTINGS, without_rows="order")))

    assert worth.set["orderRow"] == (Row("document", Product(None, "AVTAL"), Decimal(1), Decimal(5000)),)
    assert free.set["orderRow"] == (Row("document", Product(None, "AVTAL"), Decimal(1), Decimal(0)),)


def test_what_recurs_is_an_agreement_and_no_second_order() -> None:
    yearly = replace(SETTINGS, recurring={"ramavtal": 12})
    plan = signed(EVENT, replace(CONTRACT, starts=date(2026, 4, 1)), yearly)

    assert the("order", plan) is None
    agreement = one("agreement", plan)
    assert agreement.on_create["metadata"] == {
        "agreementDescription": "Ramavtal 2026",
        "agreementStartdate": date(2026, 4, 1),
        "agreementIntervalType": 1,
        "agreementIntervalPeriod": 12,
        "agreementOrderCreationTime": 0,
        "periodLength": 0,
    }


def test_title_must_have_the_words_of_what_recurs() -> None:
    monthly = replace(SETTINGS, recurring={"avtal": 1})

    assert the("agreement", signed(EVENT, CONTRACT, monthly)) is None
    assert the("agreement", signed(EVENT, replace(CONTRACT, labels=("Avtal",)), monthly)) is not None


def test_declined_document_is_a_to_do_of_its_sender_with_the_reason() -> None:
    refused = replace(ANNA, signed=None, declined=NIGHT, reason="För dyrt")
    document = replace(CONTRACT, participants=(refused,), author="erik@example.com")
    plan = unsigned(EVENT, document, SETTINGS, "declined")

    todo = one("activity", plan)
    assert todo.on_create["description"] == "Document declined: Ramavtal 2026"
    assert todo.on_create["users"] == (User("erik@example.com", "asa.oberg@example.com"),)
    assert "closeDate" not in todo.on_create
    assert todo.on_create["opportunity"] == IfKnown(Key("order", "document:77"))
    assert todo.on_create["notes"] == ("Declined by Anna Ek, Norrbygg AB, anna@norrbygg.example, 2026-03-03: För dyrt")
    assert the("order", plan) is None


def test_order_of_an_expired_document_is_lost_if_set_so() -> None:
    plan = unsigned(EVENT, replace(CONTRACT, order_id="4711"), replace(SETTINGS, unsigned="lost"), "expired")

    order = one("order", plan)
    assert (order.set, order.create) == ({"stage": Stage(probability=0)}, False)


def test_number_of_a_person_is_no_companys() -> None:
    private = Participant(person=Person(name="Eva Lund", email="eva@mail.example", org_number="811218-9876"))
    company, *_ = signed(EVENT, replace(CONTRACT, participants=(private,)), SETTINGS)

    assert all(match.field != "orgNo" for match in company.match)
