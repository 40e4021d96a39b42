"""Says in HTTP's words why something that a person asked for is not done."""

from __future__ import annotations

from urllib.parse import urlencode

from web.console.kinds import refusal
from web.problems import Problem
from worker.admin.batches import MOST, OtherRequest
from worker.admin.refusals import NotNow, NotThere, Refusal, TooMany, Unfit

LATER = 5


def problem_of(error: Problem | Refusal) -> Problem:
    if isinstance(error, Problem):
        return error
    detail = str(error)
    match error:
        case NotThere():
            return Problem(404, detail)
        case NotNow():
            return refusal("upsales-unanswered", detail, retry_after=LATER)
        case Unfit():
            return _unfit(error, detail)
        case _:
            return refusal("not-in-this-state", detail)


def _unfit(error: Unfit, detail: str) -> Problem:
    match error:
        case OtherRequest():
            return refusal("key-reused", detail)
        case TooMany(narrower=narrower):
            parts = [{"detail": told, "filter": urlencode(of.pairs())} for told, of in narrower]
            return refusal("too-many", detail, errors=parts, limit=MOST)
        case Unfit(field=str(field)):
            told = [{"pointer": f"#/{field}", "detail": detail}]
            return refusal("invalid-body", f"{field}: {detail}", errors=told)
        case _:
            return refusal("invalid-body", detail)
