"""Compares what was sent with what Upsales shows, which may say the same otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from worker.plan import OPT_OUT
from worker.sync.records import Json

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PHONES = frozenset({"phone", "cellPhone", "fax", "phoneNumber"})
FEWEST_DIGITS = 6
"""Digits of a phone number from which on a country code in front of it counts for nothing."""
LONGEST_COUNTRY_CODE = 3


def kept(name: str, sent: Json, shown: Json) -> bool:
    """Whether the field shows what was sent. Since when somebody is opted out is for Upsales to say."""
    if name == OPT_OUT:
        return bool(sent) == bool(shown)
    if name in PHONES and isinstance(sent, str) and isinstance(shown, str):
        return sent == shown or _same_number(_digits(sent), _digits(shown))
    return same_thing(sent, shown)


def same_thing(sent: Json, shown: Json) -> bool:  # noqa: PLR0911 - one return a type
    """As `kept`, for a value of whatever field."""
    match sent:
        case None | "" | []:
            return not shown
        case bool():
            return str(shown).lower() in ({"true", "1"} if sent else {"false", "0", "none"})
        case int() | float():
            return _number(sent) == _number(shown)
        case str():
            return sent == shown or bool(_instants(sent) & _instants(shown))
        case list():
            return isinstance(shown, list) and len(sent) == len(shown) and _paired(sent, shown)
        case Mapping():
            return _same_part(sent, shown)
        case _:
            return False


def _same_part(sent: Mapping[str, Json], shown: Json) -> bool:
    """A reference may come back as a bare id."""
    if isinstance(shown, Mapping):
        return all(same_thing(value, shown.get(name)) for name, value in sent.items())
    return sent.keys() == {"id"} and shown is not None and same_thing(sent["id"], shown)


def _paired(sent: Sequence[Json], shown: Sequence[Json]) -> bool:
    """Every sent part has a counterpart of its own, in any order."""
    left = list(shown)
    for part in sent:
        found = next((index for index, other in enumerate(left) if same_thing(part, other)), None)
        if found is None:
            return False
        del left[found]
    return True


def _number(value: Json) -> Decimal | None:
    try:
        return Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None


def _instants(text: Json) -> set[datetime]:
    """The instants that a date can mean. A day is midnight in UTC or, for closing dates, in Stockholm; fractions are cut."""
    if not isinstance(text, str):
        return set()
    try:
        if len(text) == len("2026-01-31"):
            midnight = datetime.combine(date.fromisoformat(text), time())
        else:
            midnight = datetime.fromisoformat(text).replace(microsecond=0)
        zones = (midnight.tzinfo,) if midnight.tzinfo else (UTC, STOCKHOLM)
        return {midnight.replace(tzinfo=zone).astimezone(UTC) for zone in zones}
    except (ValueError, OverflowError):
        return set()


def _digits(number: str) -> str:
    """The digits without the zeros in front, which stand for the trunk prefix or for the plus sign."""
    return "".join(filter(str.isdigit, number)).lstrip("0")


def _same_number(one: str, other: str) -> bool:
    """Whether the numbers are equal, or one has a country code in front of the other."""
    short, long = sorted((one, other), key=len)
    if len(short) < FEWEST_DIGITS:
        return bool(short) and short == long
    return long.endswith(short) and len(long) - len(short) <= LONGEST_COUNTRY_CODE
