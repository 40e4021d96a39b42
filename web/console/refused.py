"""Says in HTTP's words why something that a person asked for is not done."""

from __future__ import annotations

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
            return Problem(503, detail, retry_after=LATER)
        case Unfit(field=str(field)):
            return Problem(422, f"{field}: {detail}", errors=[{"pointer": f"#/{field}", "detail": detail}])
        case Unfit():
            return Problem(422, detail)
        case Conflict() | Refusal():
            return Problem(409, detail)
