"""Scenes of people who fill in a form: of an advertisement of Google's, of a web site of Webflow's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.chaos.own import OwnTold, Said, at_company
from tests.chaos.proofs import webflow_signed
from tests.chaos.scaled import ADS, SITE
from tests.chaos.scenes.author import AT_ONCE, Author
from tests.chaos.scenes.scene import Scene, Tell
from tests.chaos.story import JSON, Sent, written
from tests.chaos.things import Thing

FIRST, LAST = "Zoë", "Åkerlund"


@dataclass(frozen=True, slots=True)
class LeadTold(OwnTold):
    """Its data: who it is."""

    @property
    def id(self) -> str:
        return f"lead:{self._lead}"

    @property
    def _lead(self) -> str:
        return f"Cj0KCQiA-{self.number}"

    @property
    def _form(self) -> int:
        return 40_000_000_000 + self.number

    def sent(self, secret: str) -> Sent:
        """https://developers.google.com/google-ads/webhook/docs/implementation."""
        answers = {
            "FIRST_NAME": FIRST,
            "LAST_NAME": LAST,
            "WORK_EMAIL": self.data["email"],
            "COMPANY_NAME": self.data["company"],
        }
        told = {
            "lead_id": self._lead,
            "user_column_data": [{"column_id": column, "string_value": text} for column, text in answers.items()],
            "api_version": "1.0",
            "form_id": self._form,
            "campaign_id": 20_000_000_034,
            "lead_submit_time": self.time,
            "google_key": secret,
        }
        return Sent(JSON, written(told))

    def says(self, account: int) -> Iterator[Said]:
        return _filled_in(self, account, f"Google Ads lead: form {self._form}")


@dataclass(frozen=True, slots=True)
class FormTold(OwnTold):
    """Its data: who it is."""

    @property
    def id(self) -> str:
        return f"submission:{self.number:024x}"

    @property
    def _form(self) -> str:
        return f"Boka möte {self.number}"

    def sent(self, secret: str) -> Sent:
        """https://developers.webflow.com/data/reference/webhooks/events/form-submission."""
        filled = {
            "id": f"{self.number:024x}",
            "name": self._form,
            "formId": f"65429eadebe8a9f3{self.number:08x}",
            "submittedAt": self.time,
            "data": {
                "First name": FIRST,
                "Last name": LAST,
                "Email": self.data["email"],
                "Company": self.data["company"],
            },
        }
        body = written({"triggerType": "form_submission", "payload": filled})
        return Sent({**webflow_signed(body, secret), **JSON}, body)

    def says(self, account: int) -> Iterator[Said]:
        return _filled_in(self, account, f"Form filled in: {self._form}")


def two_leads(author: Author) -> Scene:
    """One person, by two forms at once, and each lead is told twice: one contact, one company, two activities."""
    who = _somebody(next(author.numbers), "annons")
    told = [LeadTold(ADS, next(author.numbers), "lead", who) for _ in range(2)]
    return author.scene("two leads of one person", Tell(author.shuffled([*told, *told]), AT_ONCE))


def form_sent_twice(author: Author) -> Scene:
    number = next(author.numbers)
    told = FormTold(SITE, number, "form_submission", _somebody(number, "webb"))
    return author.scene("form sent twice", Tell([told, told], author.random.choice((0.0, AT_ONCE))))


def _somebody(key: int, word: str) -> dict[str, Any]:
    return {"email": f"zoe{key}@{word}{key}.example", "company": f"{word.capitalize()}ören {key} AB"}


def _filled_in(told: OwnTold, account: int, title: str) -> Iterator[Said]:
    email, company = told.data["email"], told.data["company"]
    yield from at_company(account, email, company, firstName=FIRST, lastName=LAST)
    yield Thing(account, "activities", title), {"client": company, "contacts": [email]}, told.order
