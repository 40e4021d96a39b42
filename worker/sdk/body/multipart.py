"""Splits a form with parts (RFC 7578) by the boundary that its first line names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_PARTS = 1_000
LINE = b"\r\n"
BOUNDARY = re.compile(rb"--[0-9A-Za-z'()+_,./:=? -]{1,70}")
PARAMETER = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """`head`: its header lines as they came. `said`: its text; of a file, what it is called and how large it is."""

    name: str
    said: Any
    head: bytes
    content: bytes


def parts(body: bytes) -> Iterator[Part]:
    """Raises ValueError. What is in a file is left out: events are told by fields."""
    boundary = boundary_of(body)
    pieces = (LINE + body).split(LINE + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--") or len(pieces) > MOST_PARTS:
        raise ValueError("the parts of the form don't end as they begin")
    for piece in pieces[1:-1]:
        head, blank, content = piece.partition(LINE + LINE)
        if not blank:
            raise ValueError("a part of the form has no head")
        yield _part(head.removeprefix(LINE), content)


def boundary_of(body: bytes) -> bytes:
    """The first line; senders write nothing before it."""
    first = body.partition(LINE)[0]
    if not BOUNDARY.fullmatch(first):
        raise ValueError("the body begins with no boundary")
    return first


def joined(boundary: bytes, found: list[Part]) -> bytes:
    """The body of these parts again."""
    pieces = [boundary + LINE + part.head + LINE + LINE + part.content + LINE for part in found]
    return b"".join(pieces) + boundary + b"--" + LINE


def written(fields: dict[str, Any], boundary: bytes = b"--relay-case") -> bytes:
    """A body that says these texts, as a case holds them."""
    told = [(name, each) for name, value in fields.items() for each in (value if isinstance(value, list) else [value])]
    return joined(boundary, [Part(name, text, _head(name), str(text).encode()) for name, text in told])


def _head(name: str) -> bytes:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'Content-Disposition: form-data; name="{escaped}"'.encode()


def _part(head: bytes, content: bytes) -> Part:
    lines = head.decode().split("\r\n")
    told = next((line for line in lines if line.lower().startswith("content-disposition:")), "")
    given = {key.lower(): re.sub(r"\\(.)", r"\1", value) for key, value in PARAMETER.findall(told)}
    if "name" not in given:
        raise ValueError("a part of the form has no name")
    said: Any = {"filename": given["filename"], "size": len(content)} if "filename" in given else content.decode()
    return Part(given["name"], said, head, content)
