"""Makes a person and readable lines of what was answered in a form or on a booking page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.sdk.mapping.company_names import company_name
from worker.sdk.mapping.contacts import email
from worker.sdk.mapping.people import Person
from worker.sdk.mapping.question_words import Asked
from worker.sdk.mapping.questions import asked
from worker.sdk.mapping.text import PHONE, person_name

LONGEST_NAME = 100
FEWEST_PHONE_DIGITS = 5
FEWEST_NUMBER_DIGITS = 6


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and "\n" not in text and "@" not in text and any(map(str.isalpha, text))


def _is_website(text: str) -> bool:
    return "." in text.strip(".") and "@" not in text and len(text.split()) == 1


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


FITTING: Mapping[Asked, Callable[[str], bool]] = {
    "email": lambda text: email(text) is not None,
    "phone": lambda text: len(text) <= PHONE and _digits(text) >= FEWEST_PHONE_DIGITS,
    "org_number": lambda text: "\n" not in text and _digits(text) >= FEWEST_NUMBER_DIGITS,
    "website": _is_website,
    "company": lambda text: company_name(text) is not None,
    "title": _is_name,
    "name": lambda text: _is_name(text) and company_name(text) is not None,
    "first_name": _is_name,
    "last_name": _is_name,
}


def fits(what: Asked, answer: str) -> bool:
    """Whether the answer can be what was asked for: `yes, gladly` is no phone number."""
    return FITTING[what](answer)


def guessed(question: str, answer: str) -> Asked | None:
    """What the answer tells of the person, as far as question and answer leave no doubt."""
    what = asked(question)
    return what if what and fits(what, answer) else None


def answer_line(question: str, answer: str) -> str:
    """`Budget: 50 000`; an answer of several lines stands below its question."""
    asking = question if question.endswith(("?", ":", "!", ".")) or not question else f"{question}:"
    return f"{asking}{chr(10) if chr(10) in answer else ' '}{answer}".strip()


def person_of(said: Mapping[str, str]) -> Person:
    """The person who said this, by the names of `Asked`. Words that stand for no company name none."""
    first, last, name = _names(said.get("first_name", ""), said.get("last_name", ""), said.get("name", ""))
    website = said.get("website", "")
    return Person(
        email=said.get("email"),
        first_name=first,
        last_name=last,
        name=name,
        phone=said.get("phone"),
        title=said.get("title"),
        company=company_name(said.get("company")),
        org_number=said.get("org_number"),
        website=website if _is_website(website) else None,
    )


def _names(first: str, last: str, name: str) -> tuple[str, str, str]:
    """A name beside a last name is the first name, and the other way round; unless it is the whole name already."""
    other = first or last
    if not name or (first and last) or not other:
        return first, last, name
    if f" {other} ".casefold() in f" {name} ".casefold():
        return "", "", name
    return (first, name, "") if first else (name, last, "")


def full_name(person: Person) -> str:
    """First and last name in one."""
    return " ".join(filter(None, person_name(person.first_name, person.last_name, person.name)))
