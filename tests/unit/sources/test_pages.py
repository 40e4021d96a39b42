"""Pages of lists are turned to their end, and to no other place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ConfigError, NotAsDeclared
from worker.sdk.source import Changes, Cursor, LinkHeader, NextLink, Numbered, Offset, OnePage, Onward, Pages
from worker.sources import pages
from worker.sources.pages import Answer, Bookmark

ROOT = "https://api.example.com"
SINCE = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
MOST = 100
"""Pages that a test turns before it says that there is no end."""


def changes(path: str, pages: Pages, **more: Any) -> Changes:
    return Changes(path=path, changed="updated", event=lambda _: None, items="items", pages=pages, **more)


@dataclass(frozen=True)
class Api:
    """A list of a sender, cut into pages as one way says. `answer`: of a query, its items and what is beside them."""

    changes: Changes
    answer: Callable[[dict[str, str], Sequence[Any]], tuple[Sequence[Any], dict[str, Any], dict[str, str]]]


def numbered(size: int, first: int) -> Api:
    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        begin = (int(query["page"]) - first) * size
        return all_items[begin : begin + size], {}, {}

    return Api(changes("/things?page={page}&per_page=50", Numbered(size, first)), answer)


def offset(size: int, _first: int) -> Api:
    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        begin = int(query["skip"])
        return all_items[begin : begin + size], {}, {}

    return Api(changes("/things?skip={offset}", Offset(size)), answer)


def _from(query: dict[str, str], size: int, all_items: Sequence[Any]) -> tuple[Sequence[Any], int | None]:
    begin = int(query.get("after", "0"))
    end = begin + size
    return all_items[begin:end], end if end < len(all_items) else None


def cursor(size: int, _first: int) -> Api:
    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        found, following = _from(query, size, all_items)
        return found, {"meta": {"next": following}}, {}

    return Api(changes("/things?sort=id", Cursor("meta.next", "after")), answer)


def last_id(size: int, _first: int) -> Api:
    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        begin = all_items.index({"id": int(query["after"])}) + 1 if "after" in query else 0
        return all_items[begin : begin + size], {"has_more": begin + size < len(all_items)}, {}

    return Api(changes("/things", Cursor("items.-1.id", "after", more="has_more")), answer)


def next_link(size: int, _first: int) -> Api:
    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        found, following = _from(query, size, all_items)
        return found, {"next": None if following is None else f"{ROOT}/things?after={following}"}, {}

    return Api(changes("/things", NextLink("next")), answer)


def next_link_after_the_last(size: int, _first: int) -> Api:
    """As Zendesk's incremental exports: the last page names a next one, too."""

    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        found, following = _from(query, size, all_items)
        return found, {"next": f"{ROOT}/things?after={following or 'end'}", "ended": following is None}, {}

    return Api(changes("/things", NextLink("next", last="ended")), answer)


def link_header(size: int, _first: int) -> Api:
    def answer(query: dict[str, str], all_items: Sequence[Any]) -> Any:
        found, following = _from(query, size, all_items)
        links = [f'<{ROOT}/things?after=0>; rel="first"']
        links += [] if following is None else [f'</things?after={following}>; rel="next"']
        return found, {}, {"link": ", ".join(links)}

    return Api(changes("/things", LinkHeader()), answer)


def one_page(_size: int, _first: int) -> Api:
    return Api(changes("/things", OnePage()), lambda _query, all_items: (all_items, {}, {}))


WAYS = (numbered, offset, cursor, last_id, next_link, next_link_after_the_last, link_header, one_page)


