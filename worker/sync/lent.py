"""Keeps a company from the mail domain of a person who belongs to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from worker.plan import Key, Match, Standing
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.matching import agrees
from worker.sync.people import CLIENT, place_of

WEBPAGE = "webpage"


def without_lent_domain(access: Access, change: Change, record_id: int | None, others: Iterable[Change]) -> Change:
    """The change without its mail domain, if a person whose address it is of stands at another company than `record_id`.

    Else everybody with an address of that domain would be taken for this company's from then on. `others`: the changes of the run.
    """
    if not change.domains or _has_web_page(access, record_id):
        return change
    without = change.without_domain()
    if record_id is None and without.maker is None:
        # It is named by that domain alone.
        return change
    mails = dict.fromkeys(mail for other in others for mail in _mails_at(other, change.key))
    return without if any(_lends(access, mail, record_id, change.domains) for mail in mails) else change


def _has_web_page(access: Access, record_id: int | None) -> bool:
    return record_id is not None and bool(_web_page(access, record_id))


def _web_page(access: Access, record_id: int) -> object:
    held = access.ledger.record("account", record_id).fields.get(WEBPAGE)
    return None if held is None else held.value


def _mails_at(change: Change, company: Key) -> Iterator[str]:
    """The addresses of the person whom the change tells to belong to the company."""
    told = {choice.key for step in change.steps for choice in step.upsert.placed.get(CLIENT, ())}
    if change.key.resource == "contact" and company in told:
        yield from (match.value for match in change.all_matches if match.field == "email")


def _lends(access: Access, mail: str, record_id: int | None, domains: Iterable[str]) -> bool:
    """Not if it is the domain of the other company itself: that one is meant then, and `create` finds that somebody just made it."""
    place = place_of(access, mail)
    if place is None or place.company is None or place.company == record_id or place.standing < Standing.TOLD:
        return False
    shown = _web_page(access, place.company)
    return not any(agrees(Match(WEBPAGE, domain), shown) for domain in domains)
