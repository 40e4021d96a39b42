"""Addresses, numbers and companies in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.plan import Key, Standing, Sure, User
from worker.sdk.mapping import (
    address,
    company,
    company_domain,
    country_name,
    email,
    org_number,
    phone,
    region,
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Asa.Oberg@Example.COM", "asa.oberg@example.com"),
        ("  åsa@öberg.se ", "åsa@öberg.se"),
        ("åsa(at)öberg.se", None),
        ("a" * 200 + "@example.com", None),
        ("asa@" + "ö" * 60 + "." + "ä" * 60 + "." + "å" * 20 + ".se", None),
        ("", None),
        (None, None),
    ],
)
def test_email_is_lower_case_or_none(text: str | None, clean: str | None) -> None:
    assert email(text) == clean


@pytest.mark.parametrize(
    ("text", "region", "clean"),
    [
        ("070-174 06 05", "SE", "+46701740605"),
        ("0046 70 174 06 05", "SE", "+46701740605"),
        ("+358 40 123 4567", "SE", "+358401234567"),
        ("22 12 34 56", "NO", "+4722123456"),
        ("08-123 456 00 ankn. 12", "SE", "08-123 456 00 ankn. 12"),
        ("555-555-SHIP", "SE", "555-555-SHIP"),
        ("ring på kvällen", "SE", "ring på kvällen"),
        ("x" * 31, "SE", None),
        ("", "SE", None),
        (None, "SE", None),
    ],
)
def test_phone_is_e164_or_as_it_was_written(text: str | None, region: str, clean: str | None) -> None:
    assert phone(text, region) == clean


@pytest.mark.parametrize(
    ("text", "regions", "clean"),
    [
        ("20 12 34 56", ("DK", "SE"), "+4520123456"),
        ("20 12 34 56", ("SE", "DK"), "+4520123456"),
        ("070-174 06 05", ("DK", "SE"), "+46701740605"),
        ("70 174 06 05", ("SE", "DK"), "+46701740605"),
        ("20 12 34 5", ("DK", "SE"), "20 12 34 5"),
        ("0170 1234567", ("DE", "SE"), "+491701234567"),
        ("070-174 06 05", ("", "SE"), "+46701740605"),
        ("0046 70 174 06 05", ("US", "SE"), "+46701740605"),
        ("+358 40 123 4567", ("", ""), "+358401234567"),
        ("070-174 06 05", (), "070-174 06 05"),
    ],
)
def test_phone_is_of_the_first_country_where_it_is_written_so(text: str, regions: tuple[str, ...], clean: str) -> None:
    assert phone(text, *regions) == clean


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("dk", "DK"),
        (" Denmark ", "DK"),
        ("Danmark", "DK"),
        ("Sverige", "SE"),
        ("SWE", "SE"),
        ("UK", "GB"),
        ("Ruritania", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_region_is_the_code_of_a_country_however_it_is_written(country: str | None, code: str) -> None:
    assert region(country) == code


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("599999-0012", "5999990012"),
        ("16599999-0012", "5999990012"),
        ("SE599999001201", "5999990012"),
        ("se 599999-0012 01", "5999990012"),
        ("NO 599 999 019 MVA", "599999019"),
        ("599 999 019", "599999019"),
        ("9999990-9", "99999909"),
        ("FI99999909", "99999909"),
        ("DK 99999918", "99999918"),
        ("599999-0013", "599999-0013"),
        ("HRB 12345 B", "HRB 12345 B"),
        ("x" * 33, None),
        ("", None),
        (None, None),
    ],
)
def test_org_number_is_bare_digits_or_as_it_was_written(text: str | None, clean: str | None) -> None:
    assert org_number(text) == clean


@given(st.text())
def test_cleaners_take_any_text(text: str) -> None:
    for clean in (email(text), phone(text, "SE"), org_number(text), company_domain(text), country_name(text)):
        assert clean is None or clean


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    for clean in (email, org_number, lambda said: phone(said, "SE")):
        assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("SE", "Sweden"),
        ("se", "Sweden"),
        ("TW", "Taiwan"),
        ("Sverige", "Sverige"),
        ("XX", "XX"),
        (" ", None),
        (None, None),
    ],
)
def test_country_code_becomes_a_name(code: str | None, name: str | None) -> None:
    assert country_name(code) == name


def test_address_says_what_is_known_or_nothing() -> None:
    assert address("Mail", street="Box 1\n", zipcode=None, city="Umeå", country="SE") == {
        "type": "Mail",
        "address": "Box 1",
        "city": "Umeå",
        "country": "Sweden",
    }
    assert address("Mail", street=" ", zipcode="", city=None) is None


@pytest.mark.parametrize(
    ("mail", "domain"),
    [
        ("asa@akeri.se", "akeri.se"),
        ("asa@gmail.com", None),
        ("asa@Hotmail.SE", None),
        ("asa@telia.com", None),
        ("asa@live.se", None),
        ("asa@icloud.com", None),
        ("asa@comhem.se", None),
        ("asa@online.no", None),
        ("", None),
        (None, None),
    ],
)
def test_domain_of_private_mail_is_no_company(mail: str | None, domain: str | None) -> None:
    assert company_domain(mail) == domain


def test_company_is_known_by_all_that_is_told_of_it() -> None:
    by_number = company(
        "Åkeri AB", org_number="5999990007", website="https://www.akeri.example/om", owner="asa@example.com"
    )
    by_name = company("  ÅKERI  AB ", mail="kim@post.akeri.example")

    assert by_number.key == Key("account", "company:5999990007")
    assert [(match.field, match.value) for match in by_number.match] == [
        ("orgNo", "5999990007"),
        ("webpage", "akeri.example"),
        ("name", "Åkeri AB"),
    ]
    assert by_number.on_create == {"name": "Åkeri AB", "users": (User("asa@example.com"),)}
    assert by_number.if_empty == {"orgNo": "5999990007"}
    assert by_number.surest == {"webpage": Sure("https://www.akeri.example/om", Standing.TOLD, fills=True)}
    # A mail domain stands in until the company's website is told.
    assert by_name.surest == {"webpage": Sure("akeri.example", Standing.OWN, fills=True)}
    # All by which it was found: the same name with another domain may be another company.
    assert by_name.key == Key("account", "company:åkeri ab@akeri.example")
    assert (by_name.domain, by_number.domain) == ("akeri.example", None)


def test_companies_of_a_sender_that_keeps_companies_are_not_shared() -> None:
    assert not any(match.shared for match in company("Åkeri AB", id="client:7", distinct=True).match)


@pytest.mark.parametrize(
    "mail", ["kim@gmial.com", "kim@hotmil.com", "kim@outlok.com", "kim@gmail.con", "kim@hotmail.sse"]
)
def test_misspelt_mail_service_is_no_company(mail: str) -> None:
    assert company_domain(mail) is None
