"""Cuts what a neighbour lists into pages, as its declaration says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from worker.devkit.neighbour import moments
from worker.devkit.neighbour.dotted import at, put
from worker.devkit.neighbour.things import Kept
from worker.sdk.source import Changes, Cursor, Kind, LinkHeader, NextLink, Numbered, Offset, OnePage, Onward

MARK: Final = "neighbour_page"
"""The query's parameter that says where a page begins, where the next page's address is the sender's own affair."""


class BadQuery(Exception):
    """The sender would answer 400; its text says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """`answer`: the whole JSON. `headers`: of the answer."""

    answer: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def listed(
    kind: Kind,
    changes: Changes,
    kept: Sequence[Kept],
    values: Mapping[str, str],
    query: Mapping[str, str],
    *,
    size: int,
    address: Callable[[str], str],
) -> Listed:
    """One page. `values`: of the path's places. `size`: of pages whose length only the sender knows. `address`: of a page, by its mark."""
    chosen = [_item(kind, changes, each) for each in _since(changes, kept, values.get("since"))]
    pages = changes.pages
    match pages:
        case OnePage():
            return Listed(_around(changes, chosen))
        case Onward():
            return Listed(_around(changes, chosen[: pages.size]))
        case Numbered():
            start = (_whole(values.get("page"), pages.first) - pages.first) * pages.size
            return Listed(_around(changes, chosen[start : start + pages.size]))
        case Offset():
            start = _whole(values.get("offset"), 0)
            return Listed(_around(changes, chosen[start : start + pages.size]))
        case Cursor():
            return _with_cursor(changes, pages, chosen, query, size)
        case NextLink() | LinkHeader():
            return _with_link(changes, chosen, query, size, address)


def _since(changes: Changes, kept: Sequence[Kept], asked: str | None) -> Sequence[Kept]:
    if asked is None:
        return kept
    if kept and " " in asked and " " not in changes.since(kept[-1].changed):
        raise BadQuery(f"{asked!r} is no moment: was a + sent without encoding it?")
    return [each for each in kept if moments.since(each.changed, asked, changes.since)]


def _item(kind: Kind, changes: Changes, kept: Kept) -> Any:
    """With its id and its time where the list has them, even if what `get` answers has them elsewhere."""
    item = at(kept.answer, kind.at)
    if at(item, changes.id) is None:
        item = put(item, changes.id, kept.id)
    if at(item, changes.changed) is None:
        item = put(item, changes.changed, moments.written(kept.changed, None))
    return item


def _around(changes: Changes, items: Sequence[Any]) -> Any:
    return put(None, changes.items, list(items))


def _with_cursor(changes: Changes, pages: Cursor, chosen: Sequence[Any], query: Mapping[str, str], size: int) -> Listed:
    last = f"{changes.items}.-1." if changes.items else "-1."
    if pages.at.startswith(last):
        return _after_item(changes, pages, chosen, query, size, pages.at.removeprefix(last))
    start = _mark(query.get(pages.parameter))
    is_last = start + size >= len(chosen)
    answer = _around(changes, chosen[start : start + size])
    if pages.more is not None:
        answer = put(answer, pages.more, not is_last)
    if not is_last or pages.more is not None:
        answer = put(answer, pages.at, _marked(start + size))
    return Listed(answer)


def _after_item(
    changes: Changes, pages: Cursor, chosen: Sequence[Any], query: Mapping[str, str], size: int, name: str
) -> Listed:
    """The cursor is a value of the last item: the next page begins behind the item that has it."""
    after = query.get(pages.parameter)
    places = [number for number, item in enumerate(chosen, 1) if str(at(item, name)) == after]
    if after is not None and not places:
        raise BadQuery("there is no such item")
    start = places[0] if places else 0
    answer = _around(changes, chosen[start : start + size])
    return Listed(answer if pages.more is None else put(answer, pages.more, start + size < len(chosen)))


def _with_link(
    changes: Changes, chosen: Sequence[Any], query: Mapping[str, str], size: int, address: Callable[[str], str]
) -> Listed:
    start = _mark(query.get(MARK))
    answer, is_last = _around(changes, chosen[start : start + size]), start + size >= len(chosen)
    if isinstance(changes.pages, NextLink) and changes.pages.last is not None:
        answer = put(answer, changes.pages.last, is_last)
    elif is_last:
        return Listed(answer)
    following = address(_marked(start + size))
    if isinstance(changes.pages, NextLink):
        return Listed(put(answer, changes.pages.at, following))
    return Listed(answer, {"Link": f'<{following}>; rel="next"'})


def _marked(start: int) -> str:
    """Nothing that can be counted on: a cursor is the sender's own affair."""
    return f"c{start:x}=="


def _mark(text: str | None) -> int:
    if text is None:
        return 0
    try:
        return int(text.removeprefix("c").removesuffix("=="), 16)
    except ValueError:
        raise BadQuery("there is no such page") from None


def _whole(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not text.isdecimal():
        raise BadQuery(f"{text!r} is no number of a page")
    return int(text)
