"""Decides by which natural keys a company is looked for, and which of several is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from schemas.phone_numbers import is_mobile, is_number
from worker.plan import Ambiguous, Match, Resource, folded, normalised, stands_in
from worker.sync.records import Found, Json

Rule: TypeAlias = Literal["link", "number", "contact", "phone", "domain", "name"]
RULES: tuple[Rule, ...] = get_args(Rule)
FIELDS: Mapping[str, Rule] = {
    "orgNo": "number",
    "contact": "contact",
    "contactPhone": "phone",
    "phone": "phone",
    "webpage": "domain",
    "name": "name",
    "legalName": "name",
}
"""The rule by which a natural key of a company finds it; a custom field is as good as a link."""
NUMBER = "orgNo"
LINK, MARKER = "link", "marker"
CONTACT = "contact"
CONTACT_PHONE, PHONE, CELL_PHONE = "contactPhone", "phone", "cellPhone"
PHONES = frozenset({CONTACT_PHONE, PHONE, CELL_PHONE})
LEGAL_NAME = "legalName"

# The account's steps of a company's journey, the furthest last.
JOURNEY = (
    "disqualified",
    "lead",
    "mql",
    "assigned",
    "sql",
    "lost_opportunity",
    "pipeline",
    "lost_customer",
    "customer",
)
PLANNED = ("hasActivity", "hasAppointment", "hasPhonecall")


def rule_of(match: Match) -> str:
    """The rule by which a natural key finds a record; the field's name for what is no company."""
    return FIELDS.get(match.field, match.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """How companies are found: the same for all connections of an account.

    `order`: the rules that are used, in their order; the link always comes first. `ambiguous`: what to do when several match; None
    leaves that to the connector. `fallbacks`: names of companies that take who has none: nobody's own.
    """

    order: tuple[Rule, ...] = RULES
    name: Literal["exact", "legal_form"] = "exact"
    ambiguous: Ambiguous | None = None
    fallbacks: frozenset[str] = frozenset()

    def in_order(self, matches: Iterable[Match]) -> tuple[Match, ...]:
        """The natural keys of a company by which it is looked for."""
        found = []
        for match in matches:
            if FIELDS.get(match.field, "link") in self.order:
                found.append(match)
            if match.field == "name" and "name" in self.order and self.name == "legal_form":
                found.append(Match(LEGAL_NAME, match.value, match.shared))
        return tuple(sorted(found, key=lambda match: self.order.index(FIELDS.get(match.field, "link"))))

    def is_fallback(self, name: Json) -> bool:
        return folded(str(name or "")) in self.fallbacks


def contradicts(match: Match, told: Iterable[Match], found: Mapping[str, Json]) -> bool:
    """Whether what is told besides a natural key shows that the company found by it is another one.

    Two different numbers are never one company. Names of different legal forms are not one where the hosts differ.
    """
    others = {other.field: other for other in told}
    number, page = others.get(NUMBER), others.get("webpage")
    if number is not None and match.field != NUMBER and differs(number, found.get(NUMBER)):
        return True
    same_name = normalised(Match("name", str(found.get("name") or ""))) == normalised(Match("name", match.value))
    loose = match.field == LEGAL_NAME and not same_name
    return loose and page is not None and differs(page, found.get("webpage"))


def is_somebody_else(match: Match, told: Iterable[Match], found: Mapping[str, Json]) -> bool:
    """Whether the contact who has a number is another person by their address. A mobile number is one person's all the same."""
    mails = [other for other in told if other.field == "email"]
    apart = bool(mails) and all(differs(mail, found.get("email")) for mail in mails)
    return apart and match.field == PHONE and not is_mobile(match.value)


def fields_of(resource: Resource, match: Match) -> tuple[str, ...]:
    """The fields of a record in which a natural key may stand."""
    if match.field == LEGAL_NAME:
        return ("name",)
    return (PHONE, CELL_PHONE) if (resource, match.field) == ("contact", PHONE) else (match.field,)


def as_upsales(candidates: Sequence[Found]) -> Found:
    """The company that Upsales's own forms take: the furthest on its journey, then with something planned, then the oldest.

    https://support.upsales.com/hc/en-us/articles/360012896198
    """
    return min(candidates, key=lambda found: (-_step(found), not any(map(found.data.get, PLANNED)), found.id))


def _step(found: Found) -> int:
    step = str(found.data.get("journeyStep") or "").lower()
    return JOURNEY.index(step) if step in JOURNEY else -1


def agrees(match: Match, shown: Json) -> bool:
    """Whether a field's value is the natural key's, however it is written."""
    if match.within:
        return stands_in(match, str(shown or ""))
    if match.field in PHONES:
        return is_number(match.value, str(shown or ""))
    return shown is not None and normalised(Match(match.field, str(shown))) == normalised(match)


def differs(match: Match, shown: Json) -> bool:
    """Whether a field holds another value than the natural key's. An empty field neither agrees nor differs."""
    return bool(str(shown or "").strip()) and not agrees(match, shown)
