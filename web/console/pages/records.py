"""Shows one record: what the relay last sent for each field, when, and by which event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from web.console.describe import Told, body
from web.console.doors import WHY, Done, Doors, InvalidBody, act, json_object, known, show, why_of
from web.console.just_done import just_done
from web.console.kinds import refusal
from web.console.pages.lists import patience, place_among_calls
from web.console.parameters import CALL_PAGING
from web.console.who import operator, session_id
from web.console.wire import answer
from web.problems import Problem
from worker.admin import record_reading, records
from worker.admin.cursors import USUAL
from worker.admin.known import PATIENCE, ask
from worker.admin.parts import Parts
from worker.admin.record_reading import NotRead, Reading
from worker.admin.records import Record
from worker.admin.reveal import reveal, seen_until
from worker.errors import ConfigError
from worker.plan import RESOURCES
from worker.store.ledger.call_pages import Place
from worker.store.ledger.record_pages import RecordAt
from worker.store.people import reveals
from worker.store.people.audit import Actor

PATH = "/records/<int(max=9223372036854775807):account>/<resource>/<int(max=9223372036854775807):record>"


@dataclass(frozen=True, slots=True)
class Shown:
    """`until`: for how long texts are shown to whoever asks; None while they are masked."""

    record: Record | None
    until: datetime | None


def open_records(doors: Doors) -> None:
    parts, store = doors.parts, doors.parts.store

    def page(account: int, resource: str, record: int) -> tuple[str, int]:
        return _page(parts, _at(account, resource, record))

    def one(account: int, resource: str, record: int) -> Response:
        at, place = _at(account, resource, record), place_among_calls()
        found = known(ask(store, lambda conn: records.record(conn, at, place)))
        return answer(_there(found, at))

    def do_reveal(actor: Actor, why: str | None, account: int, resource: str, record: int) -> Done:
        at = _at(account, resource, record)
        with store.read() as conn:
            found = _there(records.record(conn, at, Place(USUAL), masked=False), at)
        kept = reveal(store, actor, at.about, why, session_id())
        return Done(found, kept, _path(at))

    def read(account: int, resource: str, record: int) -> tuple[str, int]:
        at, who = _at(account, resource, record), operator()
        why = str(why_of(request.form.get("why"), needed=True))
        masked = seen_until(store, at.about, session_id()) is None
        try:
            return _page(parts, at, _read(parts, who.actor, at, why, masked=masked))
        except NotRead as error:
            return _page(parts, at, fault=str(error))

    def read_by_api(account: int, resource: str, record: int) -> Response:
        at, given = _at(account, resource, record), json_object()
        unknown = sorted(set(given) - {"why"})
        if unknown:
            raise InvalidBody([(unknown[0], "is not known here")])
        why = str(why_of(given.get("why"), needed=True))
        try:
            return answer(_read(parts, operator().actor, at, why, masked=True))
        except NotRead as error:
            raise refusal("upsales-unanswered", f"Upsales was not read: {error}", retry_after=30) from None

    doors.pages.add_url_rule(PATH, "record", page)
    told = Told("One record: who set what and when, its keys, calls and events; masked", Record, query=CALL_PAGING)
    doors.api.add_url_rule(PATH, "record", one)
    doors.described.tell("record", told)
    act(
        doors,
        f"{PATH}/reveal",
        do_reveal,
        endpoint="reveal_record",
        summary="The same unmasked; that it was asked for is kept",
        answers=Record,
    )
    doors.pages.add_url_rule(f"{PATH}/read", "read_record", read, methods=["POST"])
    # Whoever opens the address of an answer again, as the live script does, sees the record.
    doors.pages.add_url_rule(f"{PATH}/read", "was_read", page)
    doors.api.add_url_rule(f"{PATH}/read", "read_record", read_by_api, methods=["POST"])
    doors.described.tell(
        "read_record", Told("What Upsales shows of it now: one call", Reading, body=body(["why"], why=WHY))
    )


def _page(parts: Parts, at: RecordAt, reading: Reading | None = None, fault: str | None = None) -> tuple[str, int]:
    place = place_among_calls()
    found = ask(parts.store, lambda conn: _shown(conn, at, place), patience() if request.method == "GET" else PATIENCE)
    if found.value is not None:
        _there(found.value.record, at)
    compared = {} if reading is None else {each.name: each for each in reading.fields}
    values = {
        "at": at, "path": _path(at), "found": found, "reading": reading, "compared": compared, "fault": fault,
        "deed": just_done(parts.store, at.about),
    }  # fmt: skip
    return show("record.html", values, 200 if fault is None else 503)


def _shown(conn: Connection, at: RecordAt, place: Place) -> Shown:
    session = session_id()
    until = None if session is None else reveals.until(conn, session, at.about)
    return Shown(records.record(conn, at, place, masked=until is None), until)


def _read(parts: Parts, actor: Actor, at: RecordAt, why: str, *, masked: bool) -> Reading:
    try:
        return record_reading.read(parts, actor, at, why, masked=masked)
    except ConfigError as error:
        # Without Redis no call is made: nobody would count it.
        raise NotRead(str(error)) from None


def _there(found: Any, at: RecordAt) -> Record:
    if found is None:
        raise Problem(
            404,
            f"Nothing is known here of {at.resource} {at.id} in account {at.account}. Calls are kept for a while only.",
        )
    there: Record = found
    return there


def _at(account: int, resource: str, record: int) -> RecordAt:
    if resource not in RESOURCES:
        raise Problem(404, "There is no such kind of record.")
    return RecordAt(account, resource, record)


def _path(at: RecordAt) -> str:
    return f"/{at.about.replace('record/', 'records/', 1)}"
