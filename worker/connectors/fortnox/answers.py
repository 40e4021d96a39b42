"""Tells what an answer of Fortnox's API means: its errors have codes of their own."""

from __future__ import annotations

from worker.sdk.source import Answered, Verdict

NOT_FOUND, NO_SCOPE, WRONG_TOKEN = 2000423, 2000663, 2000311
"""Of `ErrorInformation.code`. There are hundreds; these change what is to be done."""
LACKING = "its scope or the customer's licence lacks them: add it, give the grant anew, and replay"


def code(answered: Answered) -> int | None:
    """Some answers write the names of its parts in small letters, others with a capital."""
    told = answered.json.get("ErrorInformation") if isinstance(answered.json, dict) else None
    found = (told.get("code") or told.get("Code")) if isinstance(told, dict) else None
    return int(found) if isinstance(found, int | str) and str(found).isdecimal() else None


def one(answered: Answered) -> Verdict | None:
    """What the token may not read concerns this kind alone: its events wait as dead letters, and all else goes on."""
    if code(answered) == NO_SCOPE or answered.status == 403:
        return Verdict("unlike", LACKING)
    return _plain(answered)


def beside(answered: Answered) -> Verdict | None:
    """Of a thing that is good to know: the event goes on without it."""
    if code(answered) == NO_SCOPE or answered.status == 403:
        return Verdict("never", "no_scope")
    return _plain(answered)


def _plain(answered: Answered) -> Verdict | None:
    match code(answered):
        case None:
            return None
        case found if found == NOT_FOUND:
            return Verdict("gone", "answered that it is not there")
        case found if found == WRONG_TOKEN:
            return Verdict("forbidden", "does not accept the token")
    return None
