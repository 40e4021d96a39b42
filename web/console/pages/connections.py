"""Shows connections, and what operators do to them: pause, resume, ask now, make marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from web.console.doors import Done, Doors, Shown, act, known, show
from web.console.just_done import just_done
from web.console.wire import answer
from web.problems import Problem
from worker.admin import connection, connections, marks, pausing
from worker.admin.connection import Detail
from worker.admin.pausing import about
from worker.admin.standing import Standing
from worker.store.people.audit import Actor


@dataclass(frozen=True, slots=True)
class Act:
    """What a person can do, as its page says it. `why`: whether it has to be said."""

    label: str
    says: str
    why: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    data: Sequence[connections.Row]
    as_of: datetime | None


ACTS = {
    "pause": Act(
        "Pause",
        "Nothing is delivered for this connection until somebody resumes it. Webhooks are still accepted: their events wait, in order.",
    ),
    "resume": Act("Resume", "Deliveries go on at once, also those that waited after failures."),
    "ask-now": Act(
        "Ask now",
        "Upsales is asked whose the API key is: one call. If it paused itself for its key, and the key is accepted, it goes on.",
        why=False,
    ),
    "marks": Act(
        "Make the fields",
        "The custom fields that are missing are made in Upsales. With them a create whose answer was lost is found again, without a person.",
    ),
}


def open_connections(doors: Doors) -> None:
    _open_questions(doors)
    _open_acts(doors)


def _open_questions(doors: Doors) -> None:
    parts = doors.parts

    @doors.pages.get("/connections")
    def connections_page() -> Shown:
        return show("connections.html", {"found": connections.listed(parts)})

    @doors.api.get("/connections")
    @doors.tells("How each connection stands", Listed)
    def list_connections() -> Response:
        found = connections.listed(parts)
        known(found)
        return answer(Listed(found.value or (), found.as_of))

    @doors.pages.get("/connections/<name>")
    def connection_page(name: str) -> Shown:
        found = connection.detail(parts, name)
        return show(
            "connection.html", {"name": name, "found": found, "deed": just_done(parts.store, about(name)), "acts": ACTS}
        )

    @doors.api.get("/connections/<name>")
    @doors.tells("One connection", Detail)
    def show_connection(name: str) -> Response:
        return answer(known(connection.detail(parts, name)))

    @doors.pages.get("/connections/<name>/<any(pause, resume, 'ask-now', marks):what>")
    def act_page(name: str, what: str) -> Shown:
        return _form(doors, what, name)


def _open_acts(doors: Doors) -> None:
    parts = doors.parts

    def pause(actor: Actor, why: str, name: str) -> Done:
        return _done(doors, name, pausing.pause(parts, actor, name, why))

    def resume(actor: Actor, why: str, name: str) -> Done:
        return _done(doors, name, pausing.resume(parts, actor, name, why).audit)

    def ask_now(actor: Actor, _why: str | None, name: str) -> Done:
        asked = pausing.ask_now(parts, actor, name)
        return Done(asked, asked.audit, page_of(name))

    def make(actor: Actor, why: str, name: str) -> Done:
        made = marks.make_marks(parts, actor, name, why)
        return Done(made, made.audit, page_of(name))

    for what, do, answers in (
        ("pause", pause, Standing),
        ("resume", resume, Standing),
        ("ask-now", ask_now, pausing.Asked),
        ("marks", make, marks.Made),
    ):

        def again(problem: Problem, name: str, what: str = what) -> Shown:
            return _form(doors, what, name, problem)

        act(
            doors,
            f"/connections/<name>/{what}",
            do,
            why=ACTS[what].why,
            endpoint=f"connection_{what.replace('-', '_')}",
            again=again,
            summary=f"{ACTS[what].label}. {ACTS[what].says}",
            answers=answers,
        )


def page_of(name: str) -> str:
    return f"/connections/{name}"


def detail_of(doors: Doors, name: str) -> Detail:
    """Raises Problem, and NotThere."""
    found: Detail = known(connection.detail(doors.parts, name))
    return found


def _form(doors: Doors, what: str, name: str, problem: Problem | None = None) -> Shown:
    values: dict[str, Any] = {"name": name, "what": what, "act": ACTS[what], "found": detail_of(doors, name)}
    return show("connection_act.html", {**values, "problem": problem}, problem.status if problem else 200)


def _done(doors: Doors, name: str, number: int | None) -> Done:
    standing: Standing = detail_of(doors, name).standing
    return Done(standing, number, page_of(name))
