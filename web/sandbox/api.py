"""The door of the imitated API: key, budget, faults on purpose, then the action, all of it in the call log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, current_app, request

from web.sandbox.answers import (
    Answer,
    Dropped,
    Json,
    NoRecord,
    NoRoute,
    Refusal,
    answer_json,
    answer_refusal,
    invalid,
    no_record,
    no_route,
    page,
    server_error,
    throttled,
    unauthorized,
)
from web.sandbox.budgets import Standing
from web.sandbox.calls import Call
from web.sandbox.entities import ENTITIES
from web.sandbox.faults import Rule, Verdict
from web.sandbox.resources import Ask, perform
from web.sandbox.routes import resource_of, route
from web.sandbox.world import Caller, World

ROOT = "/api/v2"
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]

api = Blueprint("api", __name__, url_prefix=ROOT)


def the_world() -> World:
    world = current_app.extensions["sandbox"]
    assert isinstance(world, World)
    return world


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request as it came in, its key already looked up."""

    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    body: Json
    caller: Caller | None

    @property
    def resource(self) -> str:
        return resource_of(self.path)[0]


@api.route("/", defaults={"path": ""}, methods=METHODS)
@api.route("/<path:path>", methods=METHODS)
def door(path: str) -> Response:
    """Read the whole request before anything else: a body left unread would spoil the connection for the next one."""
    world = the_world()
    body = _body(request)
    secret = request.args.get("token") or _cookie(world)
    parameters = tuple((name, value) for name, value in request.args.items(multi=True) if name != "token")
    with world.lock:
        world.settle()
        caller = world.caller(secret)
        incoming = Incoming(request.method, _own_path(path, caller), parameters, body, caller)
        call = world.calls.enter(_logged(world, incoming))
        verdict = world.faults.draw(call.key, call.method, call.resource, call.time)
        call.fault = verdict.names
        pause = world.jitter()
    answer = _faulty(world, incoming, call, verdict, pause)
    call.status = answer.status
    return Response(answer.body, answer.status, answer.headers, content_type=answer.content_type)


def _faulty(world: World, incoming: Incoming, call: Call, verdict: Verdict, pause: float) -> Answer:
    """The answer to a call, with what is to go wrong on the way to it."""
    fault = verdict.decisive
    if fault and fault.kind == "outage":
        return _outage(fault)
    with world.lock:
        standing = _charge(world, incoming)
    _wait(world, pause + verdict.before)
    if standing.over or (fault and fault.kind == "throttle"):
        answer = throttled()
    elif fault:
        answer = _instead(fault, world, incoming, call)
    else:
        answer = _take_effect(world, incoming, call)
    _wait(world, verdict.after)
    return replace(answer, headers=standing.headers if verdict.headers else {})


def _outage(fault: Rule) -> Answer:
    if fault.drop:
        raise Dropped
    return page(503, "503 Service Temporarily Unavailable", "503 Service Temporarily Unavailable")


def _instead(fault: Rule, world: World, incoming: Incoming, call: Call) -> Answer:
    """What is answered in place of the truth. Faults after the commit, and those that `commits` says so of, do take effect."""
    if fault.kind == "late_commit":
        world.later(world.clock() + fault.seconds, lambda due: _commit_late(world, incoming, call, due))
        raise Dropped
    if fault.commits or fault.kind in {"error_after_commit", "drop_after_commit"}:
        _take_effect(world, incoming, call)
    if fault.kind in {"drop_before_commit", "drop_after_commit"}:
        raise Dropped
    if fault.kind == "html_200":
        return page(200, "Upsales", "Please wait")
    if fault.kind == "html_502":
        return page(502, "502 Bad Gateway", "502 Bad Gateway")
    if fault.kind == "error_200":
        error = {"key": "ServerError", "code": 500, "errorCode": 3, "msg": "Server error"}
        return answer_json({"error": error, "data": None})
    return server_error()


def _commit_late(world: World, incoming: Incoming, call: Call, due: float) -> None:
    if incoming.caller:
        _act(world, incoming, call, incoming.caller, due)


def _take_effect(world: World, incoming: Incoming, call: Call) -> Answer:
    if incoming.caller is None:
        return unauthorized()
    with world.lock:
        return _act(world, incoming, call, incoming.caller, world.settle())


def _act(world: World, incoming: Incoming, call: Call, caller: Caller, now: float) -> Answer:
    guesses = world.options.guesses
    full_path = f"{ROOT}/{incoming.path}"
    try:
        if isinstance(incoming.body, BadBody):
            raise invalid("Invalid JSON in body")
        asked = route(incoming.method, incoming.path, guesses)
        answer = perform(Ask(asked, incoming.parameters, incoming.body, caller, world, now))
    except NoRoute:
        return no_route(incoming.method, full_path)
    except NoRecord:
        return no_record(guesses.not_found, incoming.method, full_path)
    except Refusal as refusal:
        return answer_refusal(refusal)
    call.id = answer.record if answer.record is not None else call.id
    call.committed = now if call.write else None
    return answer


def _charge(world: World, incoming: Incoming) -> Standing:
    entity = ENTITIES.get(incoming.resource)
    write = incoming.method in {"POST", "PUT", "DELETE", "PATCH"}
    return world.charge(incoming.caller, write=write, burst=entity.calls if entity else None, now=world.clock())


def _logged(world: World, incoming: Incoming) -> Call:
    resource, rest = resource_of(incoming.path)
    record = (rest or "").partition("/")[0]
    caller = incoming.caller
    return Call(
        time=world.clock(),
        key=caller.name if caller else None,
        account=caller.customer.id if caller else None,
        method=incoming.method,
        path=f"{ROOT}/{incoming.path}",
        query=urlencode(incoming.parameters),
        resource=resource,
        id=int(record) if record.isdecimal() else None,
        body=incoming.body if world.options.log_bodies and not isinstance(incoming.body, BadBody) else None,
        write=incoming.method != "GET",
    )


class BadBody:
    """Stands for a body that is no JSON although its content type says so."""


def _body(incoming: Request) -> Json:
    raw = incoming.get_data()
    if incoming.mimetype == "multipart/form-data":
        return incoming.form.to_dict()
    if not raw or not incoming.is_json:
        return {}
    read = incoming.get_json(silent=True)
    return BadBody() if read is None else read


def _cookie(world: World) -> str | None:
    return request.cookies.get("token") if world.options.guesses.cookie_auth else None


def _own_path(path: str, caller: Caller | None) -> str:
    """Leave out the customer id that some of the web app's own calls carry as first part of the path."""
    first, _, rest = path.partition("/")
    return rest if caller and rest and first == str(caller.customer.id) else path


def _wait(world: World, seconds: float) -> None:
    if seconds > 0:
        world.sleep(seconds)
