"""Reads and writes captured requests: case files without an expected plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from worker.devkit import cases
from worker.devkit.capture.batches import events_in
from worker.devkit.conformance.paths import read_json
from worker.errors import ConfigError
from worker.sdk.body import document as document_of

TRANSPORT = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "from",
        "host",
        "keep-alive",
        "pragma",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "upgrade-insecure-requests",
        "via",
        "x-real-ip",
        "x-request-start",
    }
)
"""Headers that proxies and HTTP libraries add; the sender says nothing by them."""

TRANSPORT_FAMILIES = ("cf-", "sec-", "x-amzn-", "x-forwarded-", "x-datadog-", "x-b3-", "x-envoy-")


@dataclass(frozen=True, slots=True)
class Capture:
    """One request. Header names are as they came. `raw`: the very bytes of the body, where they tell more than `body`."""

    name: str
    headers: Mapping[str, str]
    body: Any
    now: datetime
    title: str = ""
    is_form: bool = False
    proof: tuple[str, ...] = ()
    raw: bytes | None = None
    url: str = ""

    @property
    def payloads(self) -> Sequence[Any]:
        """The parts of a body that holds several events: an array, or an array of that name (`events`, `entry.changes`)."""
        return events_in(self.body)


def telling(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that the sender itself chose."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in TRANSPORT and not name.lower().startswith(TRANSPORT_FAMILIES)
    }


def parsed_body(body: bytes, content_type: str) -> tuple[Any, bool]:
    """What the body holds, and whether it is a form. Raises ValueError for what no connector can read."""
    if "x-www-form-urlencoded" in content_type.lower():
        return document_of("form", body), True
    return json.loads(body), False


def read_capture(path: Path) -> Capture:
    """Raises ConfigError with one line."""
    document = read_json(path)
    if lacks := cases.lacking(document):
        raise ConfigError(f"{path} is not a captured request: {lacks}")
    headers = {str(name): str(value) for name, value in document.get("headers", {}).items()}
    body, raw = _told(path, document, headers)
    if not _holds_objects(body):
        raise ConfigError(f"{path}: the body is neither an object nor an array of objects")
    try:
        now = datetime.fromisoformat(document["now"])
    except (TypeError, ValueError):
        raise ConfigError(f"{path}: now must be when it was received: 2026-03-02T08:15:06+00:00") from None
    return Capture(
        name=_case_name(path),
        headers=telling(headers),
        body=body,
        now=now,
        title=document.get("title", ""),
        raw=raw,
        is_form=any(name.lower() == "content-type" and "form-urlencoded" in text for name, text in headers.items()),
    )


def document(capture: Capture, settings: Mapping[str, Any] | None = None, *, is_sample: bool = False) -> dict[str, Any]:
    """As a case's request.json holds it."""
    held: dict[str, Any] = {"title": capture.title} if capture.title else {}
    if is_sample:
        held["sample"] = True
    held["now"] = capture.now.isoformat()
    if settings:
        held["settings"] = dict(settings)
    if capture.headers:
        held["headers"] = dict(capture.headers)
    if capture.proof:
        held["proof"] = list(capture.proof)
    held["body"] = capture.body
    if capture.raw is not None and capture.raw != cases.sent(None, capture.body):
        held["raw"] = capture.raw.decode(errors="surrogateescape")
    return held


def text(capture: Capture, settings: Mapping[str, Any] | None = None, *, is_sample: bool = False) -> str:
    return cases.text(document(capture, settings, is_sample=is_sample))


def shared_headers(captures: Sequence[Capture]) -> list[str]:
    first, *others = (each.headers for each in captures)
    return [name for name in first if all(name.lower() in map(str.lower, other) for other in others)]


def header_of(capture: Capture, name: str) -> str:
    return next((value for each, value in capture.headers.items() if each.lower() == name.lower()), "")


def distinct(captures: Sequence[Capture]) -> Iterator[Capture]:
    """Gives each capture a name of its own."""
    taken: set[str] = set()
    for capture in captures:
        name, number = capture.name, 2
        while name in taken:
            name, number = f"{capture.name}_{number}", number + 1
        taken.add(name)
        yield replace(capture, name=name)


def _told(path: Path, document: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[Any, bytes | None]:
    """The body, and its very bytes where they were kept: as `raw`, or as a `body` that is text."""
    body = document.get("body")
    text = document.get("raw", body if isinstance(body, str) else None)
    raw = text.encode(errors="surrogateescape") if isinstance(text, str) else None
    if raw is None or isinstance(body, dict | list):
        return body, raw
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    try:
        return parsed_body(raw, content_type)[0], raw
    except ValueError:
        raise ConfigError(
            f"{path}: the body is neither JSON nor a form; a form's headers say its Content-Type"
        ) from None


def _case_name(path: Path) -> str:
    stem = path.parent.name if path.name == "request.json" else path.stem
    return "".join(char if char.isalnum() else "_" for char in stem).strip("_").lower() or "captured"


def _holds_objects(body: Any) -> bool:
    return isinstance(body, dict) or (
        isinstance(body, list) and bool(body) and all(isinstance(each, dict) for each in body)
    )
