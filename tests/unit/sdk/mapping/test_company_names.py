"""What names a company, and what people write who have none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sdk.mapping import company_name, has_legal_form


@pytest.mark.parametrize(
    "text",
    [
        None, "", "   ", "-", "--", "—", ".", "...", "?", "/", "0", "123", "x", "xxx", "XX",
        "privat", "Privat", "PRIVAT.", "(privat)", "Privatperson", "privat-person", "Jag är privatperson", "Är privatperson",
        "som privatperson", "I'm a private person", "Jeg er privatperson", "Yksityishenkilö",
        "ingen", "Ingen.", "inget", "Inget företag", "Har inget företag", "Nej", "nej!", "Ei ole", "Ei",
        "n/a", "N/A", "N.A.", "na", "n.a", "None", "NULL", "not applicable", "No company", "Ej aktuellt", "Ikke aktuelt",
        "Student", "Jag är student", "pensionär", "Egenföretagare", "self-employed", "Freelancer", "myself", "samma som ovan",
        "eva@acme.example", "AB", "Företag", "Enskild firma", "I don't know", "vet ej",
        "Vi är tre kompisar som ska starta ett café",
        "Vi vill byta CRM till nästa kvartal.",
        "We are looking for a new CRM for our sales team",
        "Jag har inte något företag än",
        "Vad menar ni?",
        "söker nytt system till våren för hela säljteamet",
        "Startar eget till hösten med en god vän från skolan.",
        "Acme AB\nStorgatan 1",
        "Nordisk " * 20,
    ],
)  # fmt: skip
def test_no_company(text: str | None) -> None:
    assert company_name(text) is None


@pytest.mark.parametrize(
    "name",
    [
        "Åkeri AB", "ÅKERI", "åkeri ab", "H&M", "3M", "7-Eleven", "BP", "IF", "Ö-vik Energi", "Yahoo!", "booking.com", "AT&T",
        "Privatbanken AB", "Privata Affärer", "Ingenjörsfirman Ek", "Ingen Mjölk AB", "None Such Records", "Student Consulting",
        "We Are Social", "I Love Sushi AB", "Vi Unga", "Acme Inc.", "Ek & Söner Bygg i Umeå AB.", "J. Ek Måleri",
        "Föreningen för personer med funktionsnedsättning i norra länet",
        "Brf Solen nr 4", "Jag Assistans", "sveriges radio", "NAN Elektro", "Egen Härd i Luleå", "Havnens Bogtryk A/S",
        "Vi är bäst på det vi kan AB", "Region Norrbotten", "Selfmade", "Naprapaten", "Bageriet på torget i Lund", "Hus på landet", "House of Cards to Go", "Xylem",
    ],
)  # fmt: skip
def test_company(name: str) -> None:
    assert company_name(name) == name


def test_name_is_on_one_line() -> None:
    assert company_name("  Åkeri \t&  Söner ") == "Åkeri & Söner"


@given(st.text())
def test_any_text_is_a_name_or_none(text: str) -> None:
    name = company_name(text)
    assert name is None or (name == " ".join(name.split()) and company_name(name) == name)


@pytest.mark.parametrize("name", ["Norrbygg AB", "Norrbygg Aktiebolag (publ)", "AB Norrbygg", "Havneværket ApS"])
def test_legal_form_says_that_a_name_is_a_companys(name: str) -> None:
    assert has_legal_form(name)


@pytest.mark.parametrize("name", ["Anna Ek", "Norrbygg", "AB", "Abbe Ek", "Ab-Salam Ek", "Maria Sa", ""])
def test_name_without_a_legal_form_says_nothing(name: str) -> None:
    assert not has_legal_form(name)
