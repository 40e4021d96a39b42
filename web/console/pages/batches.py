"""Shows batches, and does one thing to many events: counted first, then started."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import redirect, request
from werkzeug.wrappers import Response

from web.console.describe import body as body_of
from web.console.doors import WHY_IF_ANY, Done, Doors, InvalidBody, act, json_object, known, show, why_of
from web.console.idempotency import FIELD, HEADER, need_key
from web.console.just_done import just_done
from web.console.pages.lists import patience
from web.console.parameters import FILTERS, one_or_several, parameter
from web.console.parameters import PATIENCE as PATIENCE_ASKED
from web.console.who import operator
from web.console.wire import answer
from web.problems import Problem
from worker.admin import batch_views, batches, filters
from worker.admin.batch_views import BatchPage, BatchView, seq_of
from worker.admin.batches import HIGHEST_RATE, USUAL_RATE, Deed
from worker.admin.filters import BATCH, Fault, InvalidParameters
from worker.store.batches.rows import KINDS
from worker.store.people.audit import Actor

T = TypeVar("T")
OF_THE_FORM = ("csrf", "kind", FIELD, "rate", "why")
OF_THE_BODY = ("kind", "filter", "rate", "why")
RATE: Mapping[str, Any] = {
    "type": ["integer", "null"],
    "minimum": 1,
    "maximum": HIGHEST_RATE,
    "description": "Events a minute",
}
ID: Mapping[str, Any] = {"type": "string", "pattern": f"^(?:{BATCH.pattern})$"}
FILTER: Mapping[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "description": "As in the query of a list of events: by name, a text or several",
    "properties": {each["name"]: one_or_several(each) for each in FILTERS if each["name"] != "field"},
    "additionalProperties": False,
}
ACTS: Mapping[str, Callable[..., Deed]] = {"pause": batches.pause, "resume": batches.resume, "cancel": batches.cancel}


def open_batches(doors: Doors) -> None:
    _open_reading(doors)
    _open_creating(doors)
    store = doors.parts.store

    def start(actor: Actor, why: str | None, batch: str, rate: Any) -> Done:
        return _done(batches.start(store, actor, seq_of(batch), why=why, rate=_rate(rate, None)))

    act(
        doors,
        "/batches/<batch>/start",
        start,
        why=False,
        endpoint="batch_start",
        fields={"rate": RATE},
        answers=BatchView,
        status=202,
    )
    for name, turn in ACTS.items():
        _open_turn(doors, name, turn)


def _open_reading(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.get("/batches")
    def batches_page() -> tuple[str, int]:
        return show("batches.html", {"found": batch_views.page(store, _before())})

    @doors.api.get("/batches")
    @doors.tells("Batches, the newest first", BatchPage, query=[parameter("before", ID, "Older ones than this batch")])
    def list_batches() -> Response:
        return answer(known(batch_views.page(store, _before())))

    @doors.pages.get("/batches/<batch>")
    def batch_page(batch: str) -> tuple[str, int]:
        return show("batch.html", {"batch": _found(doors, batch), "deed": just_done(store, f"batch/{batch}")})

    @doors.api.get("/batches/<batch>")
    @doors.tells("A batch as it stands", BatchView, query=[PATIENCE_ASKED])
    def get_batch(batch: str) -> Response:
        return answer(_found(doors, batch))


def _found(doors: Doors, batch: str) -> BatchView:
    view = known(batch_views.view(doors.parts.store, seq_of(batch), patience()))
    if view is None:
        raise Problem(404, f"There is no batch {batch}. Drafts are kept for a day, those that ended for a month.")
    found: BatchView = view
    return found


def _open_creating(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.post("/batches")
    def create_batch_form() -> Response:
        form = request.form
        narrowed = [(name, value) for name, value in form.items(multi=True) if name not in OF_THE_FORM and value]
        deed = batches.create(
            store,
            operator().actor,
            form.get("kind", ""),
            filters.parse(narrowed),
            rate=_rate(form.get("rate"), USUAL_RATE),
            why=why_of(form.get("why"), needed=False),
            key=form.get(FIELD, ""),
        )
        return redirect(f"/batches/{deed.batch.id}", 303)

    @doors.api.post("/batches")
    @doors.tells(
        "Count what would be taken, and freeze it: a draft, which `start` begins",
        BatchView,
        status=201,
        says="The draft; 200 where it was made before",
        body=body_of(["kind", "filter"], kind={"enum": list(KINDS)}, filter=FILTER, rate=RATE, why=WHY_IF_ANY),
        problems=(422,),
        key_needed=True,
    )
    def create_batch() -> Response:
        need_key()
        body, key = json_object(), request.headers[HEADER]
        unknown = sorted(set(body) - {*OF_THE_BODY})
        if unknown:
            raise InvalidBody([(unknown[0], "is not known here")])
        deed = batches.create(
            store,
            operator().actor,
            str(body.get("kind", "")),
            filters.parse(_pairs(body.get("filter"))),
            rate=_rate(body.get("rate"), USUAL_RATE),
            why=why_of(body.get("why"), needed=False),
            key=key,
        )
        return answer(deed.batch, 200 if deed.audit is None else 201)


def _open_turn(doors: Doors, name: str, turn: Callable[..., Deed]) -> None:
    def do(actor: Actor, why: str | None, batch: str) -> Done:
        return _done(turn(doors.parts.store, actor, seq_of(batch), why=why))

    act(doors, f"/batches/<batch>/{name}", do, why=False, endpoint=f"batch_{name}", answers=BatchView, status=202)


def _done(deed: Deed) -> Done:
    return Done(deed.batch, deed.audit, f"/batches/{deed.batch.id}", 200 if deed.audit is None else 202)


def _before() -> int | None:
    before = request.args.get("before")
    if before is not None and BATCH.fullmatch(before) is None:
        raise InvalidParameters([Fault("before", "is no batch; write it as b-42")])
    return None if before is None else seq_of(before)


def _rate(given: Any, unsaid: T) -> int | T:
    """A number a minute."""
    if given is None or given == "":
        return unsaid
    whole = isinstance(given, float) and given.is_integer()
    text = str(int(given) if whole else given)
    if isinstance(given, bool) or not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise InvalidParameters([Fault("rate", "must be a number a minute, such as 20")])
    return int(text)


def _pairs(given: Any) -> Iterable[tuple[str, str]]:
    """`{"fate": "dead", "type": ["a", "b"]}`, as it would stand in an address."""
    if not isinstance(given, dict) or not given:
        raise InvalidBody([("filter", 'must be an object, such as {"fate": "dead", "connection": "butik"}')])
    for name, values in given.items():
        if values == []:
            raise InvalidBody([(f"filter/{name}", "is empty; leave it out")])
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str):
                raise InvalidBody([(f"filter/{name}", "must be a text, or a list of texts")])
            yield name, value
