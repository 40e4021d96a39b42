"""Declares GetAccept's own API: documents, those that are signed, and their files.

https://app.getaccept.com/api
"""

from __future__ import annotations

from typing import Any

from schemas import getaccept
from worker.sdk.mapping.signed import SIGNED_PDF
from worker.sdk.source import Changes, Kind, OAuth2, Occurred, Offset, Source

PAGE = 100
GRANTS = "https://app.getaccept.com/oauth2"


def signed(document: Any) -> Occurred | None:
    """A list tells less than the document, which is read. Nothing there says when it was signed."""
    if not isinstance(document, dict) or not document.get("id"):
        return None
    payload = {"event": "document.signed", "subscription_id": "list", "document": {"id": document["id"]}}
    return Occurred("document.signed", payload)


SOURCE = Source(
    url="https://api.getaccept.com/v1",
    sign=OAuth2(
        token_url=f"{GRANTS}/token",
        authorize_url=f"{GRANTS}/authorize",
        grant="refresh_token",
        scopes=("basic",),
        client="body",
        plain=True,
    ),
    kinds={
        "document": Kind(
            schema=getaccept.Document,
            get="/documents/{id}",
            secret_fields=("document_url", "download_url", "preview_url"),
            changes=Changes(
                everything=f"/documents?filter=signed&sort_by=created&sort_order=desc&showall=true&limit={PAGE}&offset={{offset}}",
                changed="created_at",
                event=signed,
                pages=Offset(PAGE),
                whole=False,
            ),
        ),
        SIGNED_PDF: Kind(file=True, get="/documents/{id}/download"),
    },
    unread=True,
)
