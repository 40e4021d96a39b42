"""Writes the description of the admin API: /api/v1/openapi.json.

It is open to everybody: it holds what the source holds, and a program is made from it before it has a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app
from werkzeug.routing import Rule

from web.console.describe import PREFIX, Told
from web.console.idempotency import HEADER
from web.console.kinds import KINDS, URN
from web.console.schemas import Schemas
from web.problems import CONTENT_TYPE as PROBLEM

DESCRIBED: Final = "relay-described"
"""Under this name the app has what was said of its routes."""
OPENAPI: Final = f"{PREFIX}/openapi.json"
UNASKED: Final = frozenset({"HEAD", "OPTIONS"})
ARGUMENT: Final = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
"""A converter, what it is given, and a name."""
CONVERTERS: Final[Mapping[str, Any]] = {"int": {"type": "integer", "minimum": 0}}
SAYS: Final[Mapping[int, str]] = {
    400: "A parameter is not understood; nothing was done without it",
    401: "No token, or one that lets nobody in",
    403: "Operators only",
    404: "There is no such thing",
    409: "It is not in a state for this, or the same request is being done",
    412: "Somebody was faster",
    413: "Larger than a megabyte",
    422: "A field of the body is not understood, or the Idempotency-Key was used for something else",
    428: "It is not said what was seen",
    429: "Too many wrong tokens came from this address, or too much is being done",
    503: "The database does not answer, or not in time: nothing of this is known",
}
PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"enum": ["about:blank", *(f"{URN}{kind}" for kind in KINDS)]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {name: {"type": "string"} for name in ("parameter", "pointer", "detail")},
            },
        },
    },
}


def openapi_of(described: Mapping[str, Told]) -> Blueprint:
    made = Blueprint("openapi", __name__)
    made.record(lambda state: state.app.extensions.update({DESCRIBED: described}))
    # Written once, when all routes are there.
    text = cache(lambda: json.dumps(document(current_app, described), ensure_ascii=False) + "\n")

    @made.get(OPENAPI)
    def openapi() -> Response:
        return Response(text(), content_type="application/json; charset=utf-8")

    return made


def document(app: Flask, described: Mapping[str, Told]) -> dict[str, Any]:
    """OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1.html."""
    schemas, paths = Schemas(), dict[str, dict[str, Any]]()
    for rule, method in operations(app):
        told = described.get(str(rule.endpoint))
        path = ARGUMENT.sub(r"{\3}", str(rule))
        paths.setdefault(path, {})[method.lower()] = _operation(rule, method, told or _untold(rule), schemas)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Upsales relay: admin API",
            "version": metadata.version("upsales-relay"),
            "description": "What the console shows and takes. An unknown parameter or value is refused, never left out.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "RELAY_ADMIN_TOKEN or RELAY_VIEWER_TOKEN"}
            },
            "schemas": {"Problem": PROBLEM_SCHEMA, **schemas.components},
        },
    }


def operations(app: Flask) -> Iterator[tuple[Rule, str]]:
    """All under /api/v1 but this description."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if str(rule).startswith(f"{PREFIX}/") and str(rule) != OPENAPI:
            yield from ((rule, method) for method in sorted((rule.methods or set()) - UNASKED))


def _untold(rule: Rule) -> Told:
    return Told(str(rule.endpoint).rpartition(".")[2].replace("_", " ").capitalize())


def _operation(rule: Rule, method: str, told: Told, schemas: Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": str(rule.endpoint).rpartition(".")[2],
        "summary": told.summary,
        "tags": [str(rule).removeprefix(f"{PREFIX}/").partition("/")[0]],
        "parameters": [*_arguments(rule), *told.query, *told.headers, *_headers(method, told)],
        "responses": {
            **{str(status): _answer(told, schemas) for status in (told.status, *told.also)},
            **{str(status): _problem(status) for status in _refused(rule, method, told)},
        },
    }
    if told.body is not None:
        content = {"application/json": {"schema": told.body}}
        made["requestBody"] = {"required": _needed(told.body), "content": content}
    return made


def _needed(body: Mapping[str, Any]) -> bool:
    """Whether something has to be said. `oneOf`: in each of its forms."""
    forms = body.get("oneOf", [body])
    return all(form.get("required") for form in forms)


def _arguments(rule: Rule) -> Iterator[dict[str, Any]]:
    for converter, given, name in ARGUMENT.findall(str(rule)):
        schema = CONVERTERS.get(converter, {"type": "string", "minLength": 1})
        if converter == "any":
            schema = {"enum": [each.strip(" '\"") for each in given.split(",")]}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _headers(method: str, told: Told) -> Iterator[dict[str, Any]]:
    if method == "POST":
        schema = {"type": "string", "pattern": '^("[ !#-\\[\\]-~]{1,255}"|[!#-+\\--~]{1,255})$'}
        says = "Sent again with the same key and body within 24 hours, it is not done again, and answered as before."
        yield {"name": HEADER, "in": "header", "required": told.key_needed, "schema": schema, "description": says}


def _answer(told: Told, schemas: Schemas) -> dict[str, Any]:
    schema = {"type": "string"} if told.content.startswith("text/") else schemas.of(told.answer)
    return {"description": told.says, "content": {told.content: {"schema": schema}}}


def _refused(rule: Rule, method: str, told: Told) -> list[int]:
    found = {400, 401, 403, 429, 503, *told.problems}
    if rule.arguments:
        found.add(404)
    if method != "GET":
        found |= {404, 409, 412, 413, 422}
    return sorted(found)


def _problem(status: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": SAYS.get(status, "A problem"),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        made["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer"}}}
    if status == 401:
        made["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return made
