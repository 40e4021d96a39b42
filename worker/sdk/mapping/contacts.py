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


def phone(text: str | None, region: str) -> str | None:
    """The number as E.164. A number without `+` is one of the region. Text that is no number stays as it is, if Upsales can hold it."""
    written = " ".join((text or "").split())
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return written if 0 < len(written) <= PHONE else None
    if number.extension is None and phonenumbers.is_valid_number(number):
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return written if len(written) <= PHONE else None


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


LINE = 100


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
