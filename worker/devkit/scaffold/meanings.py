"""Guesses which fields tell of a person, a company and a thing, by name and value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.devkit.scaffold.guess import Guess
from worker.devkit.scaffold.payload_paths import Path, Place
from worker.devkit.scaffold.source import call, quoted
from worker.devkit.scaffold.vocabulary import COMPANY, CUSTOMER, STAFF
from worker.sdk.mapping import WEBPAGE, email, phone

SOMEBODY = frozenset({"email", "first_name", "last_name", "name"})
"""Meanings that a contact can be made of."""

OF_COMPANY = frozenset({"org_number", "website", "street", "zipcode", "city", "country"})
"""Meanings that are of no use where no company is named."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Something a field may tell, such as a person's phone number.

    `names`: what such a field is called, best first. `fits`: whether a value can mean it. `whose`: whom it describes.
    """

    what: str
    names: tuple[str, ...]
    fits: Callable[[Any], bool]
    whose: str = "person"


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200 and "\n" not in value


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and email(value) is not None


def _is_phone(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and phone(str(value), "SE") is not None


def _is_page(value: Any) -> bool:
    return isinstance(value, str) and "." in value and len(value) <= WEBPAGE and " " not in value


def _is_amount(value: Any) -> bool:
    if isinstance(value, str):
        return value.replace(".", "", 1).removeprefix("-").isdecimal()
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 3 and value.isalpha()


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


MEANINGS: tuple[Meaning, ...] = (
    Meaning("id", ("id", "uuid", "number", "customer id", "contact id", "user id", "person id"), _is_id),
    Meaning("email", ("email", "email address", "e mail", "mail", "epost", "customer email", "contact email", "user email"), _is_email),
    Meaning("first_name", ("first name", "firstname", "given name", "förnamn", "fornamn"), _is_short),
    Meaning("last_name", ("last name", "lastname", "surname", "family name", "efternamn"), _is_short),
    Meaning("name", ("name", "full name", "fullname", "display name", "customer name", "contact name", "namn"), _is_short),
    Meaning("phone", ("phone", "phone number", "telephone", "tel", "telefon", "customer phone"), _is_phone),
    Meaning("cell_phone", ("mobile", "mobile phone", "mobile number", "cell", "cell phone", "cellphone", "mobil", "mobilnummer"), _is_phone),
    Meaning("title", ("job title", "position", "title"), _is_short),
    Meaning("company", ("company", "company name", "organization", "organisation", "organization name", "organisation name", "business name", "org name", "employer", "företag", "foretag", "name"), _is_short, "company"),
    Meaning("org_number", ("org number", "org nr", "org no", "organization number", "organisation number", "registration number", "vat number", "vat id", "orgnr", "number"), _is_short, "company"),
    Meaning("website", ("website", "web site", "homepage", "webpage", "company url", "domain", "hemsida"), _is_page, "company"),
    Meaning("street", ("street", "street address", "address line 1", "address1", "line1", "address 1", "line 1", "gata"), _is_short, "place"),
    Meaning("zipcode", ("zip", "zipcode", "zip code", "postal code", "postcode", "postnummer"), lambda value: isinstance(value, str), "place"),
    Meaning("city", ("city", "town", "locality", "ort", "stad"), _is_short, "place"),
    Meaning("country", ("country", "country code", "land"), _is_short, "place"),
    Meaning("about", ("subject", "title", "summary", "headline", "description", "name", "place", "location", "zone", "product", "reason"), _is_short, "thing"),
    Meaning("amount", ("total amount", "amount total", "amount paid", "amount due", "total price", "total", "amount", "price", "sum", "fee", "fine", "cost", "value", "belopp"), _is_amount, "thing"),
    Meaning("currency", ("currency", "currency code", "valuta"), _is_currency, "thing"),
)  # fmt: skip


NUMBERS = frozenset(next(each.names for each in MEANINGS if each.what == "org_number")) - {"number"}


def meanings(found: Sequence[Place], taken: Iterable[Path]) -> Mapping[str, Guess]:
    """By meaning. `taken`: places that are known to be something else."""
    free = [place for place in found if place.path not in set(taken)]
    person = _person(free)
    company = _company(free, person)
    said: dict[str, Guess] = {}
    for meaning in MEANINGS:
        owners = {"person": person, "company": company, "place": None, "thing": None}[meaning.whose]
        candidates = [
            p
            for p in free
            if _may_say(meaning, p, person, company, owners) and p.path not in {g.path for g in said.values()}
        ]
        if candidates:
            best = min(candidates, key=lambda place: (_rank(meaning, place), len(place.path)))
            said[meaning.what] = _guess(meaning, best)
    if not SOMEBODY & said.keys():
        said.pop("id", None)
    if "company" not in said:
        said = {what: guess for what, guess in said.items() if what not in OF_COMPANY}
    return said


def _guess(meaning: Meaning, place: Place) -> Guess:
    code = call("at", "event.payload", quoted(place.dotted))
    return Guess(
        meaning.what, place.dotted, code, f"called {place.path[-1]}, as in {_short(place.values[0])}", place.path
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _rank(meaning: Meaning, place: Place) -> int:
    name = " ".join(place.own)
    return meaning.names.index(name) if name in meaning.names else len(meaning.names)


def _may_say(meaning: Meaning, place: Place, person: Path | None, company: Path | None, owner: Path | None) -> bool:
    name, parent = " ".join(place.own), place.path[:-1]
    if name not in meaning.names or not all(meaning.fits(value) for value in place.values) or place.around & STAFF:
        return False
    if meaning.whose == "person":
        return owner is not None and parent == owner
    if meaning.whose == "company":
        plain = name in ("name", "number")
        return parent == company if plain else parent in (company, person, ()) or bool(place.around & COMPANY)
    if meaning.whose == "place":
        return parent[: len(person or ())] == (person or ()) or bool(place.around & COMPANY)
    return meaning.what != "about" or parent not in (person, company)


def _person(found: Sequence[Place]) -> Path | None:
    """The object that says most of a person."""
    scores: dict[Path, int] = {}
    for place in found:
        name = " ".join(place.own)
        weights = {"email": 4, "first_name": 3, "last_name": 3, "name": 2, "phone": 1, "cell_phone": 1}
        for meaning in (each for each in MEANINGS if each.what in weights and name in each.names):
            if all(meaning.fits(value) for value in place.values):
                parent = place.path[:-1]
                scores[parent] = scores.get(parent, 0) + weights[meaning.what]
    ranked = {path: score + _bonus(path) for path, score in scores.items()}
    best = max(ranked, key=lambda path: (ranked[path], -len(path)), default=None)
    return best if best is not None and ranked[best] >= 4 else None


def _bonus(path: Path) -> int:
    around = Place((*path, "x"), (), 0).around
    last = Place((*path[-1:], "x"), (), 0).around
    return 3 * bool(around & CUSTOMER) - 9 * bool(around & STAFF) - 4 * bool(last & (COMPANY - CUSTOMER))


def _company(found: Sequence[Place], person: Path | None) -> Path | None:
    """The object that is called like a company, or has an organisation number, and has a name."""
    named = [place.path[:-1] for place in found if place.own == ("name",) and place.path[:-1] != person]
    numbered = {place.path[:-1] for place in found if " ".join(place.own) in NUMBERS}
    fitting = [path for path in named if path in numbered or Place((*path[-1:], "x"), (), 0).around & COMPANY]
    return min(fitting, key=len, default=None)
