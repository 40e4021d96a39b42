"""Names the kinds of problems that programs can tell apart.

https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1: a URN, for it names and leads nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from web.problems import Problem

URN: Final = "urn:upsales-relay:problem:"
KINDS: Final[Mapping[str, tuple[int, str]]] = {
    "no-json": (400, "The body is no JSON object"),
    "invalid-parameter": (400, "A parameter is not understood"),
    "invalid-key": (400, "The Idempotency-Key is not understood"),
    "key-needed": (400, "An Idempotency-Key is needed"),
    "not-signed-in": (401, "Nobody is signed in"),
    "operators-only": (403, "Operators only"),
    "another-site": (403, "The form is not ours"),
    "not-asked-for": (403, "Personal data is shown to who asked for it"),
    "another-name": (421, "This name is not the console's"),
    "answer-not-kept": (409, "It was done, and the answer is gone"),
    "not-in-this-state": (409, "It is not in a state for this"),
    "preview-expired": (409, "The preview is too old"),
    "still-running": (409, "The first one still runs"),
    "changed-meanwhile": (412, "Somebody was faster"),
    "invalid-body": (422, "The body is not understood"),
    "key-reused": (422, "The Idempotency-Key was used for something else"),
    "too-many": (422, "Too many events"),
    "seen-needed": (428, "It is not said what was seen"),
    "too-often": (429, "Too often"),
    "too-busy": (429, "As much as may be is being done"),
    "timeout": (503, "The database did not answer in time"),
    "unavailable": (503, "The database does not answer"),
    "upsales-unanswered": (503, "Upsales did not answer"),
}
"""Status and title of each. A problem whose status says it all has none: `about:blank`."""


def refusal(
    kind: str,
    detail: str,
    *,
    retry_after: int | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    **more: Any,
) -> Problem:
    """`more`: members of this kind alone, such as `limit` of too-many and `current` of changed-meanwhile."""
    status, title = KINDS[kind]
    return Problem(status, detail, retry_after=retry_after, errors=errors, type=f"{URN}{kind}", title=title, more=more)
