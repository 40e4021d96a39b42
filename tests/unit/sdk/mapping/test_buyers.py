"""A buyer is who ordered: the company that is named, their own name and phone, never the payer's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from worker.plan import Key, Match, Placed, Standing, Value
from worker.sdk.mapping.buyers import contact, home
from worker.sdk.mapping.told import Buyer, Told, buyer_of

ANNA = Told(first="Anna", last="Ek")
PAYER = Told(first="Sven", last="Sten", company="Sten Bygg AB", phone="070-174 06 05", country="SE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    owner: str = "asa.oberg@example.com"
    fallback_company: str = "Butikskunder"
    consumers: Literal["own", "fallback"] = "own"


def bought(*told: Told, mail: str | None = "anna@gmail.com", company_key: str | None = None) -> Buyer:
    return buyer_of("customer:7", mail, *told, phone_region="SE", company_key=company_key)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ((ANNA, PAYER), ("Anna", "Ek")),
        ((Told(), Told(first="Anna", last="Ek")), ("Anna", "Ek")),
        ((Told(first="Anna"), PAYER), ("Anna", "")),
        ((Told(first="Anna"), Told(first="Anna", last="Ek")), ("Anna", "Ek")),
        ((Told(first="-", last="."), ANNA), ("Anna", "Ek")),
        ((Told(last="Anna Ek"),), ("", "Anna Ek")),
        ((), ("", "")),
    ],
)
def test_name_is_of_one_person(told: tuple[Told, ...], name: tuple[str, str]) -> None:
    found = bought(*told)

    assert (found.first, found.last) == name


@pytest.mark.parametrize(
    ("told", "phone"),
    [
        ((ANNA, PAYER), None),
        ((ANNA, Told(first="ANNA", last="ék", phone="20 12 34 56", country="DK")), "+4520123456"),
        ((ANNA, Told(first="Anna Maria", last="Ek", phone="070-174 06 05")), "+46701740605"),
        ((ANNA, Told(phone="070-174 06 05")), "+46701740605"),
        ((ANNA, PAYER, Told(first="Anna", last="Ek", phone="070-174 06 06")), "+46701740606"),
        ((Told(first="Anna", last="Ek", phone="20 12 34 56"), Told(country="DK")), "+4520123456"),
        ((Told(first="Anna", last="Ek", phone="070-174 06 05", country="DK"),), "+46701740605"),
    ],
)
def test_phone_is_the_buyers_and_of_the_country_where_they_are(told: tuple[Told, ...], phone: str | None) -> None:
    assert bought(*told).phone == phone


def test_phone_of_the_address_that_names_the_company_is_the_companys() -> None:
    found = bought(ANNA, PAYER)

    assert (found.company, found.phone, found.company_phone) == ("Sten Bygg AB", None, "+46701740605")


@pytest.mark.parametrize(
    ("billing", "shipping", "company"),
    [
        ("Sten Bygg AB", "Lagret AB", "Sten Bygg AB"),
        (None, "Lagret AB", "Lagret AB"),
        ("Privat", "Lagret AB", "Lagret AB"),
        ("-", "privatperson", None),
    ],
)
def test_company_is_the_first_that_is_one(billing: str | None, shipping: str | None, company: str | None) -> None:
    assert bought(Told(company=billing), Told(company=shipping)).company == company


def test_own_name_in_the_company_box_names_no_company() -> None:
    told = Told(first="Anna", last="Ek", company="ANNA  EK")

    (own,) = home(bought(told), Shop(), buys=True).upserts

    assert own.match == (Match("contact", "anna@gmail.com", shared=True),)


def test_own_name_with_a_number_is_a_sole_traders_company() -> None:
    told = Told(first="Anna", last="Ek", company="Anna Ek")
    found = buyer_of("customer:7", "anna@gmail.com", told, phone_region="SE", org_number="8001012395")

    (firm,) = home(found, Shop(), buys=True).upserts

    assert firm.match == (Match("orgNo", "8001012395", shared=True), Match("name", "Anna Ek", shared=True))


def test_purchase_for_a_company_without_a_name_belongs_to_the_one_of_that_id() -> None:
    found = home(bought(ANNA, company_key="b2b:777"), Shop(), buys=True)

    known, own, stand_in = found.upserts
    assert (known.key, known.match, known.create) == (Key("account", "b2b:777"), (), False)
    assert (own.create, own.instead_of) == (False, known.key)
    assert stand_in.on_create["name"] == "Butikskunder"
    assert found.place == (
        Placed(known.key, Standing.TOLD),
        Placed(own.key, Standing.OWN),
        Placed(stand_in.key, Standing.FALLBACK),
    )


def test_purchase_for_a_company_of_nobody_known_stands_in_the_fallback_company() -> None:
    found = home(bought(mail=None, company_key="b2b:777"), Shop(), buys=True)

    known, stand_in = found.upserts
    assert stand_in.instead_of == known.key
    assert [choice.standing for choice in found.place] == [Standing.TOLD, Standing.FALLBACK]


def test_company_without_a_name_is_found_by_its_number() -> None:
    found = buyer_of("customer:7", "anna@gmail.com", ANNA, phone_region="SE", org_number="5999990111")

    (own,) = home(found, Shop(), buys=True).upserts

    assert own.match == (Match("orgNo", "5999990111", shared=True), Match("contact", "anna@gmail.com", shared=True))
    assert own.if_empty == {"orgNo": "5999990111"}


@pytest.mark.parametrize("number", ["8001012395", "198001012395", "19800101-2395"])
def test_number_of_a_person_is_written_nowhere(number: str) -> None:
    found = buyer_of("customer:7", "anna@gmail.com", ANNA, phone_region="SE", org_number=number)

    (own,) = home(found, Shop(), buys=True).upserts

    assert own.match == (Match("contact", "anna@gmail.com", shared=True),)
    assert own.if_empty == {}


def test_what_a_consumer_tells_fills_only_a_company_that_was_made_for_them() -> None:
    visit: Value = {"type": "Visit", "city": "Lund"}
    said = Told(first="Anna", last="Ek", phone="070-174 06 05")
    found = buyer_of("customer:7", "anna@gmail.com", said, phone_region="SE", addresses=(visit,))

    (own,) = home(found, Shop(), buys=True).upserts

    assert own.if_ours == {"addresses": (visit,), "phone": "+46701740605"}
    assert own.if_empty == {}


def test_nobody_without_id_is_a_contact() -> None:
    nobody = buyer_of(None, None, ANNA, phone_region="SE")

    assert contact(nobody, home(nobody, Shop(), buys=True), authoritative=False) is None
