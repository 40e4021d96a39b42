"""Takes whatever is posted, from a sender that has no connector yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask, Request, request

from worker.devkit.capture.capture import Capture, parsed_body, telling

LARGEST = 1024 * 1024
SECRET_HEADER = re.compile(r"authorization|api-?key|token|secret|passw|^cookie$")
MASK = "***"


def receiver(keep: Callable[[Capture], None], now: Callable[[], datetime]) -> Flask:
    app = Flask("relay-capture")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST

    def receive(path: str) -> tuple[str, int]:
        del path  # whatever URL was registered with the sender
        if request.method not in ("POST", "PUT"):
            return "POST a webhook to this address.\n", 200
        try:
            keep(captured(request, now()))
        except (ValueError, RecursionError):
            return "This is neither JSON nor a form, which is what connectors can read.\n", 415
        return "", 200

    for rule, defaults in (("/", {"path": ""}), ("/<path:path>", None)):
        app.add_url_rule(rule, "receive", receive, defaults=defaults, methods=["GET", "POST", "PUT"])
    return app


def captured(received: Request, now: datetime) -> Capture:
    """Raises ValueError for a body that is neither JSON nor a form."""
    raw = received.get_data()
    body, is_form = parsed_body(raw, received.headers.get("Content-Type", ""))
    headers = without_secrets(dict(received.headers.items()))
    return Capture("captured", headers, body, now, is_form=is_form, raw=raw)


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """The word before a credential stays: it tells the scheme."""
    return {name: _shown(name, value) for name, value in telling(headers).items()}


def _shown(name: str, value: str) -> str:
    if not SECRET_HEADER.search(name.lower()):
        return value
    word, space, _ = value.partition(" ")
    return f"{word} {MASK}" if space else MASK
