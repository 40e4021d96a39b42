"""Takes uploads: a file without a thing that it belongs to, until it is changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath

from werkzeug.datastructures import FileStorage

from web.sandbox import dates
from web.sandbox.answers import Json, Record, invalid
from web.sandbox.coercion import flag
from web.sandbox.writes import Write, create

MOST_BYTES = 25_000_000


def part(sent: FileStorage) -> Json:
    """What is known of a part of a form that is a file. Its bytes are counted and forgotten."""
    data = sent.read()
    return {
        "filename": sent.filename,
        "mimetype": sent.mimetype,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def uploaded(write: Write) -> Record:
    file = write.body.get("file")
    if not isinstance(file, dict) or not file.get("filename"):
        raise invalid("Missing required parameter: file")
    if file["size"] > MOST_BYTES:
        raise invalid("File too large")
    body = {
        "filename": file["filename"],
        "extension": PurePosixPath(file["filename"]).suffix,
        "mimetype": file["mimetype"],
        "size": file["size"],
        "uploadDate": dates.at(write.now),
        "user": {"id": write.author},
        "private": flag(write.body.get("private", "false")),
    }
    return create(replace(write, body=body, person=True))