def turned(api: Api, all_items: Sequence[Any], since: datetime | None = SINCE) -> Iterator[Sequence[Any]]:
    bookmark: Bookmark | None = None
    for _ in range(MOST):
        path = pages.path(api.changes, None, since, bookmark)
        query = {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
        items, beside, headers = api.answer(query, all_items)
        yield items
        asked = path if path.startswith("https:") else ROOT + path
        answer = Answer(asked=asked, headers=headers, json={"items": list(items), **beside}, items=items)
        following = pages.following(api.changes, bookmark, answer)
        if following is None:
            return
        bookmark = pages.read(str(following))
    raise AssertionError("no end")


@pytest.mark.parametrize("way", WAYS)
@given(number=st.integers(0, 30), size=st.integers(1, 12), first=st.integers(0, 1))
def test_every_item_is_seen_once(way: Callable[[int, int], Api], number: int, size: int, first: int) -> None:
    all_items = [{"id": each} for each in range(1, number + 1)]
    found = list(turned(way(size, first), all_items))
    assert [item for page in found for item in page] == all_items
    assert len(found) <= number // size + 1


class TestAListWithoutAnEnd:
    @given(before=st.integers(0, 20), around=st.integers(1, 20))
    def test_cursors_that_come_round_are_noticed(self, before: int, around: int) -> None:
        def answer(query: dict[str, str], _items: Sequence[Any]) -> Any:
            step = int(query.get("after", "0"))
            following = step + 1 if step + 1 < before + around else before
            return [{"id": 1}], {"meta": {"next": following}}, {}

        api = Api(changes("/things", Cursor("meta.next", "after")), answer)
        with pytest.raises(NotAsDeclared, match=r"the list has no end: page [0-9]+ is one that came before"):
            list(turned(api, []))

    @pytest.mark.parametrize("way", [Numbered(2), Offset(2)])
    def test_a_sender_that_takes_no_notice_of_the_page_is_noticed(self, way: Pages) -> None:
        api = Api(
            changes("/things?p={page}&o={offset}".replace("{page}" if way == Offset(2) else "{offset}", "0"), way),
            lambda _q, _i: ([{"id": 1}, {"id": 2}], {}, {}),
        )
        with pytest.raises(NotAsDeclared, match="the list has no end: page 2"):
            list(turned(api, []))


class TestAnAddress:
    def test_holds_the_moment_as_the_sender_wants_it(self) -> None:
        assert (
            pages.path(changes("/t?since={since}", OnePage()), None, SINCE, None)
            == "/t?since=2026-11-30T12%3A00%3A00%2B00%3A00"
        )
        by_seconds = changes("/t?since={since}", OnePage(), since=lambda at: str(int(at.timestamp())))
        assert pages.path(by_seconds, None, SINCE, None) == "/t?since=1796040000"

    def test_of_everything_has_none(self) -> None:
        both = changes("/t?since={since}", OnePage(), everything="/t/all")
        assert pages.path(both, None, None, None) == "/t/all"
        assert pages.path(both, None, SINCE, None) == "/t?since=2026-11-30T12%3A00%3A00%2B00%3A00"
        assert (
            pages.path(changes("/t?since={since}", OnePage()), None, None, None)
            == "/t?since=1970-01-01T00%3A00%3A00%2B00%3A00"
        )

    def test_holds_settings(self) -> None:
        @dataclass(frozen=True)
        class Settings:
            page_id: str | None = "a/b"

        assert pages.path(changes("/{page_id}/leads", OnePage()), Settings(), SINCE, None) == "/a%2Fb/leads"
        with pytest.raises(ConfigError, match="without the setting page_id, which is not set"):
            pages.path(changes("/{page_id}/leads", OnePage()), Settings(None), SINCE, None)

    def test_a_cursor_takes_the_place_of_one_that_is_there(self) -> None:
        path = pages.path(changes("/t?after=first&limit=5", Cursor("next", "after")), None, SINCE, Bookmark("a&b=c"))
        assert path == "/t?limit=5&after=a%26b%3Dc"

    @pytest.mark.parametrize("value", [None, "", False])
    def test_nothing_there_is_the_last(self, value: object) -> None:
        answer = Answer(asked=ROOT, headers={}, json={"next": value}, items=[{}])
        assert pages.following(changes("/t", Cursor("next", "after")), None, answer) is None

    @pytest.mark.parametrize("value", [True, {"a": 1}, ["b"], 1.5])
    def test_what_is_no_cursor_is_not_as_declared(self, value: object) -> None:
        answer = Answer(asked=ROOT, headers={}, json={"next": value}, items=[{}])
        with pytest.raises(NotAsDeclared, match="next is no cursor"):
            pages.following(changes("/t", Cursor("next", "after")), None, answer)

    def test_the_token_in_the_address_of_the_next_page_is_not_kept(self) -> None:
        link = f"{ROOT}/t?access_token=EAAG1234567890abcdef&after=12"
        answer = Answer(asked=ROOT, headers={}, json={"next": link}, items=[{}])
        found = pages.following(
            changes("/t", NextLink("next")), None, answer, secrets=["Bearer EAAG1234567890abcdef12"]
        )
        assert found is not None
        assert found.at == f"{ROOT}/t?after=12"


@pytest.mark.parametrize("text", ["", "7", "[]", "{}", '{"at":"1","more":2}', json.dumps({"turned": 1})])
def test_a_bookmark_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotAsDeclared, match="begin the list again"):
        pages.read(text)


ONWARD = changes("/things?since={since}&sort=updated", Onward(2))


def timed(*seconds: int) -> list[dict[str, str]]:
    return [{"id": str(second), "updated": f"2026-11-30T12:00:{second:02}Z"} for second in seconds]


class TestOnward:
    """The next page begins at the time of the last item."""

    def test_a_full_page_leads_to_its_last_time_and_another_one_to_nothing(self) -> None:
        full = pages.following(ONWARD, None, Answer(asked=ROOT, headers={}, json={}, items=timed(1, 7)))
        assert full is not None
        assert pages.path(ONWARD, None, SINCE, full) == "/things?since=2026-11-30T12%3A00%3A07%2B00%3A00&sort=updated"
        assert pages.following(ONWARD, full, Answer(asked=ROOT, headers={}, json={}, items=timed(7))) is None

    def test_more_of_one_moment_than_a_page_holds_is_no_list_that_ends(self) -> None:
        first = pages.following(ONWARD, None, Answer(asked=ROOT, headers={}, json={}, items=timed(1, 7)))
        with pytest.raises(NotAsDeclared, match="no end"):
            pages.following(ONWARD, first, Answer(asked=ROOT, headers={}, json={}, items=timed(7, 7)))


def test_a_list_of_everything_needs_no_moment() -> None:
    everything = Changes(everything="/things?limit=100", changed="updated", event=lambda _: None)
    assert pages.path(everything, None, None, None) == "/things?limit=100"
    assert pages.path(everything, None, SINCE, None) == "/things?limit=100"


def test_a_setting_that_goes_into_each_item_must_be_set() -> None:
    adding = changes("/things?since={since}", OnePage(), adds={"form_id": "form"})
    assert pages.added(adding, SimpleNamespace(form="lT4")) == {"form_id": "lT4"}
    with pytest.raises(ConfigError, match="form"):
        pages.added(adding, SimpleNamespace(form=None))


def test_what_lists_no_changes_tells_everything_whatever_the_moment() -> None:
    listed = Changes(everything="/things?sort=id", changed="updated", event=lambda _: None)
    assert [pages.path(listed, None, since, None) for since in (None, SINCE)] == ["/things?sort=id"] * 2
    with pytest.raises(NotAsDeclared, match="neither"):
        pages.path(Changes(changed="updated", event=lambda _: None), None, SINCE, None)
