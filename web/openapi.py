"""Serves /openapi.json, and /schemas/generic.json for senders that choose their format."""

from __future__ import annotations

import json
from functools import cache
from importlib import metadata
from typing import Any

from flask import Blueprint, Response

from web.problems import CONTENT_TYPE as PROBLEM
from worker.connectors import generic


def document() -> dict[str, Any]:
    """OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1.html."""
    return {
        "openapi": "3.1.1",
        "info": {"title": "Upsales relay", "version": metadata.version("upsales-relay")},
        "paths": {
            "/": {
                "get": _get(
                    "frontPage",
                    "What this is, in two lines",
                    {"200": {"description": "Text, or JSON by Accept", "content": _FRONT_PAGE}},
                )
            },
            "/webhooks/{connection}": _webhook("receive", _CONNECTION),
            "/webhooks/{connection}/{token}": _webhook("receiveWithToken", _CONNECTION, _TOKEN),
            "/healthz": {"get": _get("healthz", "The process is up", {"200": _text_json("Up")})},
            "/readyz": {
                "get": _get(
                    "readyz",
                    "Webhooks can be stored; without Redis they are delivered later",
                    {"200": _text_json("Ready or degraded"), "503": _text_json("Not ready: says what is missing")},
                )
            },
            "/schemas/generic.json": {
                "get": _get(
                    "genericSchema", "JSON Schema of the generic connector's events", {"200": _text_json("The schema")}
                )
            },
        },
        "components": {"schemas": {"DryRun": _DRY_RUN, "Fault": _FAULT, "Problem": _PROBLEM, "Receipt": _RECEIPT}},
    }


def blueprint() -> Blueprint:
    made = Blueprint("openapi", __name__)
    # Strangers may ask for them as often as they like: both are written once.
    openapi_text, schema_text = cache(lambda: json.dumps(document())), cache(lambda: json.dumps(generic.json_schema()))

    @made.get("/openapi.json")
    def openapi() -> Response:
        return _json(openapi_text())

    @made.get("/schemas/generic.json")
    def generic_schema() -> Response:
        return _json(schema_text())

    return made


_FRONT_PAGE = {
    "text/plain": {"schema": {"type": "string"}},
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["service", "says", "openapi", "readiness"],
            "properties": {name: {"type": "string"} for name in ("service", "says", "openapi", "readiness")},
        }
    },
}
_CONNECTION = {
    "name": "connection",
    "in": "path",
    "required": True,
    "description": "The connection's name in relay.toml.",
    "schema": {"type": "string"},
}
_TOKEN = {
    "name": "token",
    "in": "path",
    "required": True,
    "description": "The connection's secret, for senders that can't sign.",
    "schema": {"type": "string"},
}
_DRY_RUN_ASKED = {
    "name": "dry-run",
    "in": "query",
    "required": False,
    "description": "Tell what each event would do, and store nothing. Any value but 0, false and no asks for it.",
    "schema": {"type": "string"},
}
_RECEIPT = {
    "type": "object",
    "required": ["status", "events"],
    "properties": {
        "status": {"enum": ["accepted", "duplicate"]},
        "events": {"type": "array", "items": {"type": "string"}, "description": "Our ids: `relay events show <id>`."},
    },
}
_DRY_RUN = {
    "type": "object",
    "required": ["status", "events"],
    "properties": {
        "status": {"enum": ["dry-run"]},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "subject", "time", "plan", "calls", "ending"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "subject": {"type": "string"},
                    "time": {"type": "string", "format": "date-time"},
                    "note": {"type": ["string", "null"], "description": "What of it does not count as it was told."},
                    "plan": {
                        "type": "array",
                        "items": {"type": "object"},
                        "description": "What would be true after it.",
                    },
                    "calls": {
                        "type": "array",
                        "description": "In their order. A search is taken to find nothing: Upsales is not asked.",
                        "items": {
                            "type": "object",
                            "required": ["verb", "resource", "about", "body"],
                            "properties": {
                                "verb": {"enum": ["search", "read", "create", "update", "unsubscribe"]},
                                "resource": {"type": "string"},
                                "about": {"type": "string"},
                                "body": {
                                    "type": "object",
                                    "description": "Ids that only Upsales knows are named: <stage Order>.",
                                },
                            },
                        },
                    },
                    "ending": {
                        "type": ["string", "null"],
                        "description": "How it would end without taking effect; null where the calls are all.",
                    },
                },
            },
        },
    },
}
_FAULT = {
    "type": "object",
    "required": ["pointer", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "The place in the body: a JSON pointer after a #."},
        "detail": {"type": "string"},
        "meant": {"type": "string", "description": "The field or type that most likely was meant."},
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Fault"},
            "description": "With 422: each thing that is wrong, fifty at the most.",
        },
    },
}


def _webhook(operation: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "parameters": list(parameters),
        "get": _get(
            f"{operation}Handshake",
            "A sender's handshake",
            {
                "200": {"description": "What the sender asked for"},
                "404": _problem("No such connection"),
                "405": _problem("Not a handshake of this sender"),
                "503": _problem("The connection has no secret yet"),
            },
        ),
        "post": {
            "operationId": operation,
            "summary": "One webhook: answered when it is on disk",
            "parameters": [_DRY_RUN_ASKED],
            "requestBody": {"required": True, "content": {"*/*": {"schema": {}}}},
            "responses": {
                "200": {
                    "description": "Seen before, or a dry run",
                    "content": {
                        "application/json": {
                            "schema": {
                                "oneOf": [
                                    {"$ref": "#/components/schemas/Receipt"},
                                    {"$ref": "#/components/schemas/DryRun"},
                                ]
                            }
                        }
                    },
                },
                "2XX": _answer("Stored; 202 unless the sender wants another", "Receipt"),
                "400": _problem("The body can't be read"),
                "401": _problem("Not signed with the connection's secret: says where the proof is expected"),
                "404": _problem("No such connection"),
                "408": _problem("The body did not come within ten seconds"),
                "413": _problem("Larger than the connection takes"),
                "422": _problem("An event in our own format is wrong: errors names the fields. Nothing is stored"),
                "503": _problem("Not stored: send again after Retry-After seconds")
                | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
            },
        },
    }


def _get(operation: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": operation, "summary": summary, "responses": responses}


def _answer(description: str, schema: str, content_type: str = "application/json") -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": description, "content": {content_type: {"schema": reference}}}


def _problem(description: str) -> dict[str, Any]:
    return _answer(description, "Problem", PROBLEM)


def _text_json(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"type": "object"}}}}


def _json(text: str) -> Response:
    return Response(text, content_type="application/json")
