"""Shows what waits for a decision, lays records side by side, and takes the decision."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from web.console.describe import Told, body
from web.console.doors import WHY, Doors, known, show, why_of
from web.console.just_done import just_done
from web.console.kinds import refusal
from web.console.pages.lists import ASIDE, PAGING, place, without_empty
from web.console.pages.review_description import ABOUT, DECISION, SEEN
from web.console.pages.review_forms import (
    Wish,
    changed,
    decision_of,
    number_of,
    refusal_of,
    tag_given,
    told_of,
    wish_of_body,
    wish_of_form,
    wish_of_query,
)
from web.console.parameters import OF_REVIEWS
from web.console.parameters import PAGING as LISTED
from web.console.who import operator, person, session_id
from web.console.wire import answer
from web.problems import Problem
from worker.admin import filters
from worker.admin.event_history import about
from worker.admin.filters import Filters, InvalidParameters
from worker.admin.parts import Parts
from worker.admin.reveal import reveal, seen_until
from worker.admin.reviews import waiting
from worker.admin.reviews.decide import ChangedMeanwhile, Decided, decide
from worker.admin.reviews.foresee import foresee
from worker.admin.reviews.keys import NotAbout
from worker.admin.reviews.proof import prove
from worker.admin.reviews.question import Question, question
from worker.admin.reviews.reading import Reader
from worker.admin.reviews.view import Mode, Review, look
from worker.admin.reviews.waiting import WaitingPage
from worker.errors import ConfigError
from worker.store.people.audit import Actor

OF_ONE = frozenset({"about", "read", "done", "live", "decision", "record"})


def open_reviews(doors: Doors) -> None:
    desk = _Desk(doors.parts)
    pages, api = doors.pages, doors.api
    pages.add_url_rule("/review", "list_reviews", desk.list_page)
    pages.add_url_rule("/review/<event>", "show_review", desk.page)
    pages.add_url_rule("/review/<event>/decision", "foresee_review", desk.confirmation)
    pages.add_url_rule("/review/<event>/decision", "decide_review_form", desk.decide_by_form, methods=["POST"])
    pages.add_url_rule("/review/<event>/reveal", "reveal_review_form", desk.reveal_to_session, methods=["POST"])
    _describe(doors)
    api.add_url_rule("/reviews", "list_reviews", desk.listed)
    api.add_url_rule("/reviews/<event>", "show_review", desk.shown)
    api.add_url_rule("/reviews/<event>/candidates", "list_candidates", desk.candidates)
    api.add_url_rule("/reviews/<event>/decision", "decide_review", desk.decide_by_program, methods=["POST"])
    api.add_url_rule("/reviews/<event>/reveal", "reveal_review", desk.reveal_to_program, methods=["POST"])


def _describe(doors: Doors) -> None:
    tell = doors.described.tell
    tell("list_reviews", Told("What waits for a decision, the newest first", WaitingPage, query=[*OF_REVIEWS, *LISTED]))
    tell("show_review", Told("One question, with what is known without asking Upsales", Review, query=[ABOUT]))
    tell("list_candidates", Told("The same, with its records read in Upsales now", Review, query=[ABOUT]))
    tell(
        "decide_review",
        Told("Decide it", Tried, says="It is decided", body=DECISION, headers=[SEEN], problems=[428]),
    )
    tell(
        "reveal_review",
        Told("The question unmasked; that it was asked for is kept", Review, body=body(["why"], why=WHY)),
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """How many events are tried again."""

    tried_again: int


class _Desk:
    """Where a person decides. What was read from Upsales lies on it for a while."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._reader = Reader(parts)

    def list_page(self) -> Response | tuple[str, int]:
        cleaned = without_empty()
        if cleaned is not None:
            return cleaned
        wanted = _filters(ASIDE)
        values = {
            "wanted": wanted,
            "connections": sorted(self._parts.settings.connections),
            "query": urlencode(wanted.pairs()),
            "page": waiting.page(self._parts.store, wanted, place()),
        }
        return show("reviews.html", values)

    def listed(self) -> Response:
        wanted = _filters(PAGING)
        return answer(known(waiting.page(self._parts.store, wanted, place())))

    def page(self, event: str) -> Response | tuple[str, int]:
        asked = self._asked(event)
        if request.args.get("read") == "again":
            self._leave_enough(asked)
            found = look(self._parts, self._reader, asked, "now", masked=self._masked(asked))
            return redirect(_address(event), 303) if found.not_read is None else self._show(asked, found)
        return self._show(asked, "kept" if "live" in request.args else "auto")

    def shown(self, event: str) -> Response:
        return self._told(event, "kept")

    def candidates(self, event: str) -> Response:
        return self._told(event, "now")

    def confirmation(self, event: str) -> Response | tuple[str, int]:
        asked = self._asked(event)
        wish = wish_of_query(request.args)
        if not wish.decision or not person().operates:
            return redirect(_address(event), 303)
        try:
            decision = decision_of(wish, asked)
            masked = self._masked(asked)
            found = foresee(self._parts, self._reader, asked, decision, masked=masked)
        except (ConfigError, Problem) as error:
            return self._show(asked, "kept", wish=wish, fault=refusal_of(error))
        review = look(self._parts, self._reader, asked, "kept", masked=masked)
        number = None if asked.key is None else asked.keys.index(asked.key)
        values = {"review": review, "foreseen": found, "tag": asked.tag, "number": number, "about": wish.about}
        return show("review_decision.html", values)

    def decide_by_form(self, event: str) -> Response | tuple[str, int]:
        actor, wish = operator().actor, wish_of_form(request.form)
        asked = self._asked_by_form(event, wish)
        why = why_of(request.form.get("why"), needed=True)
        try:
            done = self._decide(actor, asked, wish, str(why), wish.tag)
        except ChangedMeanwhile as error:
            return self._show(self._asked(event), "kept", faster=told_of(error))
        except (ConfigError, Problem) as error:
            return self._show(asked, "kept", wish=wish, fault=refusal_of(error))
        mark = "" if done.audit is None else f"?done={done.audit}"
        return redirect(f"/review/{event}{mark}", 303)

    def decide_by_program(self, event: str) -> Response:
        actor, tag = operator().actor, tag_given(request)
        wish, why = wish_of_body()
        try:
            asked = self._asked(event, wish.key)
            done = self._decide(actor, asked, wish, why, tag)
        except ChangedMeanwhile as error:
            raise changed(error) from None
        except ConfigError as error:
            raise refusal_of(error) from None
        return answer(Tried(done.tried_again))

    def reveal_to_session(self, event: str) -> Response:
        who, why = operator(), why_of(request.form.get("why"), needed=True)
        asked = self._asked(event)
        number = reveal(self._parts.store, who.actor, about(asked.event.id), why, session_id())
        return redirect(_address(event, number), 303)

    def reveal_to_program(self, event: str) -> Response:
        who = operator()
        _, why = wish_of_body(only_why=True)
        asked = self._asked(event)
        reveal(self._parts.store, who.actor, about(asked.event.id), why, None)
        return answer(look(self._parts, self._reader, asked, "kept", masked=False))

    def _decide(self, actor: Actor, asked: Question, wish: Wish, why: str, tag: str) -> Decided:
        decision = decision_of(wish, asked, taken=True)
        if tag == asked.tag and decision.kind == "adopt" and decision.key is not None and decision.record is not None:
            # What has changed meanwhile is told first, and asks Upsales nothing.
            prove(self._parts, self._reader, asked.event.connection, decision.key, decision.record, asked.event.id)
        return decide(self._parts, actor, asked.event, decision, why=why, keys=asked.keys, tag=tag)

    def _asked(self, event: str, named: str | None = None, number: int | None = None) -> Question:
        """`named`, `number`: which of its records is decided; else the address says it. Raises Problem."""
        if named is None and number is None:
            number = number_of(request.args)
        try:
            found: Question | None = known(question(self._parts, event, named=named, number=number))
        except NotAbout as error:
            raise refusal_of(error) from None
        except ConfigError as error:
            raise Problem(404, f"{error}.") from None
        if found is None:
            raise Problem(404, f"There is no event {event[:64]}, or it is no longer kept.")
        return found

    def _asked_by_form(self, event: str, wish: Wish) -> Question:
        try:
            return self._asked(event, number=wish.about)
        except Problem as error:
            asked = self._asked(event) if error.status == 404 else None
            if asked is None or asked.tag == wish.tag:
                raise
            # What it is about has changed since the form was made: the tag tells.
            return asked

    def _told(self, event: str, mode: Mode) -> Response:
        _only(frozenset({"about"}))
        asked = self._asked(event)
        if mode == "now":
            self._leave_enough(asked)
        told = answer(look(self._parts, self._reader, asked, mode, masked=True))
        told.headers["ETag"] = f'"{asked.tag}"'
        return told

    def _leave_enough(self, asked: Question) -> None:
        """A viewer changes nothing: not how soon events are delivered either. Raises Problem."""
        if not person().operates and not self._reader.plentiful(asked.event.connection):
            raise refusal(
                "too-often",
                "Deliveries need the calls that are left, so only operators can read in Upsales now.",
                retry_after=10,
            )

    def _show(
        self,
        asked: Question,
        found: Mode | Review,
        *,
        wish: Wish | None = None,
        fault: Problem | None = None,
        faster: str | None = None,
    ) -> tuple[str, int]:
        _only(OF_ONE)
        review = (
            found
            if isinstance(found, Review)
            else look(self._parts, self._reader, asked, found, masked=self._masked(asked))
        )
        values: dict[str, Any] = {
            "review": review,
            "tag": asked.tag,
            "wish": wish or Wish(),
            "about": number_of(request.args),
            "fault": fault,
            "faster": faster,
            "done": just_done(self._parts.store, about(review.event)),
            "until": self._until(asked),
        }
        status = 412 if faster is not None else 200 if fault is None else fault.status
        return show("review.html", values, status)

    def _masked(self, asked: Question) -> bool:
        return self._until(asked) is None

    def _until(self, asked: Question) -> Any:
        """Until when this session sees what the event tells of people."""
        return seen_until(self._parts.store, about(asked.event.id), session_id())


def _filters(aside: Collection[str]) -> Filters:
    """Raises InvalidParameters: all that is in the list is in review, and a field of a payload is no column."""
    wanted = filters.parse(request.args.items(multi=True), also=aside)
    unfit = [name for name, value in (("fate", wanted.fate), ("field", wanted.field)) if value]
    if unfit:
        raise InvalidParameters([filters.Fault(name, "is no filter of this list") for name in unfit])
    return wanted


def _only(names: frozenset[str]) -> None:
    unknown = next((name for name in request.args if name not in names), None)
    if unknown is not None:
        raise InvalidParameters([filters.Fault(unknown, "is not known here")])


def _address(event: str, number: int | None = None) -> str:
    about = request.args.get("about") or request.form.get("about")
    pairs = [("about", about)] if about else []
    if number is not None:
        pairs.append(("done", str(number)))
    return f"/review/{event}?{urlencode(pairs)}" if pairs else f"/review/{event}"
