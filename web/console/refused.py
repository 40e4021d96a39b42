"""Says in HTTP's words why something that a person asked for is not done."""

from __future__ import annotations

from web.console.kinds import refusal
from web.problems import Problem
from worker.admin.refusals import Conflict, NotNow, NotThere, Refusal, Unfit

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
        case Unfit(field=str(field)):
            told = [{"pointer": f"#/{field}", "detail": detail}]
            return refusal("invalid-body", f"{field}: {detail}", errors=told)
        case Unfit():
            return refusal("invalid-body", detail)
        case Conflict() | Refusal():
            return refusal("not-in-this-state", detail)
