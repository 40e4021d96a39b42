"""Describes how a decision is sent to the admin API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from web.console.describe import body
from web.console.doors import WHY
from web.console.parameters import Parameter, parameter
from worker.admin.reviews.decide import LARGEST

RECORD: Final = {"type": "integer", "minimum": 1, "maximum": LARGEST, "description": "The id of a record in Upsales"}
KEY: Final = {"type": "string", "minLength": 1, "description": "Which of the event's records, such as account:K-17"}
ABOUT: Final = parameter(
    "about",
    {"type": "integer", "minimum": 0, "maximum": 9999},
    "Which of the event's records, by its place in `choices`",
)
SEEN: Final[Parameter] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9a-f]+"$'},
    "description": "The ETag of the review: a decision is about what was seen.",
}


def _decision(kinds: Sequence[str], needed: Sequence[str] = (), **more: Mapping[str, Any]) -> Mapping[str, Any]:
    return body(["decision", "why", *needed], decision={"enum": list(kinds)}, key=KEY, why=WHY, **more)


DECISION: Final = {"oneOf": [_decision(["adopt"], ["record"], record=RECORD), _decision(["create", "drop"])]}
