"""Answers only to names of its own: a stranger's name that leads here is a trap."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, request

from web.console.kinds import refusal
from worker.settings.console import ANY_HOST, Console


def answer_to_own_names(app: Flask, console: Console) -> None:
    """Everywhere, also where nobody signs in: what a page of another site reads under its own name, its script may read."""

    @app.before_request
    def known() -> None:
        host = request.headers.get("Host", "")
        if not answers_to(console, host):
            raise refusal(
                "another-name",
                "The console does not answer to this name. If it is one of its own, add it to RELAY_CONSOLE_HOSTS.",
            )


def answers_to(console: Console, host: str) -> bool:
    """An address is no name, and one without a dot is given by a network's own people: a probe may use both. Who sends none is no browser."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    if not host or ANY_HOST in console.hosts or name in console.hosts:
        return True
    return bool(name) and ("." not in name or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
