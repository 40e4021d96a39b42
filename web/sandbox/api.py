"""Receives calls: checks key and budget, applies faults, runs the action, logs the call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, current_app, request

from web.sandbox import mishaps
from web.sandbox.answers import (
    Answer,
    Dropped,
    NoRecord,
    NoRoute,
    Refusal,
    answer_refusal,
    invalid,
    no_record,
    no_route,
    throttled,
    unauthorized,
)
from web.sandbox.budgets import Standing
from web.sandbox.calls import Call
from web.sandbox.entities import ENTITIES
from web.sandbox.faults import Rule, Verdict
from web.sandbox.incoming import BadBody, Incoming, read
from web.sandbox.resources import Ask, perform
from web.sandbox.routes import ROOT, route
from web.sandbox.world import Caller, World

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]

api = Blueprint("api", __name__, url_prefix=ROOT)


def the_world() -> World:
    world = current_app.extensions["sandbox"]
    assert isinstance(world, World)
    return world


@api.route("/", defaults={"path": ""}, methods=METHODS)
@api.route("/<path:path>", methods=METHODS)
def door(path: str) -> Response:
    world = the_world()
    incoming = read(request, path, world.caller)
    with world.lock:
        world.settle()
        call = world.calls.enter(incoming.logged(world.clock(), with_body=world.options.log_bodies))
        verdict = world.faults.draw(call.key, call.method, call.resource, call.time)
        call.fault = verdict.names
        pause = world.jitter()
    answer = Visit(world, incoming, call).through(verdict, pause)
    call.status = answer.status
    return Response(answer.body, answer.status, answer.headers, content_type=answer.content_type)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request on its way through the sandbox, and its line in the log."""

    world: World
    incoming: Incoming
    call: Call

    def through(self, verdict: Verdict, pause: float) -> Answer:
        fault = verdict.decisive
        if fault and fault.kind == "outage":
            return mishaps.outage(fault)
        standing = self._charge()
        self._wait(pause + verdict.before)
        try:
            answer = self._answer(standing, fault)
        finally:
            self._wait(verdict.after)
        return replace(answer, headers=standing.headers if verdict.headers else {})

    def _answer(self, standing: Standing, fault: Rule | None) -> Answer:
        if standing.over or (fault and fault.kind == "throttle"):
            return throttled()
        if fault and fault.kind == "late_commit":
            self._commit_late(fault.seconds)
            raise Dropped
        return mishaps.instead(fault, self._take_effect) if fault else self._take_effect()

    def _charge(self) -> Standing:
        entity = ENTITIES.get(self.incoming.resource)
        with self.world.lock:
            return self.world.charge(
                self.incoming.caller,
                write=self.incoming.writes,
                burst=entity.calls if entity else None,
                now=self.world.clock(),
            )

    def _take_effect(self) -> Answer:
        caller = self.incoming.caller
        if caller is None:
            return unauthorized()
        with self.world.lock:
            return self._act(caller, self.world.settle())

    def _commit_late(self, seconds: float) -> None:
        caller, world = self.incoming.caller, self.world
        if caller:
            with world.lock:
                world.later(world.clock() + seconds, lambda due: self._act(caller, due))

    def _act(self, caller: Caller, now: float) -> Answer:
        incoming = self.incoming
        try:
            if isinstance(incoming.body, BadBody):
                raise invalid("Invalid JSON in body")
            asked = route(incoming.method, incoming.path, tickets=self.world.options.tickets)
            answer = perform(Ask(asked, incoming.parameters, incoming.body, caller, self.world, now))
        except NoRoute:
            return no_route(incoming.method, self.call.path)
        except NoRecord:
            return no_record()
        except Refusal as refusal:
            return answer_refusal(refusal)
        self.call.id = answer.record if answer.record is not None else self.call.id
        self.call.committed = now if incoming.writes else None
        return answer

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.world.sleep(seconds)
