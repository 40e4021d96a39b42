"""Writes uploads and attachments as Upsales takes them.

https://github.com/AxelOhlander/upsales-python-sdk: upsales/resources/file_upload.py, upsales/models/files.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from worker.errors import RequestGone
from worker.sync.records import Json
from worker.upsales.outcome import Upload

Contents: TypeAlias = Callable[[str], bytes | None]
"""The bytes that are kept with a reading; None where they are not kept any more."""

HIDDEN: Mapping[str, str] = {"private": "true"}
"""Of a file that belongs to nothing yet: an upload that nobody attaches is seen by nobody but the key's own user."""


def no_contents(_reading: str) -> bytes | None:
    """For a client that uploads nothing."""
    return None


def upload_of(body: Mapping[str, Json], contents: Contents) -> Upload:
    """Raises Rejected where the bytes are not kept any more."""
    content = body["content"]
    data = contents(content["reading"])
    if data is None:
        raise RequestGone(f"the file {body['name']!r} is kept no longer: replay it with --refetch")
    return Upload(body["name"], content["mediaType"], data, HIDDEN)


def told(body: Mapping[str, Json]) -> dict[str, Json]:
    """What an upload is told by in the answer."""
    return {"filename": body["name"], "size": body["content"]["size"]}


def attachment(body: Mapping[str, Json]) -> dict[str, Json]:
    """From then on those see it who see what it belongs to."""
    ids = {"entityId": "entityId", "client": "clientId"}
    sent = {ids.get(name, name): value["id"] if name in ids and value else value for name, value in body.items()}
    return {**sent, "private": 0}
