"""Turns Flask's request into ours, and a verified one into what the database stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, quote

import flask
from ulid import ULID
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from web.environ import BODY
from web.masking import Fingerprint, masked
from worker.sdk.contents import in_vain, passed_over
from worker.sdk.first_status import LONGEST_REASON
from worker.sdk.read import ReadEvent, read, storable
from worker.sdk.request import Request
from worker.settings import Connection
from worker.store.events.arrival import Arrival, new_event

DRY_RUN = "dry-run"
NO = frozenset({"0", "false", "no"})


def as_sent(request: flask.Request, token: str | None, limit: int, public_url: str | None) -> Request:
    """Senders sign the URL they know, which behind a proxy only `public_url` tells. Raises what is wrong with the body."""
    body = _body(request, limit)
    path = quote(request.path if token is None else request.path.removesuffix(token), safe="/%:@!$&'()*+,;=~")
    query = request.query_string.decode("latin-1")
    return Request(
        method=request.method,
        url=(public_url or f"{request.scheme}://{request.host}").rstrip("/")
        + path
        + ("" if token is None else quote(token, safe=""))
        + (f"?{query}" if query else ""),
        headers=tuple((name.lower(), value) for name, value in request.headers.items()),
        body=body,
        token=token,
    )


def _body(request: flask.Request, limit: int) -> bytes:
    """What the front has read; without a front, no more than `limit` bytes and one, whether or not a length was declared."""
    body = request.environ.get(BODY)
    if isinstance(body, HTTPException):
        raise body
    if not isinstance(body, bytes):
        request.max_content_length = limit + 1  # a stream that ends there is cut off silently
        body = request.get_data(cache=False)
    if len(body) > limit:
        raise RequestEntityTooLarge
    if request.content_length is not None and len(body) < request.content_length:
        raise BadRequest("The body ended before all of it had come.")
    return body


def is_dry_run(request: Request) -> bool:
    """Any value but a no asks for one, and so does `dry_run` or `dryRun`: whoever writes it there wants nothing to happen."""
    query = parse_qsl(request.url.partition("?")[2], keep_blank_values=True, errors="replace")
    asked = [value for name, value in query if _letters(name) == _letters(DRY_RUN)]
    return bool(asked) and asked[-1].strip().lower() not in NO


def _letters(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def arrival(
    request: Request,
    connection: Connection,
    secrets: Sequence[str],
    fingerprint: Fingerprint,
    readings: Sequence[ReadEvent] | None = None,
    *,
    request_id: str | None = None,
    positions: Sequence[int] | None = None,
    proof: str | None = None,
) -> Arrival:
    """`readings`: its events, where they were read already. `request_id`: a new one without. `positions`: of each in the request.

    `proof`: what its signature covers, where its sender's may cover one thing or another. Raises BadBody.
    """
    connector = connection.connector
    if readings is None:
        readings = read(connector, request)
    stored = masked(request, connector, secrets, fingerprint)
    values = storable([value for _, value in stored.headers])
    return Arrival(
        request_id=request_id or str(ULID()),
        connection=connection.name,
        method=stored.method,
        url=storable(stored.url),
        headers=tuple((name, value) for (name, _), value in zip(stored.headers, values, strict=True)),
        body=stored.body,
        events=tuple(
            replace(new_event(connector, reading, note_of(connection, reading, proof)), position=place)
            for reading, place in zip(readings, positions or (None,) * len(readings), strict=True)
        ),
    )


def note_of(connection: Connection, reading: ReadEvent, proof: str | None = None) -> str | None:
    """What of an event does not count as it was told, and what was proved of it."""
    connector, settings = connection.connector, connection.settings
    parts = (proof, reading.note, passed_over(connector, settings, reading), in_vain(connector, reading))
    told = "; ".join(filter(None, parts))
    return storable(told)[:LONGEST_REASON] or None
