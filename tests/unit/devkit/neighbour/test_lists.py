"""A neighbour lists what changed, in every way of cutting pages that can be declared."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.thin_sender import moment
from tests.unit.devkit.neighbour.asking import SIGNED, get, ids, neighbour
from worker.devkit.neighbour import Neighbour, moments
from worker.sdk.source import Cursor, LinkHeader, NextLink, Numbered, Offset, OnePage, Onward

ALL = ["c1", "c2", "c3", "c4", "c5"]


def _since(of: Neighbour, number: int) -> list[str]:
    return ids(get(of, "/contracts", since=moment(number).isoformat()))


def test_since_is_inclusive_and_the_newest_comes_last() -> None:
    of = neighbour()
    assert [_since(of, number) for number in (1, 4, 6)] == [ALL, ["c4", "c5"], []]
    of.things.change("contract", "c2", {}, moment(9))
    assert _since(of, 4) == ["c4", "c5", "c2"]
    of.things.remove("contract", "c4")
    assert _since(of, 4) == ["c5", "c2"]


def test_without_a_moment_everything_is_listed() -> None:
    assert ids(get(neighbour(), "/contracts", all="yes")) == ALL
    assert ids(get(neighbour(), "/contracts")) == ALL


def test_a_plus_that_was_not_encoded_is_refused() -> None:
    assert get(neighbour(), f"/contracts?since={moment(1).isoformat()}").status_code == 400


def test_numbered_pages() -> None:
    of = neighbour(Numbered(2), "/contracts?since={since}&page={page}")
    pages = [ids(get(of, "/contracts", since=moment(1).isoformat(), page=page)) for page in (1, 2, 3, 4)]
    assert pages == [["c1", "c2"], ["c3", "c4"], ["c5"], []]
    assert get(of, "/contracts", page="two").status_code == 400


def test_numbered_pages_that_begin_with_zero() -> None:
    of = neighbour(Numbered(3, first=0), "/contracts?page={page}")
    assert [ids(get(of, "/contracts", page=page)) for page in (0, 1)] == [["c1", "c2", "c3"], ["c4", "c5"]]


def test_offsets() -> None:
    of = neighbour(Offset(3), "/contracts?since={since}&skip={offset}")
    assert [ids(get(of, "/contracts", skip=start)) for start in (0, 3)] == [["c1", "c2", "c3"], ["c4", "c5"]]


def test_pages_that_go_on_by_time() -> None:
    of = neighbour(Onward(3), "/contracts?since={since}")
    assert ids(get(of, "/contracts", since=moment(1).isoformat())) == ["c1", "c2", "c3"]
    assert ids(get(of, "/contracts", since=moment(3).isoformat())) == ["c3", "c4", "c5"]


@pytest.mark.parametrize("more", [None, "paging.more"])
def test_cursors(more: str | None) -> None:
    of = neighbour(Cursor("paging.next", "after", more))
    found, query = [], {"since": moment(2).isoformat()}
    for _ in range(9):
        answer = get(of, "/contracts", SIGNED, **query)
        found.append(ids(answer))
        paging = answer.get_json().get("paging", {})
        if not paging.get("next") or (more and not paging["more"]):
            break
        query["after"] = paging["next"]
    assert found == [["c2", "c3"], ["c4", "c5"]]
    assert get(of, "/contracts", after="nonsense").status_code == 400


def test_a_cursor_that_is_the_last_items_id() -> None:
    of = neighbour(Cursor("data.contracts.-1.id", "after", "more"))
    answers = [get(of, "/contracts"), *(get(of, "/contracts", after=after) for after in ("c2", "c4"))]
    assert [ids(answer) for answer in answers] == [["c1", "c2"], ["c3", "c4"], ["c5"]]
    assert [answer.get_json()["more"] for answer in answers] == [True, True, False]
    assert get(of, "/contracts", after="c9").status_code == 400


def _followed(of: Neighbour, *, by_header: bool) -> list[list[str]]:
    found, path = [], "/contracts?since=" + moment(1).isoformat().replace("+", "%2B")
    for _ in range(9):
        answer = get(of, path)
        found.append(ids(answer))
        link = answer.headers.get("Link", "").partition(">")[0].strip("<")
        following = link if by_header else (answer.get_json().get("links") or {}).get("next", "")
        if not following:
            break
        parts = urlsplit(following)
        assert parse_qs(parts.query)["since"] == [moment(1).isoformat()]
        path = f"{parts.path}?{parts.query}"
    return found


def test_links_in_the_answer_and_in_its_header() -> None:
    pages = [["c1", "c2"], ["c3", "c4"], ["c5"]]
    assert _followed(neighbour(NextLink("links.next")), by_header=False) == pages
    assert _followed(neighbour(LinkHeader()), by_header=True) == pages


def test_a_link_behind_the_last_page_where_the_answer_says_that_it_is_the_last() -> None:
    of, path = (
        neighbour(NextLink("links.next", last="ended")),
        "/contracts?since=" + moment(1).isoformat().replace("+", "%2B"),
    )
    for ended in (False, False, True):
        answer = get(of, path).get_json()
        assert answer["ended"] is ended
        parts = urlsplit(answer["links"]["next"])
        path = f"{parts.path}?{parts.query}"


def test_an_item_has_its_id_and_time_where_the_list_has_them() -> None:
    of = neighbour(OnePage())
    of.things.put("contract", "c9", {"value": 9}, moment(9))
    item = get(of, "/contracts").get_json()["data"]["contracts"][-1]
    assert (item["id"], item["updated_at"]) == ("c9", moment(9).isoformat())


@pytest.mark.parametrize(
    ("like", "text"),
    [
        (None, "2026-03-02T08:01:00+00:00"),
        ("2020-01-01T00:00:00Z", "2026-03-02T08:01:00Z"),
        (1_600_000_000, 1_772_438_460),
        ("1600000000000", "1772438460000"),
    ],
)
def test_moments_keep_their_form(like: object, text: object) -> None:
    assert moments.written(moment(1), like) == text


def test_moments_are_compared_as_precisely_as_the_sender_writes_them() -> None:
    late = datetime(2026, 3, 2, 8, 1, 40, tzinfo=UTC)

    def minutes(at: datetime) -> str:
        return f"{at:%Y-%m-%d %H:%M}"

    def seconds(at: datetime) -> str:
        return str(int(at.timestamp()))

    assert moments.since(late, "2026-03-02 08:01", minutes)
    assert not moments.since(late, "2026-03-02 08:02", minutes)
    assert moments.since(late, "999999999", seconds)
    assert not moments.since(late, "1772438501", seconds)
