"""Knows the fields of lead forms that advertising platforms have names for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.sdk.mapping.lead_answers import Answer

FIELDS: Mapping[str, str] = {
    "full_name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "work_email": "email",
    "email": "email",
    "work_phone": "phone",
    "work_phone_number": "phone",
    "phone": "phone",
    "phone_number": "phone",
    "job_title": "title",
    "company_name": "company",
    "street_address": "street",
    "postal_code": "zipcode",
    "post_code": "zipcode",
    "zip_code": "zipcode",
    "zip": "zipcode",
    "city": "city",
    "country": "country",
    "linkedin_profile": "linkedin",
}
"""Google, Meta and LinkedIn write them in small letters or in capitals, and mean the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`field`: the platform's word for what is asked; of the advertiser's own questions it is none of `FIELDS`."""

    field: str
    question: str
    value: str
    names: frozenset[str] = frozenset()


def lead_answers(asked: Sequence[Asked]) -> Iterator[Answer]:
    """What was answered, in its order. A private address or number counts no more where the one at work is told, too."""
    at_work = {target for each in asked if each.value and (target := _at_work(each.field))}
    for each in asked:
        target = FIELDS.get(each.field.lower())
        private = target in at_work and not _at_work(each.field)
        if each.value:
            typed = None if private else target
            yield Answer(each.question, each.value, "other" if private else "short", each.names, typed)


def _at_work(field: str) -> str | None:
    return FIELDS.get(field.lower()) if field.lower().startswith("work_") else None


def words(key: str) -> str:
    """A key as people read it: `hur_många_bilar?` is `Hur många bilar?`."""
    plain = " ".join(key.replace("_", " ").split())
    return plain[:1].upper() + plain[1:].lower() if plain.isupper() else plain[:1].upper() + plain[1:]
