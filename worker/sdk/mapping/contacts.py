"""Writes e-mail addresses, phone numbers and organisation numbers in one spelling."""

from __future__ import annotations

import re
from typing import Literal

import phonenumbers
import pycountry
from email_validator import EmailNotValidError, validate_email
from stdnum.dk import cvr
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus
from stdnum.no import orgnr as no_orgnr
from stdnum.se import orgnr as se_orgnr

from worker.plan import Value
from worker.sdk.mapping.text import EMAIL, PHONE, clip
from worker.sdk.mapping.values import filled

ORG_NUMBER = 32
LONGEST_ADDRESS = 320
"""Of an e-mail address as it is written: 64 before the `@`, 255 behind it. What is longer is not looked into."""
LONG_FORM = re.compile(
    r"""
    16(\d{6}-?\d{4})               # a Swedish organisation number with the century digits that mark a legal person
    | SE[- ]?([\d-]+)[ ]?01            # VAT numbers
    | NO[- ]?([\d ]+?)(?:[ ]?MVA)?
    | FI[- ]?([\d-]+)
    | DK[- ]?([\d ]+)
    """,
    re.VERBOSE,
)
NORDIC = (se_orgnr, no_orgnr, ytunnus, cvr)


def email(text: str | None) -> str | None:
    """The address in lower case; None when it is none or longer than Upsales keeps."""
    written = (text or "").strip()
    if len(written) > LONGEST_ADDRESS:
        return None
    try:
        address = validate_email(written, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
    return address if len(address) <= EMAIL else None


def phone(text: str | None, *regions: str) -> str | None:
    """The number as E.164. Text that is no number stays as it is, if Upsales can hold it.

    `regions`: the countries of a number without `+`, the likeliest first. It is of the one where people write it so, else of the first.
    """
    written = " ".join((text or "").split())
    known = list(filter(None, regions)) or [""]
    read = [(where, number) for where in dict.fromkeys(known) if (number := _number(written, where))]
    found = next((number for _, number in read if _is_national(number, written)), None)
    found = found or next((number for where, number in read if where == known[0] or written.startswith("00")), None)
    if found is not None:
        return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
    return written if 0 < len(written) <= PHONE else None


def _number(written: str, where: str) -> phonenumbers.PhoneNumber | None:
    """A number that can be called. One with an extension can't be written as E.164."""
    try:
        number = phonenumbers.parse(written, where)
    except phonenumbers.NumberParseException:
        return None
    return number if number.extension is None and phonenumbers.is_valid_number(number) else None


def _is_national(number: phonenumbers.PhoneNumber, written: str) -> bool:
    """Whether it has the digits that people of its country write: `020` of a Swedish number that a Danish one lacks."""
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return _digits(national) == _digits(written)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def org_number(text: str | None) -> str | None:
    """A Swedish, Norwegian, Finnish or Danish number (or VAT number) as bare digits, any other one as it is written."""
    written = " ".join((text or "").split())
    if long := LONG_FORM.fullmatch(written.upper()):
        written = next(filter(None, long.groups()))
    for country in NORDIC:
        try:
            return str(country.validate(written))
        except ValidationError:
            continue
    return written if 0 < len(written) <= ORG_NUMBER else None


def is_personal(number: str | None) -> bool:
    """Whether a Swedish number is a person's: it begins with a day of birth, a company's has a third digit of 2 or more."""
    own = _digits(number or "")[-10:]
    return se_orgnr.is_valid(own) and own[2] < "2"


LINE = 100


OWN_NAMES = {
    "sverige": "SE",
    "danmark": "DK",
    "norge": "NO",
    "noreg": "NO",
    "suomi": "FI",
    "ruotsi": "SE",
    "norja": "NO",
    "tanska": "DK",
    "island": "IS",
    "åland": "AX",
    "tyskland": "DE",
    "deutschland": "DE",
    "storbritannien": "GB",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
}
"""What the library does not know: how the Nordic countries call themselves and their neighbours."""


def region(country: str | None) -> str:
    """The ISO 3166 code of a country, from its code or name; empty for what is none."""
    written = (country or "").strip()
    try:
        return OWN_NAMES.get(written.casefold()) or str(pycountry.countries.lookup(written).alpha_2)
    except LookupError:
        return ""


def country_name(code: str | None) -> str | None:
    """The English name of an ISO 3166 code; anything else stays as it is."""
    written = (code or "").strip()
    country = pycountry.countries.get(alpha_2=written.upper()) if len(written) == 2 else None
    if country is None:
        return written or None
    return str(getattr(country, "common_name", country.name))


def address(
    kind: Literal["Visit", "Mail", "Invoice", "Delivery", "Other"],
    *,
    street: str | None,
    zipcode: str | None,
    city: str | None,
    state: str | None = None,
    country: str | None = None,
) -> dict[str, Value] | None:
    """None when nothing of it is known."""
    parts = {"address": street, "zipcode": zipcode, "city": city, "state": state, "country": country_name(country)}
    known = filled({name: clip(part or "", LINE) for name, part in parts.items()})
    return {"type": kind, **known} if known else None
