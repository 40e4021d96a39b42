"""Opens each question and each act twice: as a page, and as JSON under /api/v1.

A route of the API says beside itself what it answers; /api/v1/openapi.json is made of that, and a test finds one that says nothing:

    @doors.api.get("/events")
    @doors.tells("The newest events", EventPage, query=[*FILTERS, *PAGING])
    def list_events() -> Response: ...

The second argument is the type of what `wire.answer` writes: a dataclass, or a Mapping or Sequence of one. The rest is as in
`describe.Told`; parameters are in `parameters`, a body is made by `describe.body`. An `act` describes itself: `summary` and
`answers` say more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from web.console.describe import Described, Told, View, body
from web.console.kinds import KINDS, URN, refusal
from web.console.refused import problem_of
from web.console.who import Person, operator
from web.console.wire import answer
from web.problems import Problem
from worker.admin.health import Checks
from worker.admin.known import Known
from worker.admin.parts import Parts
from worker.admin.refusals import Refusal

Method: TypeAlias = Literal["POST", "PUT"]
Shown: TypeAlias = tuple[str, int]
LONGEST_WHY = 500
NONE: Mapping[str, Mapping[str, Any]] = {}
WHY = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_WHY,
    "format": "relay-line",
    "description": "One line, for the audit. No personal data.",
}
WHY_IF_ANY = WHY | {"type": ["string", "null"], "minLength": 0}
TIMEOUT = "The database did not answer in time: nothing of this is known. Narrow the filters, or try again."
AWAY = "The database does not answer: nothing of this is known."


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the routes of a page module are opened. `pages` and `api` are guarded; `described`: what is said of the latter's."""

    pages: Blueprint
    api: Blueprint
    parts: Parts
    checks: Checks
    described: Described = field(default_factory=lambda: Described("api"))

    def tells(self, summary: str, answer: Any = Any, **rest: Any) -> Callable[[View], View]:
        """Beside a route of `api`: what it answers. `rest`: as in Told."""
        return self.described.as_told(Told(summary, answer, **rest))


@dataclass(frozen=True, slots=True)
class Done:
    """What a person's act came to. `audit`: under which number it is kept; None if it was so already. `see`: the page that shows it.

    `once`: what came of it can't be shown a second time.
    """

    value: Any
    audit: int | None
    see: str
    status: int = 200
    once: bool = False


def show(template: str, values: Mapping[str, Any], status: int = 200) -> Shown:
    """A page. Its foot says how long it took."""
    took = round((time.perf_counter() - g.begun) * 1000)
    return encodable(render_template(template, **values, took=took)), status


def encodable(page: str) -> str:
    """Half a character, which JSON can hold and UTF-8 can't, as JSON spells it."""
    return page.encode(errors="backslashreplace").decode()


def known(found: Known[Any]) -> Any:
    """The value; raises Problem where there is none."""
    if found.why is not None:
        late = found.why == "timeout"
        raise refusal("timeout" if late else "unavailable", TIMEOUT if late else AWAY, retry_after=5)
    return found.value


def act(
    doors: Doors,
    path: str,
    do: Callable[..., Done],
    *,
    why: bool = True,
    endpoint: str,
    fields: Mapping[str, Mapping[str, Any]] = NONE,
    method: Method = "POST",
    again: Callable[..., Shown] | None = None,
    once: Callable[..., Shown] | None = None,
    summary: str = "",
    answers: Any = Any,
    status: int = 200,
    asked: Mapping[str, Any] | None = None,
) -> None:
    """What operators do: `do(actor, why, **names of the path)`. A form is answered by the page that shows what came of it.

    `fields`: what a body or a form may say besides, with its JSON Schema: `do` gets each by its name, a form's as text; None: it was not said.
    `method`: of the API; a form is always a POST. `again(problem, **names)`: the page of the form once more, with what was wrong.
    `once(done, **names)`: the page that answers the form itself, for what can't be shown a second time.
    `summary`, `answers`, `status`: for the description of the API; the type of what it answers with is that of `Done.value`.
    `asked`: the schema of its body, where `fields` do not say which of them go together.
    """

    def begin(person: Person, names: Mapping[str, Any], reason: Any, said: Mapping[str, Any]) -> Done:
        given = {name: said.get(name) for name in fields}
        return do(person.actor, why_of(reason, needed=why), **given, **names)

    def by_form(**names: Any) -> Response | Shown:
        person = operator()
        said = {name: request.form.get(name) or None for name in fields}
        try:
            done = begin(person, names, request.form.get("why"), said)
        except (Problem, Refusal) as error:
            found = problem_of(error)
            if again is None or not 400 <= found.status < 500 or found.status == 404:
                raise
            return again(found, **names)
        if once is not None and done.once:
            return once(done, **names)
        mark = "" if done.audit is None else f"{'&' if '?' in done.see else '?'}done={done.audit}"
        return redirect(f"{done.see}{mark}", 303)

    def by_api(**names: Any) -> Response:
        person = operator()
        given = json_object()
        unknown = sorted(set(given) - {"why", *fields})
        if unknown:
            raise InvalidBody([(unknown[0], "is not known here")])
        done = begin(person, names, given.get("why"), given)
        return answer(done.value, done.status)

    doors.pages.add_url_rule(path, f"{endpoint}_form", by_form, methods=["POST"])
    doors.api.add_url_rule(path, endpoint, by_api, methods=[method])
    said = summary or endpoint.replace("_", " ").capitalize()
    whole = body(["why"] if why else (), why=WHY if why else WHY_IF_ANY, **fields) if asked is None else asked
    doors.described.tell(
        endpoint, Told(said, answers, status, "It is so now, or was already", body=whole, also={200} - {status})
    )


def text_of(name: str, value: Any) -> str | None:
    """A field that must be a text, if it was said. Its fault never holds what was said."""
    if value is not None and not isinstance(value, str):
        raise InvalidBody([(name, "must be a text")])
    return value


class InvalidBody(Problem):
    """https://www.rfc-editor.org/rfc/rfc9457#section-3: each field of a JSON body that is not understood."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        status, title = KINDS["invalid-body"]
        super().__init__(
            status,
            "; ".join(f"{name}: {detail}" for name, detail in faults),
            errors=[{"pointer": f"#/{name}", "detail": detail} for name, detail in faults],
            type=f"{URN}invalid-body",
            title=title,
        )


def json_object() -> dict[str, Any]:
    """The body of an API request. Raises Problem."""
    try:
        found = request.get_json(silent=True) if request.data else {}
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise Problem(400, "The body is nested too deeply.") from None
    except UnicodeEncodeError:
        raise Problem(400, "The body holds half a character (a lone surrogate), which no text can.") from None
    if not isinstance(found, dict):
        raise refusal("no-json", "The body must be a JSON object, sent as application/json.")
    return found


def why_of(given: Any, *, needed: bool) -> str | None:
    """The why of a body or a form. Raises InvalidBody."""
    text = given.strip() if isinstance(given, str) else None
    if given is not None and text is None:
        raise InvalidBody([("why", "must be a text")])
    if needed and not text:
        raise InvalidBody([("why", "say why, in a few words")])
    if text and (len(text) > LONGEST_WHY or not text.isprintable()):
        raise InvalidBody([("why", f"at most {LONGEST_WHY} characters, in one line")])
    return text or None
