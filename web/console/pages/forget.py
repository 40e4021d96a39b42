"""Forgets a person: says what is kept of them, asks, erases, shows the proof.

Whom it is about stands in the body of a request alone: not in an address, a log or the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from web.console.describe import Told, body
from web.console.doors import WHY, Doors, InvalidBody, json_object, known, show, why_of
from web.console.kinds import refusal
from web.console.parameters import LIMIT, parameter
from web.console.who import operator
from web.console.wire import answer
from web.problems import Problem
from worker.admin import cursors
from worker.admin.filters import Fault, InvalidParameters
from worker.admin.forget import Proofs, Standing, proofs, standing
from worker.admin.forgetting import WORD, Forgetting, Refused, TooBusy
from worker.admin.known import ask
from worker.admin.parameters import parse
from worker.store import Store
from worker.store.db.sql import LONGEST_KEY

PATH = "/forget"
ID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")
UNKNOWN = "There is no such erasure. A question that led to none is kept for an hour."
SEARCHING = "It is still being looked for. Wait until it is counted."


@dataclass(frozen=True, slots=True)
class Door:
    store: Store
    forgetting: Forgetting

    def standing(self, erasure: str) -> Standing:
        there = ID.fullmatch(erasure)
        found: Standing | None = known(ask(self.store, lambda conn: standing(conn, erasure))) if there else None
        if found is None:
            raise Problem(404, UNKNOWN)
        return found

    def look_for(self, whom: Any) -> str:
        person = operator()
        if not isinstance(whom, str):
            raise Refused("whom", "must be a text")
        try:
            return self.forgetting.look_for(person.actor, whom)
        except TooBusy as error:
            raise refusal("too-busy", str(error), retry_after=30) from None

    def start(self, erasure: str, given: Mapping[str, Any]) -> bool:
        """Whether somebody erases from now on."""
        person, draft = operator(), self.standing(erasure).draft
        if draft is None:
            raise refusal("preview-expired", "The question was kept for an hour. Ask again what is kept of the person.")
        if draft.state == "searching":
            raise refusal("not-in-this-state", SEARCHING, retry_after=5)
        if draft.state in ("erasing", "ended"):
            return False
        try:
            why = str(why_of(given.get("why"), needed=True))
        except InvalidBody as error:
            raise Refused("why", error.errors[0]["detail"]) from None
        whom, word = (str(given.get(name, "")) for name in ("whom", "word"))
        try:
            return self.forgetting.start(person.actor, erasure, whom, word, why)
        except TooBusy as error:
            raise refusal("too-busy", str(error), retry_after=30) from None


def open_forget(doors: Doors) -> None:
    store = doors.parts.store
    door = Door(store, Forgetting(store, doors.parts.settings.upsales.search_lag))

    def list_page(fault: Refused | None = None) -> tuple[str, int]:
        limit, before = _place()
        found = ask(store, lambda conn: proofs(conn, limit, before))
        return show("forget.html", {"proofs": found, "fault": fault}, 200 if fault is None else 422)

    def one_page(erasure: str, fault: Refused | None = None) -> tuple[str, int]:
        values = {"standing": door.standing(erasure), "fault": fault, "word": WORD}
        return show("forget_one.html", values, 200 if fault is None else 422)

    def find() -> Response | tuple[str, int]:
        try:
            return redirect(f"{PATH}/{door.look_for(request.form.get('whom', ''))}", 303)
        except Refused as error:
            return list_page(error)

    def start(erasure: str) -> Response | tuple[str, int]:
        try:
            door.start(erasure, request.form)
        except Refused as error:
            return one_page(erasure, error)
        return redirect(f"{PATH}/{erasure}", 303)

    doors.pages.add_url_rule(PATH, "forget", list_page)
    doors.pages.add_url_rule(PATH, "forget_find", find, methods=["POST"])
    doors.pages.add_url_rule(f"{PATH}/<erasure>", "forget_one", one_page)
    doors.pages.add_url_rule(f"{PATH}/<erasure>/start", "forget_start", start, methods=["POST"])
    _open_api(doors, door)


def _open_api(doors: Doors, door: Door) -> None:
    def list_erasures() -> Response:
        parse(request.args.items(multi=True), {}, also=("before", "limit"))
        limit, before = _place()
        return answer(known(ask(door.store, lambda conn: proofs(conn, limit, before))))

    def make() -> Response:
        given = _body("whom")
        draft = _told(partial(door.look_for, given.get("whom")))
        return answer(door.standing(draft), 201)

    def one(erasure: str) -> Response:
        return answer(door.standing(erasure))

    def start(erasure: str) -> Response:
        given = _body("whom", "word", "why")
        begun = _told(partial(door.start, erasure, given))
        return answer(door.standing(erasure), 202 if begun else 200)

    _describe(doors)
    doors.api.add_url_rule("/erasures", "erasures", list_erasures)
    doors.api.add_url_rule("/erasures", "make_erasure", make, methods=["POST"])
    doors.api.add_url_rule("/erasures/<erasure>", "erasure", one)
    doors.api.add_url_rule("/erasures/<erasure>/start", "start_erasure", start, methods=["POST"])


def _describe(doors: Doors) -> None:
    tell = doors.described.tell
    whom = {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_KEY,
        "format": "relay-whom",
        "description": "An e-mail address, a phone number, a name, a sender's id",
    }
    word = {"const": WORD}
    place = parameter("before", {"type": "string", "pattern": f"^{ID.pattern}$"}, "Older ones than this; from `next`")
    tell(
        "erasures",
        Told("Who was forgotten, the newest first: not who, but what was erased", Proofs, query=[LIMIT, place]),
    )
    tell(
        "make_erasure",
        Told("Look for what is kept of a person", Standing, 201, "It is looked for", body=body(["whom"], whom=whom)),
    )
    tell("erasure", Told("One erasure, from the question on", Standing))
    asked = body(["whom", "word", "why"], whom=whom, word=word, why=WHY)
    tell("start_erasure", Told("Erase it", Standing, 202, "It is erased from now on", body=asked, also=[200]))


def _told(do: Any) -> Any:
    try:
        return do()
    except Refused as error:
        raise InvalidBody([(error.field, str(error))]) from None


def _body(*names: str) -> Mapping[str, Any]:
    given = json_object()
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise InvalidBody([(unknown[0], "is not known here")])
    return given


def _place() -> tuple[int, str | None]:
    """How many, and those older than which. Raises InvalidParameters."""
    before = request.args.get("before")
    if before is not None and not ID.fullmatch(before):
        raise InvalidParameters([Fault("before", "is no place in this list; take it from `next`")])
    return cursors.place(None, None, request.args.get("limit")).limit, before
