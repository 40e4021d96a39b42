"""Opens each question and each act twice: as a page, and as JSON under /api/v1."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from web.console.who import operator
from web.console.wire import answer
from web.problems import Problem
from worker.admin.known import Known
from worker.admin.parts import Parts

LONGEST_WHY = 500
TIMEOUT = "The database did not answer in time: nothing of this is known. Narrow the filters, or try again."
AWAY = "The database does not answer: nothing of this is known."


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the routes of a page module are opened. `pages` and `api` are guarded."""

    pages: Blueprint
    api: Blueprint
    parts: Parts


@dataclass(frozen=True, slots=True)
class Done:
    """What a person's act came to. `audit`: under which number it is kept; None if it was so already. `see`: the page that shows it."""

    value: Any
    audit: int | None
    see: str
    status: int = 200


def show(template: str, values: Mapping[str, Any], status: int = 200) -> tuple[str, int]:
    """A page. Its foot says how long it took."""
    took = round((time.perf_counter() - g.begun) * 1000)
    return render_template(template, **values, took=took), status


def known(found: Known[Any]) -> Any:
    """The value; raises Problem where there is none."""
    if found.why is not None:
        raise Problem(503, TIMEOUT if found.why == "timeout" else AWAY, retry_after=5)
    return found.value


def act(
    doors: Doors, path: str, do: Callable[..., Done], *, why: bool = True, endpoint: str, also: Sequence[str] = ()
) -> None:
    """A POST for operators: `do(actor, why, **names of the path)`. A form is answered by the page that shows what came of it.

    `also`: fields of its own, which `do` gets as texts, or None.
    """

    def by_form(**names: Any) -> Response:
        person = operator()
        given = {name: request.form.get(name) or None for name in also}
        done = do(person.actor, why_of(request.form.get("why"), needed=why), **given, **names)
        mark = "" if done.audit is None else f"{'&' if '?' in done.see else '?'}done={done.audit}"
        return redirect(f"{done.see}{mark}", 303)

    def by_api(**names: Any) -> Response:
        person = operator()
        body = json_object()
        unknown = sorted(set(body) - {"why", *also})
        if unknown:
            raise InvalidBody([(unknown[0], "is not known here")])
        given = {name: None if body.get(name) is None else str(body[name]) for name in also}
        done = do(person.actor, why_of(body.get("why"), needed=why), **given, **names)
        return answer(done.value, done.status)

    doors.pages.add_url_rule(path, f"{endpoint}_form", by_form, methods=["POST"])
    doors.api.add_url_rule(path, endpoint, by_api, methods=["POST"])


class InvalidBody(Problem):
    """https://www.rfc-editor.org/rfc/rfc9457#section-3: each field of a JSON body that is not understood."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(
            422,
            "; ".join(f"{name}: {detail}" for name, detail in faults),
            errors=[{"pointer": f"#/{name}", "detail": detail} for name, detail in faults],
        )


def json_object() -> dict[str, Any]:
    """The body of an API request. Raises Problem."""
    found = request.get_json(silent=True) if request.data else {}
    if not isinstance(found, dict):
        raise Problem(400, "The body must be a JSON object, sent as application/json.")
    return found


def why_of(given: Any, *, needed: bool) -> str | None:
    text = given.strip() if isinstance(given, str) else None
    if given is not None and text is None:
        raise InvalidBody([("why", "must be a text")])
    if needed and not text:
        raise InvalidBody([("why", "say why, in a few words")])
    if text and (len(text) > LONGEST_WHY or not text.isprintable()):
        raise InvalidBody([("why", f"at most {LONGEST_WHY} characters, in one line")])
    return text or None
