"""Maps the person who booked, and their company."""

from __future__ import annotations

from collections.abc import Sequence

from worker.connectors.calendly.meetings import Guest
from worker.connectors.calendly.settings import Settings
from worker.sdk.mapping import Person


def person(guest: Guest, answers: Sequence[tuple[str, str]], settings: Settings) -> Person:
    """What people say of themselves."""
    wanted = (settings.company_question or "").casefold()
    named = next((answer for question, answer in answers if wanted and question.casefold() == wanted), None)
    return Person(email=guest.email, first_name=guest.first, last_name=guest.last, phone=guest.phone, company=named)
