"""Holds each answer of the admin API to what its description says: in every test that asks it."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from web.console.openapi import ARGUMENT, DESCRIBED, document

UNSAID = (304, 405, 500)
"""What any server may answer."""


def unlike(app: Flask, answer: TestResponse) -> str | None:
    """What the answer has that is not described; None also for a route that says nothing of itself."""
    asked = answer.request
    try:
        rule, _ = app.url_map.bind("localhost").match(asked.path, asked.method, return_rule=True)
    except HTTPException:
        return None
    if rule.endpoint not in app.extensions[DESCRIBED] or answer.status_code in UNSAID:
        return None
    told = _described(app)
    operation = told["paths"][ARGUMENT.sub(r"{\3}", str(rule))][asked.method.lower()]
    response = operation["responses"].get(str(answer.status_code))
    if response is None:
        return f"{answer.status_code} of {asked.method} {rule} is not described: {answer.text[:300]}"
    content = response.get("content", {}).get(answer.mimetype)
    if content is None and answer.data:
        return f"{answer.mimetype} of {asked.method} {rule} is not described"
    if content is None or "json" not in str(answer.mimetype):
        return None
    checked = Draft202012Validator({**content["schema"], "components": told["components"]})
    found = [f"{error.json_path}: {error.message[:300]}" for error in checked.iter_errors(answer.get_json())]
    return f"{asked.method} {rule}: {'; '.join(found)}" if found else None


@cache
def _described(app: Flask) -> dict[str, Any]:
    return document(app, app.extensions[DESCRIBED])
