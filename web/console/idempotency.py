"""Does a thing once, however often it is sent.

As https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07 has it. A program sends `Idempotency-Key` with a POST, a form has a key in a hidden field. The key counts for one person and 24 hours.
Kept are only answers that say that something was done, and of them neither pages nor what holds secrets: those of routes that
end in one of SECRET, and of whoever calls `keep_nothing`. What was refused may be sent again with the same key.
"""

from __future__ import annotations

import json
import re
from typing import Final

import structlog
from flask import Blueprint, Response, g, request

from web.console.kinds import refusal
from web.console.who import person
from worker.store import Store, StoreUnavailable
from worker.store.people import answers
from worker.store.people.answers import Answer, Asked

HEADER: Final = "Idempotency-Key"
FIELD: Final = "once"
REPLAYED: Final = "Idempotent-Replayed"
KEY: Final = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x2b\x2d-\x7e]{1,255})')
"""A text as https://www.rfc-editor.org/rfc/rfc9651 writes one, without escapes; or the same without quotes, as many send it."""
SECRET: Final = ("/reveal", "/secrets", "/api-key")
LARGEST: Final = 64 * 1024

_log = structlog.get_logger()


def answer_once(blueprint: Blueprint, store: Store) -> None:
    """All POSTs of its routes. To be called when it is guarded: whose key it is has to be known."""

    @blueprint.before_request
    def begin() -> Response | None:
        key = _key() if request.method == "POST" else None
        if key is None:
            return None
        wanted = answers.asked(person().name, key, _said())
        with store.write() as conn:
            standing, found = answers.begin(conn, wanted)
        if standing == "ours":
            g.once = wanted, found
            return None
        if standing == "another":
            raise refusal("key-reused", f"This {HEADER} was used for another request. Send another key with this one.")
        if standing == "running":
            raise refusal("still-running", "The same request is being done. Ask again in a moment.", retry_after=1)
        return _again(found)

    @blueprint.after_request
    def end(response: Response) -> Response:
        begun: tuple[Asked, Answer] | None = g.pop("once", None)
        if begun is not None:
            try:
                _end(store, *begun, response)
            except StoreUnavailable as error:
                # It was done all the same. The key is free again in two minutes, and doing it twice is harmless.
                _log.warning("an answer was not kept: the database is away", error=str(error))
        return response


def keep_nothing() -> None:
    """The answer to this request holds what is to be told once."""
    g.told_once = True


def need_key() -> None:
    """For what is not harmless to do twice. Raises Problem where a program sent none."""
    if _key() is None:
        raise refusal("key-needed", f"Send {HEADER}: any text that you send with no other request, such as a UUID.")


def _end(store: Store, wanted: Asked, begun: Answer, response: Response) -> None:
    with store.write() as conn:
        if response.status_code >= 400:
            answers.drop(conn, wanted, begun.at)
        else:
            answers.keep(conn, wanted, Answer(begun.at, response.status_code, response.location, _body(response)))


def _body(response: Response) -> str | None:
    secret = g.get("told_once", False) or request.path.endswith(SECRET)
    if secret or response.mimetype != "application/json" or len(response.get_data()) > LARGEST:
        return None
    return response.get_data(as_text=True)


def _again(found: Answer) -> Response:
    if found.body is None and not (found.location and 300 <= found.status < 400):
        raise refusal(
            "answer-not-kept",
            f"It was done at {found.at:%H:%M:%S}Z. What was answered is not kept, and is not told again.",
        )
    response = Response(found.body or "", found.status, content_type="application/json; charset=utf-8")
    if found.location:
        response.headers["Location"] = found.location
    response.headers[REPLAYED] = "true"
    return response


def _key() -> str | None:
    given = request.headers.get(HEADER, request.form.get(FIELD))
    if given is None:
        return None
    found = KEY.fullmatch(given)
    if found is None:
        raise refusal("invalid-key", f"{HEADER}: at most 255 visible characters of ASCII, best in quotes.")
    return found[1] or found[2]


def _said() -> bytes:
    """All that the request says but its key, and the token of a form."""
    fields = [pair for pair in request.form.items(multi=True) if pair[0] not in (FIELD, "csrf")]
    said = json.dumps([request.method, request.full_path, fields])
    return said.encode() + request.get_data()
