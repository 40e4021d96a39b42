"""Takes what a person looks for, and answers where it is shown."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import redirect, request
from werkzeug.wrappers import Response

from web.console.describe import Told, body
from web.console.doors import Doors, InvalidBody, json_object, show
from web.console.guard import FIND
from web.console.pace import Pace
from web.console.parameters import TEXT
from web.console.who import person
from web.console.wire import answer
from worker.admin import filters
from worker.admin.filters import InvalidParameters
from worker.admin.find import KINDS, Finding, find
from worker.store.terms.values import LONGEST, SHORTEST

MOST = 60
"""A minute. Each search leaves a line in the audit, which is kept for good, and viewers may search, too."""
FIELDS = ("kind", "value", "field", "within")
BODY = body(
    ["value"],
    value={"type": "string", "format": "relay-value", "minLength": SHORTEST, "maxLength": 4 * LONGEST},
    kind={"enum": list(KINDS)},
    field={**TEXT, "description": "Where in a payload it stands"},
    within={"type": "string", "format": "relay-filters", "description": "The query of a list of events"},
)


def open_find(doors: Doors) -> None:
    """For both roles: nothing is changed but the audit."""
    store, pace = doors.parts.store, Pace(MOST)

    @doors.pages.post("/searches", endpoint=FIND)
    def find_form() -> Response | tuple[str, int]:
        within = request.form.get("within")
        try:
            found = _found({"value": request.form.get("value", ""), "field": request.form.get("field") or None}, within)
        except InvalidParameters as error:
            return show("find.html", {"fault": str(error), "choices": ()}, 400)
        if found.choices:
            return show("find.html", {"fault": None, "choices": found.choices})
        return redirect(f"/{found.matches}", 303)

    @doors.api.post("/searches", endpoint=FIND)
    def find_resource() -> Response:
        body = json_object()
        wrong = [(name, "is not known here") for name in sorted(set(body) - set(FIELDS))]
        wrong += [(name, "must be a text") for name in FIELDS if not isinstance(body.get(name, ""), str)]
        if body.get("kind") is not None and body["kind"] not in KINDS:
            wrong.append(("kind", f"is one of {', '.join(KINDS)}"))
        if wrong:
            raise InvalidBody(wrong)
        try:
            return answer(_found(body, body.get("within")))
        except InvalidParameters as error:
            raise InvalidBody(
                [(each.parameter if each.parameter in FIELDS else "within", each.detail) for each in error.faults]
            ) from None

    told = Told(
        "Where something is shown; its value stands in no address", Finding, says="Where it is shown", body=BODY
    )
    doors.described.tell(FIND, told)

    def _found(given: dict[str, str | None], within: str | None) -> Finding:
        pace.step(person().name)
        return find(
            store,
            person().actor,
            given.get("value") or "",
            kind=given.get("kind"),  # type: ignore[arg-type] # it was looked at
            field=given.get("field"),
            within=None if within is None else filters.parse(parse_qsl(within)),
        )
