"""Maps the person who booked, and their company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker.connectors.calendly.settings import Settings
from worker.sdk.mapping import Person, guessed, person_of


def person(
    invitee: Mapping[str, Any],
    answers: Sequence[tuple[str, str]],
    settings: Settings,
    location: Mapping[str, Any] | None = None,
) -> Person:
    """Who booked, as they say themselves. Name and e-mail address have boxes of their own; the page asks for the rest."""
    told: dict[str, str] = {}
    wanted = (settings.company_question or "").casefold()
    for question, answer in sorted(answers, key=lambda each: each[0].casefold() != wanted):
        what = "company" if wanted and question.casefold() == wanted else guessed(question, answer)
        if what:
            told.setdefault(what, answer)
    # Of a call that the host makes, the location is the number to call.
    called = location["location"] if location and location["type"] == "outbound_call" else None
    return replace(
        person_of(told),
        email=invitee["email"],
        first_name=invitee["first_name"],
        last_name=invitee["last_name"],
        name=invitee["name"],
        phone=invitee["text_reminder_number"] or called or told.get("phone"),
    )
