"""Receives webhooks: finds the connection, verifies the signature, stores the request.

Nothing else happens before the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import flask
import structlog
from flask import Blueprint, Response
from ulid import ULID
from werkzeug.exceptions import RequestEntityTooLarge

from web import access_log
from web.access_log import AccessLog
from web.inbound import arrival, as_sent, is_dry_run
from web.ports import Clock, Rehearse, Secrets
from web.problems import Problem, unprocessable
from web.url_hint import url_hint
from worker.errors import ConfigError
from worker.instruments.outcomes import Outcome
from worker.logs import event_lines
from worker.logs.quiet import Quiet
from worker.sdk.connector import ByVerifyToken
from worker.sdk.contents import MOST_EVENTS, Fault, faults
from worker.sdk.read import BadBody, ReadEvent, read
from worker.sdk.request import Request
from worker.sdk.signatures import expected, flaw_of, told_by
from worker.settings import Connection
from worker.settings.shares import shares
from worker.store import StoreUnavailable
from worker.store.events.arrival import Arrival, Receipt
from worker.tracing import HEADER, NO_TRACER, Tracer, trace_of

METHODS = ("GET", "HEAD", "POST")
SOON = 5
LATER = 60

P = ParamSpec("P")
T = TypeVar("T")

_log = structlog.get_logger()


class Receiver:
    """Receives what is sent to /webhooks/."""

    def __init__(
        self,
        connections: Mapping[str, Connection],
        keys: Secrets,
        commit: Callable[[Arrival], Receipt],
        *,
        rehearse: Rehearse,
        now: Clock,
        public_url: str | None = None,
        tracer: Tracer = NO_TRACER,
        misconfigured: Mapping[str, str] | None = None,
    ) -> None:
        """`misconfigured`: of connections that can't be read, what is wrong."""
        self._connections = connections
        self._keys = keys
        self._commit = commit
        self._rehearse = rehearse
        self._now = now
        self._public_url = public_url
        self._tracer = tracer
        self._misconfigured = misconfigured or {}
        self._raised = Quiet()

    def receive(self, name: str, token: str | None = None) -> Response:
        connection = self._connections.get(name)
        if connection is None:
            self._refuse_misconfigured(name)
            raise Problem(404, "There is no such connection.", outcome="unknown")
        access_log.about(connection.name)
        request = self._request(connection, token)
        try:
            return self._answered(connection, request)
        except StoreUnavailable as error:
            detail = "It can't be stored now. Send it again."
            raise Problem(503, detail, outcome="unavailable", reason=str(error), retry_after=SOON) from None

    def _refuse_misconfigured(self, name: str) -> None:
        """A sender that is told 404 may delete its subscription; what is wrong here is ours."""
        problem = self._misconfigured.get(name)
        if problem is not None:
            access_log.about(name)
            raise _ours("This connection's settings are wrong. The log says why.", problem)

    def _answered(self, connection: Connection, request: Request) -> Response:
        secrets = self._secrets(connection)
        reply = self._handshake(connection, request, secrets)
        if reply is not None:
            access_log.outcome("handshake")
            return reply
        matched, now = self._verified(connection, request, secrets)
        request_id = str(ULID())
        access_log.genuine(trace_of(request_id, request.header(HEADER)))
        proof = None
        if 0 <= matched < len(secrets):  # a scheme that needs no secret matched none
            self._keys.used(connection.name, secrets[matched])
            proof = self._guarded(connection, told_by, connection.connector.signature, request, secrets[matched], now)
        with _readable(request):
            readings = read(connection.connector, request)
            self._refuse_faulty(connection, readings)
            if is_dry_run(request):
                return self._dry_run(connection, readings)
            arrivals = [
                arrival(
                    request,
                    share.connection,
                    secrets,
                    self._keys.fingerprint,
                    share.readings,
                    request_id=request_id if number == 0 else None,
                    positions=share.positions if connection.tenants else None,
                    proof=proof,
                )
                for number, share in enumerate(shares(connection, self._connections, request, readings))
            ]
        receipts = [self._committed(arrived) for arrived in arrivals if arrived.events]
        return _answer(connection, receipts) if receipts else _nothing(connection)

    def _refuse_faulty(self, connection: Connection, readings: Sequence[ReadEvent]) -> None:
        found = self._guarded(connection, faults, connection.connector, connection.settings, readings)
        if found:
            raise unprocessable(found)

    def _dry_run(self, connection: Connection, readings: Sequence[ReadEvent]) -> Response:
        if len(readings) > MOST_EVENTS:
            detail = (
                f"{len(readings)} events, and a dry run takes {MOST_EVENTS} at the most: send them in several requests."
            )
            raise unprocessable([Fault("", detail)])
        access_log.outcome("dry_run")
        return _json({"status": "dry-run", "events": self._rehearse(connection, readings)}, 200)

    def _request(self, connection: Connection, token: str | None) -> Request:
        try:
            sent = as_sent(flask.request, token, connection.body_limit, self._public_url)
            return replace(sent, received=self._now())
        except RequestEntityTooLarge:
            detail = f"The body is larger than the {connection.body_limit} bytes this connection takes."
            raise Problem(413, detail, outcome="too_large") from None

    def _secrets(self, connection: Connection) -> Sequence[str]:
        try:
            return self._keys.secrets(connection.name)
        except StoreUnavailable:
            raise
        except ConfigError as error:
            raise _ours("This connection's secret can't be read. The log says why.", str(error)) from None
        except Exception as error:
            # A sender that is told 401 gives up, and some delete the subscription; what is wrong here is ours.
            self._tell("the secrets of a connection can't be read", connection)
            raise _ours("This connection's secret can't be read. The log says why.") from error

    def _verify_tokens(self, connection: Connection) -> Sequence[str]:
        try:
            return self._keys.verify_tokens(connection.name)
        except ConfigError as error:
            raise _ours("This connection's verify token can't be read. The log says why.", str(error)) from None

    def _handshake(self, connection: Connection, request: Request, secrets: Sequence[str]) -> Response | None:
        for handshake in connection.connector.handshakes:
            known = self._verify_tokens(connection) if isinstance(handshake, ByVerifyToken) else secrets
            answer = self._guarded(connection, handshake, request, known)
            if answer is not None:
                return Response(answer.body, answer.status, answer.headers, content_type=answer.content_type)
        return None

    def _verified(self, connection: Connection, request: Request, secrets: Sequence[str]) -> tuple[int, datetime]:
        """The index of the secret that the request is signed with, and when that was looked at."""
        signature = connection.connector.signature
        if signature.needs_secret and not any(secret.strip() for secret in secrets):
            raise _ours("This connection has no signing secret yet. Set it, then send again.")
        if request.method != "POST":
            raise Problem(405, "Webhooks are sent with POST.")
        now = self._now()

        def verify(sent: Request) -> int | None:
            return self._guarded(connection, signature.verify, sent, secrets, now)

        matched = verify(request)
        if matched is None:
            self._refuse_unusable(connection, secrets)
            wanted = self._guarded(connection, expected, signature)
            hint = url_hint(signature, request, verify)
            outcome: Outcome = "wrong_url" if hint.is_url else "unauthorized"
            raise Problem(401, _unproved(wanted), outcome=outcome, reason=hint.text)
        return matched, now

    def _refuse_unusable(self, connection: Connection, secrets: Sequence[str]) -> None:
        """It may be signed with the secret that we have wrong."""
        for secret in secrets:
            flaw = self._guarded(connection, flaw_of, connection.connector.signature, secret)
            if flaw:
                reason = f"signing secret {self._keys.fingerprint(secret)} {flaw}"
                raise _ours("This connection's secret can't be used. The log says why.", reason)

    def _guarded(
        self, connection: Connection, ask: Callable[P, T | None], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """A connector may be anybody's code: when it raises, it has not said yes."""
        try:
            return ask(*args, **kwargs)
        except Exception:  # noqa: BLE001 - what it raises is its own affair, and no answer
            self._tell("a connector raised unexpectedly", connection)
            return None

    def _tell(self, what: str, connection: Connection) -> None:
        """The exception at hand, now and then: a stranger may be the one who sets it off."""
        count = self._raised.count(f"{what} {connection.name}")
        if count is not None:
            _log.exception(what, connection=connection.name, count=count)

    def _committed(self, arrived: Arrival) -> Receipt:
        try:
            with self._tracer.span("commit", {"relay.connection": arrived.connection}, of=arrived.trace):
                receipt = self._commit(arrived)
        except StoreUnavailable:
            raise
        except Exception as error:
            # The database refused this one row: text is bounded before it gets there, so the fault is ours and the sender should keep it.
            _log.exception("the database refused a request", connection=arrived.connection, request=arrived.request_id)
            raise Problem(
                503, "It could not be stored. Send it again.", outcome="refused", retry_after=LATER
            ) from error
        _tell_ends(arrived, receipt)
        return receipt


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@contextmanager
def _readable(request: Request) -> Iterator[None]:
    try:
        yield
    except BadBody as error:
        is_form = (request.header("content-type") or "").lower().startswith(FORMS)
        hint = "; it says that it is a form: choose JSON at the sender" if is_form else ""
        raise Problem(400, f"{error}{hint}", outcome="unreadable") from None
    except RecursionError:
        raise Problem(400, "The body is nested too deep.", outcome="unreadable") from None


def _tell_ends(arrived: Arrival, receipt: Receipt) -> None:
    """Of those events that are not handed on: nobody else tells how they end."""
    for event in receipt.events:
        if event.taken != "duplicate" and not event.waits:
            event_lines.ended(
                id=event.id,
                event_id=event.event_id,
                connection=receipt.connection,
                type=event.new.type,
                trace_id=arrived.trace.trace_id,
                fate=event.new.status,
                reason="rule" if event.new.status == "ignored" else "unreadable",
                seconds=0.0,
            )


def blueprint(receiver: Receiver, log: AccessLog) -> Blueprint:
    made = Blueprint("webhooks", __name__, url_prefix="/webhooks")
    loose = {"strict_slashes": False, "merge_slashes": False, "provide_automatic_options": False}
    for rule in ("/<name>", "/<name>/<path:token>"):
        made.add_url_rule(rule, "receive", receiver.receive, methods=METHODS, **loose)
    made.before_request(log.begin)
    made.after_request(log.end)
    return made


def _unproved(wanted: str | None) -> str:
    """The same for each request without a proof: how near it came is nobody's business."""
    return "It is not signed with this connection's secret." + (f" Expected: {wanted}." if wanted else "")


def _ours(detail: str, reason: str = "") -> Problem:
    return Problem(503, detail, outcome="misconfigured", reason=reason or detail, retry_after=LATER)


def _answer(connection: Connection, receipts: Sequence[Receipt]) -> Response:
    """Of several connections' events each was stored by itself. Where one can't be, all are sent again, and the others are duplicates."""
    ids = [event.id for receipt in receipts for event in receipt.events]
    if not any(receipt.stored for receipt in receipts):
        access_log.outcome("duplicate", ids)
        return _json({"status": "duplicate", "events": ids}, 200)
    access_log.outcome("accepted", ids)
    return _json({"status": "accepted", "events": ids}, connection.connector.accepted_status)


def _nothing(connection: Connection) -> Response:
    """An empty array, which some senders use as a test."""
    access_log.outcome("empty")
    return _json({"status": "accepted", "events": []}, connection.connector.accepted_status)


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response("" if status == 204 else json.dumps(body) + "\n", status, content_type="application/json")
