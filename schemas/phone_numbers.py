"""Tells whether two phone numbers are one, and how people write one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

GROUPS = {
    4: ((2, 2),),
    5: ((3, 2),),
    6: ((2, 2, 2), (3, 3)),
    7: ((3, 2, 2), (2, 2, 3), (3, 4)),
    8: ((3, 3, 2), (2, 2, 2, 2), (4, 4)),
}
"""Into which parts people take the digits behind an area code apart, by how many there are."""


def e164(text: str, region: str = "") -> str | None:
    """`+46701740605`; None for what is no number that can be called, or one with an extension."""
    number = _number(text, region)
    return None if number is None else _format(number, PhoneNumberFormat.E164)


def is_mobile(number: str) -> bool:
    """Whether it is one person's: a switchboard's is many people's. `number`: as E.164."""
    parsed = _number(number)
    return parsed is not None and phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE


def is_number(number: str, shown: str) -> bool:
    """Whether what somebody typed is this number. Without a country code it is of the number's own country."""
    parsed = _number(number)
    if parsed is None:
        return number.strip() == shown.strip()
    region = phonenumbers.region_code_for_number(parsed) or ""
    typed = shown.replace("(0)", "").strip()
    typed = f"+{typed[2:]}" if typed.startswith("00") else typed
    return e164(typed, region) == _format(parsed, PhoneNumberFormat.E164)


def spellings(number: str) -> tuple[str, ...]:
    """The ways in which people write a number: with and without country code, area code and groups set apart or not."""
    parsed = _number(number)
    return (number.strip(),) if parsed is None else tuple(dict.fromkeys(_written(parsed)))


def _written(parsed: PhoneNumber) -> Iterator[str]:
    code = str(parsed.country_code)
    bare = phonenumbers.national_significant_number(parsed)
    trunk = "0" if _digits(_format(parsed, PhoneNumberFormat.NATIONAL)) == f"0{bare}" else ""
    yield from (f"+{code}{bare}", f"{trunk}{bare}", f"00{code}{bare}", f"{code}{bare}")
    yield from (_format(parsed, form) for form in (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL))
    for area in _areas(parsed, bare):
        for rest in _grouped(bare[len(area) :]):
            yield from _joined(f"{trunk}{area}", rest, ("-", " ", "", "/"))
            yield from (
                f"+{code}{blank}{local}" for blank in (" ", "") for local in _joined(area, rest, ("-", " ", ""))
            )
            yield from (
                f"+{code}{zero}{local}"
                for zero in (" (0)", "(0)")
                if trunk
                for local in _joined(area, rest, ("-", " ", ""))
            )
            yield f"00{code} {' '.join(filter(None, (area, rest)))}"


def _areas(parsed: PhoneNumber, bare: str) -> Sequence[str]:
    """The area code, if there is one. In front of a mobile number people set three digits apart as well: `0701-74 06 05`."""
    length = phonenumbers.length_of_national_destination_code(parsed)
    if not length or length >= len(bare):
        return ("",)
    longer = [bare[: length + 1]] if phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE and length == 2 else []
    return (bare[:length], *longer)


def _grouped(digits: str) -> Iterator[str]:
    yield digits
    for lengths in GROUPS.get(len(digits), ()):
        starts = [sum(lengths[:place]) for place in range(len(lengths))]
        yield " ".join(digits[start : start + length] for start, length in zip(starts, lengths, strict=True))


def _joined(area: str, rest: str, joints: Sequence[str]) -> Iterator[str]:
    yield from (f"{area}{joint}{rest}" for joint in joints) if area else (rest,)


def _number(text: str, region: str = "") -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    return number if number.extension is None and phonenumbers.is_valid_number(number) else None


def _format(number: PhoneNumber, form: int) -> str:
    return str(phonenumbers.format_number(number, form))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
