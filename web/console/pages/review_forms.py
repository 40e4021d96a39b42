"""Reads what a person decides, from a form, an address or JSON, and says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Request

from web.console.doors import InvalidBody, json_object, why_of
from web.console.kinds import refusal
from web.problems import Problem
from worker.admin.filters import Fault, InvalidParameters, fate_of
from worker.admin.reviews.decide import LARGEST, ChangedMeanwhile, Decision, NotBegun
from worker.admin.reviews.keys import NotAbout
from worker.admin.reviews.proof import NoSuchRecord, Unproven
from worker.admin.reviews.question import Question
from worker.errors import ConfigError

KINDS: Final = ("adopt", "create", "drop")
FIELDS: Final = frozenset({"decision", "record", "key", "why"})


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision as it was written. `key`: which of the event's records; `about`: the same by its number, for pages: a key may be an address."""

    decision: str = ""
    record: str = ""
    key: str | None = None
    about: int | None = None
    tag: str = ""


def _wish(decision: str, record: str, *, about: int | None, tag: str = "") -> Wish:
    """`adopt-3310` is a record that was shown, `another` one that is typed."""
    kind, _, shown = decision.partition("-")
    if kind == "another":
        kind = "adopt"
    return Wish(kind, shown or record, None, about, tag)


def wish_of_query(args: Mapping[str, str]) -> Wish:
    return _wish(args.get("decision", ""), args.get("record", ""), about=number_of(args))


def wish_of_form(form: Mapping[str, str]) -> Wish:
    return _wish(
        form.get("decision", ""),
        form.get("record", ""),
        about=number_of(form) if form.get("about") else None,
        tag=form.get("tag", ""),
    )


def wish_of_body(*, only_why: bool = False) -> tuple[Wish, str]:
    """Raises InvalidBody."""
    body = json_object()
    unknown = sorted(set(body) - (frozenset({"why"}) if only_why else FIELDS))
    if unknown:
        raise InvalidBody([(unknown[0], "is not known here")])
    why = why_of(body.get("why"), needed=True)
    if only_why:
        return Wish(), str(why)
    kind, record, key = body.get("decision"), body.get("record"), body.get("key")
    if isinstance(record, float) and record.is_integer():
        # In JSON 17.0 is as whole a number as 17.
        record = int(record)
    if kind not in KINDS:
        raise InvalidBody([("decision", f"must be one of {', '.join(KINDS)}")])
    if kind == "adopt" and (not isinstance(record, int) or isinstance(record, bool) or not 0 < record <= LARGEST):
        raise InvalidBody([("record", "must be the id of a record in Upsales")])
    if kind != "adopt" and record is not None:
        raise InvalidBody([("record", f"is not needed to {kind}")])
    if key is not None and (not isinstance(key, str) or not key):
        raise InvalidBody([("key", "must be a text such as account:K-17")])
    return Wish(kind, "" if record is None else str(record), key), str(why)


def number_of(args: Mapping[str, str]) -> int | None:
    """Which of the event's records is meant."""
    text = args.get("about")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise InvalidParameters([Fault("about", "must be the number of one of the event's records")])
    return int(text)


def decision_of(wish: Wish, asked: Question, *, taken: bool = False) -> Decision:
    """Raises Problem. `taken`: whether it may be is told when it is carried out."""
    if wish.decision not in KINDS:
        raise InvalidBody([("decision", "choose one of the decisions")])
    if not taken and wish.decision not in asked.can:
        raise refusal("not-in-this-state", _can_not(wish.decision, asked))
    if wish.decision == "drop":
        return Decision("drop")
    if asked.key is None and asked.waits:
        raise InvalidBody([("key", "the event is about several records, or about none: say which one is decided")])
    record = None
    if wish.decision == "adopt":
        text = wish.record.strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) <= LARGEST):
            raise InvalidBody([("record", "write the id of a record in Upsales, a whole number")])
        record = int(text)
        return Decision("adopt", asked.key, record)
    return Decision("create", asked.key)


def tag_given(request: Request) -> str:
    """https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1: the decision is about what its reader saw."""
    text = request.headers.get("If-Match")
    if text is None:
        raise refusal(
            "seen-needed",
            "Send If-Match with the ETag of GET /api/v1/reviews/<event>: a decision is about what was seen.",
        )
    return text.strip().removeprefix("W/").strip('"')


def changed(error: ChangedMeanwhile) -> Problem:
    return refusal("changed-meanwhile", told_of(error), current={"fate": _fate(error)})


def told_of(error: ChangedMeanwhile) -> str:
    """Who was faster, and what it is now."""
    now = f"The event is {_fate(error)} now."
    if error.deed is None:
        return f"It is no longer as you saw it. {now}"
    deed = error.deed
    return f"{deed.who} was faster ({deed.act}: {deed.outcome}, {deed.at:%Y-%m-%d %H:%M:%S}Z). {now}"


def refusal_of(error: ConfigError | Problem) -> Problem:
    if isinstance(error, Problem):
        return error
    match error:
        case NoSuchRecord():
            return InvalidBody([("record", str(error))])
        case NotAbout():
            return InvalidBody([("key", "the event is not about this record")])
        case Unproven():
            return refusal("upsales-unanswered", f"{error}. Nothing was decided.", retry_after=10)
        case NotBegun():
            return refusal(
                "not-in-this-state", f"{error}: say which record it is, or mend it in Upsales and replay the event."
            )
        case _:
            return refusal("not-in-this-state", f"{error}.")


def _can_not(kind: str, asked: Question) -> str:
    if not (asked.waits or asked.deleted):
        return "The event waits for no decision."
    if kind == "create":
        return "No create of it was begun: say which record it is, or mend it in Upsales and replay the event."
    return "The event is about several records, or about none: say which one is decided."


def _fate(error: ChangedMeanwhile) -> str:
    return fate_of(error.fate)
