"""Answers GET / in two lines that tell whoever finds the address what this is."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

SAYS = (
    "This is upsales-relay: it takes webhooks and brings them into Upsales. Send them to POST /webhooks/<connection>."
)
MORE = "What it answers: /openapi.json. Whether it works: /readyz."


def blueprint() -> Blueprint:
    made = Blueprint("front_page", __name__)

    @made.get("/")
    def front_page() -> Response:
        """No version and no connection: strangers may ask, too."""
        if request.accept_mimetypes.best_match(["text/plain", "application/json"]) == "application/json":
            body = {"service": "upsales-relay", "says": SAYS, "openapi": "/openapi.json", "readiness": "/readyz"}
            return Response(json.dumps(body) + "\n", content_type="application/json", headers={"Vary": "Accept"})
        return Response(f"{SAYS}\n{MORE}\n", content_type="text/plain; charset=utf-8", headers={"Vary": "Accept"})

    return made
