"""Tells leads that nobody wants, before anything is asked of Upsales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from worker.plan import Ignored
from worker.sdk.mapping.contacts import email
from worker.sdk.mapping.lead_answers import Answer, name
from worker.sdk.mapping.lead_settings import LeadSettings


def spam(answers: Sequence[Answer], said: Mapping[str, str], settings: LeadSettings) -> Ignored | None:
    """Ignored by the first rule that it breaks; the rule names the setting's word, never the sender's."""
    return next(map(Ignored, _broken(answers, said, settings)), None)


def _broken(answers: Sequence[Answer], said: Mapping[str, str], settings: LeadSettings) -> Iterator[str]:
    given = {called for each in answers if each.value for called in each.called}
    told = given | {what for what, value in said.items() if value}
    yield from (f"spam: {each} is filled in" for each in settings.honeypots if name(each) in given)
    yield from (f"spam: {each} is missing" for each in settings.required if name(each) not in told)
    written = said.get("email") or ""
    address = email(written) or written.strip().lower()
    yield from (f"spam: {each} is blocked" for each in settings.blocked_domains if _is_of(address, each.lower()))


def _is_of(address: str, blocked: str) -> bool:
    """The address itself, or one of the domain or a domain under it."""
    return address == blocked or f".{address.rpartition('@')[2]}".endswith(f".{blocked}")
