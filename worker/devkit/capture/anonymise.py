"""Finds what tells of a person in a captured request, and masks it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stdnum.se import personnummer

from worker.devkit.capture.capture import Capture
from worker.devkit.capture.fake_people import Kind, StandIns
from worker.devkit.scaffold.naming import words
from worker.devkit.scaffold.vocabulary import COMPANY, CUSTOMER, STAFF

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.:/-])\+\d[\d ()-]{6,16}\d(?![\w.:/-])")
SHORTEST = 3
"""Shorter originals are not looked for in running text: they would be found in other words."""

NAMED: Mapping[str, Kind] = {
    "first name": "first name", "firstname": "first name", "given name": "first name", "förnamn": "first name",
    "last name": "last name", "lastname": "last name", "surname": "last name", "family name": "last name",
    "efternamn": "last name", "full name": "name", "fullname": "name", "display name": "name", "customer name": "name",
    "contact name": "name", "user name": "name", "username": "name", "namn": "name", "company": "company",
    "company name": "company", "organization": "company", "organisation": "company", "företag": "company",
    "street": "street", "street address": "street", "address": "street", "address1": "street", "address2": "street",
    "line1": "street", "line2": "street", "address line 1": "street", "address line 2": "street", "gata": "street",
    "zip": "zipcode", "zipcode": "zipcode", "zip code": "zipcode", "postal code": "zipcode", "postcode": "zipcode",
    "postnummer": "zipcode", "city": "city", "town": "city", "ort": "city", "stad": "city", "ssn": "personal number",
    "personnummer": "personal number", "personal number": "personal number", "personal identity number": "personal number",
    "birthday": "birthday", "birthdate": "birthday", "birth date": "birthday", "date of birth": "birthday",
    "latitude": "coordinate", "longitude": "coordinate", "lat": "coordinate", "lng": "coordinate", "lon": "coordinate",
}  # fmt: skip

PHONE_WORDS = frozenset({"phone", "mobile", "telephone", "tel", "cell", "telefon", "mobil", "msisdn", "fax"})
PERSON_SIGNS = frozenset({"email", "mail", "epost", "phone", "telefon", "first name", "firstname", "last name"})


def masked(capture: Capture, people: StandIns) -> Capture:
    """The request with invented people. Names in running text are found if a field of a request names them."""
    body = _masked(capture.body, (), False, people)
    headers = {name: str(_value(value, words(name), False, people)) for name, value in capture.headers.items()}
    return replace(capture, headers=_in_text(headers, people), body=_in_text(body, people), title="", raw=None)


def masked_settings(settings: Mapping[str, Any], people: StandIns) -> dict[str, Any]:
    return {name: _in_text(_masked(value, (name,), False, people), people) for name, value in settings.items()}


def _masked(value: Any, path: tuple[str, ...], is_person: bool, people: StandIns) -> Any:  # noqa: FBT001 - says what the object is that it stands in
    if isinstance(value, Mapping):
        person = _tells_of_a_person(value, path)
        return {name: _masked(part, (*path, name), person, people) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, path, is_person, people) for part in value]
    own = words(path[-1]) if path else ()
    around = {word for step in path[-2:-1] for word in words(step)}
    if own == ("name",) and around & (COMPANY - CUSTOMER):
        return _given("company", value, people)
    return _value(value, own, is_person, people)


def _tells_of_a_person(fields: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    around = set(words(path[-1])) if path else set()
    return bool(around & (CUSTOMER | STAFF)) or any(" ".join(words(name)) in PERSON_SIGNS for name in fields)


def _value(value: Any, own: tuple[str, ...], is_person: bool, people: StandIns) -> Any:  # noqa: FBT001 - as above
    kind = _kind(value, own, is_person=is_person)
    return value if kind is None else _given(kind, value, people)


def _given(kind: Kind, value: Any, people: StandIns) -> Any:
    if value is None or isinstance(value, bool) or not str(value).strip():
        return value
    found = people.of(kind, str(value))
    return value if isinstance(value, str) and value == found else _as(value, found)


def _as(original: Any, found: str) -> Any:
    """Numbers stay numbers."""
    if isinstance(original, int | float):
        return type(original)("".join(char for char in found if char.isdecimal()) or "0")
    return found


def _kind(value: Any, own: tuple[str, ...], *, is_person: bool) -> Kind | None:
    name = " ".join(own)
    if isinstance(value, str) and EMAIL.fullmatch(value.strip()):
        return "email"
    if set(own) & PHONE_WORDS and sum(char.isdecimal() for char in str(value)) >= 5:
        return "phone"
    if isinstance(value, str) and _is_ip(value):
        return "ip"
    if isinstance(value, str) and len(value) >= 10 and personnummer.is_valid(value):
        return "personal number"
    if name == "name" and is_person:
        return "name"
    return NAMED.get(name)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return True


def _in_text(value: Any, people: StandIns) -> Any:
    """Replaces within longer texts what was replaced elsewhere, and what looks like an address or a number."""
    if isinstance(value, Mapping):
        return {name: _in_text(part, people) for name, part in value.items()}
    if isinstance(value, list):
        return [_in_text(part, people) for part in value]
    if not isinstance(value, str) or value in people.given.values():
        return value
    value = EMAIL.sub(lambda found: _unless_given(found[0], "email", people), value)
    value = PHONE.sub(lambda found: _unless_given(found[0], "phone", people), value)
    for (kind, original), given in list(people.given.items()):
        if kind in ("first name", "last name", "name", "company", "street") and len(original) >= SHORTEST:
            value = re.sub(rf"\b{re.escape(original)}\b", given, value, flags=re.IGNORECASE)
    return value


def _unless_given(text: str, kind: Kind, people: StandIns) -> str:
    return text if text in people.given.values() else people.of(kind, text)
