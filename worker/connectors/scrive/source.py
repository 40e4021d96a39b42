"""Declares Scrive's own API: documents by their ids, what changed, and the signed PDF.

https://apidocs.scrive.com
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from schemas import scrive
from worker.sdk.mapping.signed import SIGNED_PDF
from worker.sdk.source import Changes, Kind, OAuth1Plaintext, Occurred, Offset, Source

PAGE = 100
DOCUMENTS = '{"filter_by":"is_not_template"}'
SORTED = quote('[{"sort_by":"mtime","order":"descending"}]')
ALL = quote(f"[{DOCUMENTS}]")
BEGIN, END = quote(f'[{DOCUMENTS},{{"filter_by":"mtime","start_time":"'), quote('"}]')
CHANGED = f"{BEGIN}{{since}}{END}"


def told(document: Any) -> Occurred | None:
    """As the callback tells it. The list doesn't say whether it is sealed for good: one with a sealed file counts as such."""
    if not isinstance(document, dict):
        return None
    sealed = document.get("status") == "closed" and bool(document.get("sealed_file"))
    payload = {
        "document_id": document.get("id"),
        "document_signed_and_sealed": "true" if sealed else "false",
        "document_json": document,
    }
    return Occurred("sealed" if sealed else str(document.get("status")), payload)


SOURCE = Source(
    url="https://{host}/api/v2",
    sign=OAuth1Plaintext(encoded=False),
    kinds={
        "document": Kind(
            schema=scrive.Document,
            get="/documents/{id}/get",
            changed="mtime",
            secret_fields=("access_token",),
            changes=Changes(
                path=f"/documents/list?offset={{offset}}&max={PAGE}&filter={CHANGED}&sorting={SORTED}",
                everything=f"/documents/list?offset={{offset}}&max={PAGE}&filter={ALL}&sorting={SORTED}",
                items="documents",
                changed="mtime",
                event=told,
                pages=Offset(PAGE),
            ),
        ),
        # The end of the path may be any name of a file.
        SIGNED_PDF: Kind(file=True, get="/documents/{id}/files/main/signed.pdf"),
    },
    unread=True,
)
