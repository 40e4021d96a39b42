"""Shows one event, from what was received to what people did about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Done, Doors, act, known, show
from web.console.headers import DOWNLOAD
from web.console.just_done import just_done
from web.console.kinds import refusal
from web.console.pages.lists import patience
from web.console.present import number
from web.console.who import session_id
from web.console.wire import answer
from web.problems import Problem
from worker.admin import event as events
from worker.admin import event_calls, event_history, event_plan, reveal
from worker.admin.event import Found, Unknown
from worker.admin.event_plan import PlanNow
from worker.admin.event_request import Received, received
from worker.admin.known import Known
from worker.admin.masking import MOST_SHOWN, Masking
from worker.admin.parts import Parts
from worker.store.people.audit import Actor, Deed

WHOLE = 2**31
"""Characters: no body is as long."""


@dataclass(frozen=True, slots=True)
class Unmasked:
    """What an operator asked for."""

    request: Received
    plan: PlanNow


@dataclass(frozen=True, slots=True)
class History:
    later: event_history.LaterOnes
    people: Sequence[Deed]


@dataclass(frozen=True, slots=True)
class Records:
    data: Sequence[event_calls.Record]


def open_event(doors: Doors) -> None:
    parts = doors.parts

    @doors.pages.get("/events/<event_id>")
    def event_page(event_id: str) -> Response | tuple[str, int]:
        found = known(events.find(parts, event_id, patience()))
        if found is None:
            return show("event_unknown.html", {"unknown": _unknown(parts, event_id)}, 404)
        until = reveal.seen_until(parts.store, event_history.about(event_id), session_id())
        return show("event.html", _shown(parts, found, until))

    @doors.pages.get("/events/<event_id>/body")
    def event_body(event_id: str) -> Response:
        found = _found(parts, event_id)
        if reveal.seen_until(parts.store, event_history.about(event_id), session_id()) is None:
            raise refusal(
                "not-asked-for", "Ask for its personal data on the event's page first: this is the body as it came."
            )
        if found.request is None:
            raise Problem(404, "Its body is not kept any more.")
        response = Response(found.request.body, content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{event_id}.txt"'
        response.headers["Content-Security-Policy"] = DOWNLOAD
        return response

    def do_reveal(actor: Actor, why: str | None, event_id: str) -> Done:
        found = _found(parts, event_id)
        if found.request is None:
            raise refusal("not-in-this-state", "Its request is not kept any more: there is nothing to show.")
        session = session_id()
        kept_as = reveal.reveal(parts.store, actor, event_history.about(event_id), why, session)
        value = None if session is not None else _unmasked(parts, found)
        return Done(value, kept_as, f"/events/{event_id}")

    act(
        doors,
        "/events/<event_id>/reveal",
        do_reveal,
        endpoint="reveal_event",
        summary="Its request and its plan, unmasked; that it was asked for is kept",
        answers=Unmasked,
    )
    _open_api(doors)


def _open_api(doors: Doors) -> None:
    parts = doors.parts

    @doors.api.get("/events/<event_id>")
    @doors.tells("One event: how it stands, why, and what comes next", events.Story)
    def one_event(event_id: str) -> Response:
        found = _found(parts, event_id)
        story = events.told(found, parts.settings, _read_masked(parts, found)[0])
        response = answer(story)
        response.set_etag(story.version)
        return response.make_conditional(request)

    @doors.api.get("/events/<event_id>/request")
    @doors.tells("What was received, masked", Received)
    def event_request(event_id: str) -> Response:
        return answer(_read_masked(parts, _found(parts, event_id))[1])

    @doors.api.get("/events/<event_id>/plan")
    @doors.tells("What it would do with today's settings", PlanNow)
    def event_plan_now(event_id: str) -> Response:
        found = _found(parts, event_id)
        return answer(known(event_plan.plan_now(parts, found, _read_masked(parts, found)[0])).shown)

    @doors.api.get("/events/<event_id>/calls")
    @doors.tells("The calls that were made for it", event_calls.Calls)
    def event_calls_made(event_id: str) -> Response:
        found = _found(parts, event_id)
        return answer(known(event_calls.calls(parts.store, found, _read_masked(parts, found)[0])))

    @doors.api.get("/events/<event_id>/records")
    @doors.tells("The records that it means, and those that it wrote to", Records)
    def event_records(event_id: str) -> Response:
        found = _found(parts, event_id)
        masking = _read_masked(parts, found)[0]
        keys = known(event_plan.plan_now(parts, found, masking)).keys
        return answer(Records(known(event_calls.record_list(parts.store, found, keys, masking))))

    @doors.api.get("/events/<event_id>/history")
    @doors.tells("What came after it, and what people did about it", History)
    def history(event_id: str) -> Response:
        found = _found(parts, event_id)
        later = known(event_history.later(parts.store, found))
        return answer(History(later, known(event_history.people(parts.store, event_id))))


def _shown(parts: Parts, found: Found, until: datetime | None) -> dict[str, Any]:
    masking = Masking(masks=until is None)
    came = received(found, parts.settings, masking)
    plan = event_plan.plan_now(parts, found, masking)
    keys = () if plan.value is None else plan.value.keys
    wait = patience()
    return {
        "story": events.told(found, parts.settings, masking),
        "received": came,
        "plan": plan if plan.value is None else Known(plan.value.shown, plan.as_of),
        "calls": event_calls.calls(parts.store, found, masking, wait),
        "records": event_calls.record_list(parts.store, found, keys, masking, wait),
        "later": event_history.later(parts.store, found, wait),
        "people": event_history.people(parts.store, found.event.id, wait),
        "until": until,
        "done": just_done(parts.store, event_history.about(found.event.id)),
        # No personal data in an address.
        "subject": found.event.subject if Masking().id(found.event.subject) == found.event.subject else None,
        "most_shown": number(MOST_SHOWN // 1024),
    }


def _unmasked(parts: Parts, found: Found) -> Unmasked:
    masking = Masking(masks=False, most=WHOLE)
    came = received(found, parts.settings, masking)
    return Unmasked(came, known(event_plan.plan_now(parts, found, masking)).shown)


def _read_masked(parts: Parts, found: Found) -> tuple[Masking, Received]:
    """Whoever is named in the request is then masked in all that is told of the event."""
    masking = Masking()
    return masking, received(found, parts.settings, masking)


def _found(parts: Parts, event_id: str) -> Found:
    """Raises Problem."""
    found: Found | None = known(events.find(parts, event_id))
    if found is None:
        raise Problem(404, _sentence(_unknown(parts, event_id)))
    return found


def _unknown(parts: Parts, event_id: str) -> Unknown:
    return events.unknown(parts.settings, event_id, datetime.now(UTC))


def _sentence(unknown: Unknown) -> str:
    kept = f"Events that ended well are kept for {unknown.kept_days} days"
    if unknown.expired and unknown.since is not None:
        return f"There is no such event any more. {kept}; this id was made on {unknown.since:%Y-%m-%d}."
    return f"There is no such event. {kept}."
