"""Says what the next request for a list is, given the answer to the last one; pure.

A list without an end is noticed without remembering all of it: each page is compared with the one before, and with the page
that was the last at the latest power of two (Brent's way of finding a cycle).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from worker.errors import NotAsDeclared
from worker.sdk.event_time import instant
from worker.sdk.source import Changes, Cursor, LinkHeader, NextLink, Numbered, Offset, OnePage, Onward, where
from worker.sdk.source.dotted import at

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHORTEST_SECRET: Final = 12
"""What is shorter may stand in a token by chance."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where the next page is. `at`: its number, offset, cursor or address. `turned`: how many pages came before; `last`, `mark`: digests of two of them."""

    at: str
    turned: int = 0
    last: str = ""
    mark: str = ""

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page as it came. `asked`: its address. Header names are lower-cased."""

    asked: str
    headers: Mapping[str, str]
    json: Any
    items: Sequence[Any]


def read(text: str) -> Bookmark:
    """Raises NotAsDeclared for what this module never wrote."""
    try:
        return Bookmark(**json.loads(text))
    except (ValueError, TypeError):
        raise NotAsDeclared("the bookmark in a list of the sender's API can't be read: begin the list again") from None


def path(changes: Changes, settings: Any, since: datetime | None, bookmark: Bookmark | None) -> str:
    """Of the next page, with its query; a whole address where the sender gives that. Raises ConfigError."""
    if bookmark is not None and isinstance(changes.pages, NextLink | LinkHeader):
        return bookmark.at
    template = changes.everything if changes.path is None or (since is None and changes.everything) else changes.path
    if template is None:
        raise NotAsDeclared("the connector says neither `path` nor `everything` of its list")
    moment = instant(bookmark.at) if bookmark is not None and isinstance(changes.pages, Onward) else since
    given = {"since": changes.since(moment or EPOCH), **_counted(changes, bookmark)}
    filled = where.fill(template, settings, given, where.quoted)
    if bookmark is not None and isinstance(changes.pages, Cursor):
        return _with(filled, changes.pages.parameter, bookmark.at)
    return filled


def added(changes: Changes, settings: Any) -> Mapping[str, str]:
    """What goes into each item. Raises ConfigError."""
    return {name: where.fill(f"{{{setting}}}", settings) for name, setting in changes.adds.items()}


def following(
    changes: Changes, bookmark: Bookmark | None, answer: Answer, *, secrets: Sequence[str] = ()
) -> Bookmark | None:
    """Where the next page is; None after the last. Raises NotAsDeclared for a list that has no end.

    `secrets`: what the request was signed with. Some senders write the token into the address of the next page, and it is not kept.
    """
    place = _next(changes, bookmark, answer)
    if place is None:
        return None
    if isinstance(changes.pages, NextLink | LinkHeader):
        place = _without(place, secrets)
    turned = 1 if bookmark is None else bookmark.turned + 1
    # A number or an offset is always new: what shows that nothing moves is what came.
    told = json.dumps(answer.items, sort_keys=True) if isinstance(changes.pages, Numbered | Offset) else place
    seen = hashlib.sha256(told.encode(errors="replace")).hexdigest()[:16]
    last, mark = ("", "") if bookmark is None else (bookmark.last, bookmark.mark)
    if seen in (last, mark):
        raise NotAsDeclared(f"the list has no end: page {turned} is one that came before")
    return Bookmark(place, turned, seen, seen if turned & (turned - 1) == 0 else mark)


def _counted(changes: Changes, bookmark: Bookmark | None) -> Mapping[str, str]:
    match changes.pages:
        case Numbered(first=first):
            return {"page": str(first) if bookmark is None else bookmark.at}
        case Offset():
            return {"offset": "0" if bookmark is None else bookmark.at}
    return {}


def _next(changes: Changes, bookmark: Bookmark | None, answer: Answer) -> str | None:
    match changes.pages:
        case OnePage():
            return None
        case Numbered() | Offset() | Onward() as sized:
            return None if len(answer.items) < sized.size else _onward(changes, bookmark, answer)
        case Cursor(at=path, more=more):
            return None if more is not None and not at(answer.json, more) else _text(at(answer.json, path), path)
        case NextLink(last=last) if last is not None and at(answer.json, last):
            return None
        case NextLink(at=path):
            return _joined(answer.asked, _text(at(answer.json, path), path))
        case LinkHeader():
            return _joined(answer.asked, _linked(answer.headers.get("link", "")))


def _onward(changes: Changes, bookmark: Bookmark | None, answer: Answer) -> str | None:
    """Behind a page that is full."""
    match changes.pages:
        case Numbered(first=first):
            return str((first if bookmark is None else int(bookmark.at)) + 1)
        case Offset():
            return str((0 if bookmark is None else int(bookmark.at)) + len(answer.items))
        case _:
            return _text(at(answer.items[-1], changes.changed), changes.changed)


def _text(value: Any, path: str) -> str | None:
    if value is None or value == "" or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NotAsDeclared(f"{path} is no cursor and no address of a next page")
    return str(value)


def _joined(asked: str, link: str | None) -> str | None:
    try:
        return None if link is None else urljoin(asked, link)
    except ValueError:
        raise NotAsDeclared("the address of the next page can't be read") from None


def _linked(header: str) -> str | None:
    """RFC 8288."""
    return httpx.Response(200, headers={"link": header}).links.get("next", {}).get("url")


def _with(path: str, parameter: str, value: str) -> str:
    """The path with the parameter in its query, in place of one that is there."""
    split = urlsplit(path)
    kept = [each for each in split.query.split("&") if each and each.partition("=")[0] != quote(parameter, safe="")]
    return urlunsplit(split._replace(query="&".join([*kept, urlencode({parameter: value}, quote_via=quote, safe="")])))


def _without(address: str, secrets: Sequence[str]) -> str:
    """The address without the parameters that these texts hold."""
    split = urlsplit(address)
    told = parse_qsl(split.query, keep_blank_values=True)
    kept = [(name, value) for name, value in told if not _secret(value, secrets)]
    return address if kept == told else urlunsplit(split._replace(query=urlencode(kept)))


def _secret(value: str, secrets: Sequence[str]) -> bool:
    return len(value) >= SHORTEST_SECRET and any(value in secret for secret in secrets)
