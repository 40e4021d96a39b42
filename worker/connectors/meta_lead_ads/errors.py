"""Tells what an error of the Graph API means.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.sdk.source import Answered, Verdict

ALIAS, PARAMETER, NOT_THERE = 803, 100, 33
"""Error 803, and error 100 with subcode 33: it does not exist, or the token may not see it. Meta says the same of both."""
NOT_ALLOWED = frozenset({3, 10, 102, 190, *range(200, 300)})
TOO_MANY = frozenset({4, 17, 32, 613, *range(80_000, 80_015)})
PASSING = frozenset({1, 2})
NEVER = "lead never existed"
REVOKED = "lead access manager"

NOT_OURS = "the token may not read the leads of this page: it must be a Page token of the page, with leads_retrieval"
NO_ACCESS = "the page's Lead Access Manager does not let this app read leads: add the app there (Business settings → Integrations → Leads access)"


def of_a_page(answered: Answered) -> Verdict | None:
    """A page that the token does not see is another page's token, and no page that never existed."""
    found = _error(answered)
    return Verdict("forbidden", NOT_OURS) if _is_not_there(found) else _meant(found)


def of_a_lead(answered: Answered) -> Verdict | None:
    """The page's forms could be read before. So it is no matter of the token: the lead was deleted, or somebody made its id up."""
    found = _error(answered)
    return Verdict("never", NEVER) if _is_not_there(found) else _meant(found)


def of_a_form(answered: Answered) -> Verdict | None:
    """What is only nice to know is left out where Meta does not tell it, whatever the reason."""
    found = _error(answered)
    verdict = _meant(found)
    if not found or (verdict is not None and verdict.what in ("throttled", "unavailable")):
        return verdict
    return Verdict("gone", "the form is not told")


def _error(answered: Answered) -> Mapping[str, Any]:
    found = answered.json.get("error") if isinstance(answered.json, dict) else None
    return found if isinstance(found, dict) else {}


def _is_not_there(error: Mapping[str, Any]) -> bool:
    return _code(error) == ALIAS or (_code(error) == PARAMETER and error.get("error_subcode") == NOT_THERE)


def _code(error: Mapping[str, Any]) -> int | None:
    told = error.get("code")
    return told if isinstance(told, int) else None


def _meant(error: Mapping[str, Any]) -> Verdict | None:
    code = _code(error)
    if REVOKED in str(error.get("message")).lower():
        return Verdict("forbidden", NO_ACCESS)
    if code in TOO_MANY:
        return Verdict("throttled", f"error {code}: too many calls")
    if code in NOT_ALLOWED:
        return Verdict("forbidden", f"error {code}: {NOT_OURS}")
    if code in PASSING or error.get("is_transient") is True:
        return Verdict("unavailable", f"error {code}")
    return None
