"""Things and lists are read over real HTTP, and each reading is written down."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.integration.sources.conftest import Open
from tests.integration.sources.sender import NOW, Answers, Sender, Tokens, connection
from worker.errors import (
    ConfigError,
    GoneAtSource,
    NotAsDeclared,
    SourceForbidden,
    SourceThrottled,
    SourceUnavailable,
    Stopping,
    TooEarly,
)
from worker.sdk.source import Cursor
from worker.settings import Connection
from worker.sources import Sources
from worker.store import Store
from worker.store.ledger import journal, source_calls

EVENT = "01KB9ZW3J4T8Y6Q2M5N7P0R1SD"


@pytest.fixture
def counted() -> Counter[tuple[str, str]]:
    return Counter()


@pytest.fixture
def sources(open_sources: Open, counted: Counter[tuple[str, str]]) -> Sources:
    def count(name: str, what: str, n: int) -> None:
        counted[name, what] += n

    return open_sources(count=count)


def written(store: Store) -> list[tuple[str, str | None, int | None, str | None]]:
    with store.read() as conn:
        return [(each.kind, each.thing, each.status, each.code) for each in reversed(source_calls.listed(conn))]


def test_a_thing_is_read_as_it_stands_without_its_secrets(
    sources: Sources,
    sender: Sender,
    sqlite_store: Store,
    monkeypatch: pytest.MonkeyPatch,
    counted: Counter[tuple[str, str]],
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    thing = {"id": 7, "name": "Åsa\0 \ud800", "access_token": "hemlig", "party": {"access_token": "hemlig"}}
    sender.answers("/v1/contracts/7", Answers({"data": thing}, headers={"Set-Cookie": "a=b; Path=/"}))
    reader = sources.of(connection(f"{sender.url}/v1"))
    read = reader.get("contract", "7", event=EVENT)
    reader.get("contract", "7")
    assert (read.kind, read.id, read.read_at) == ("contract", "7", NOW)
    assert read.body == {"id": 7, "name": "Åsa ?", "access_token": "***", "party": {"access_token": "***"}}
    headers = sender.asked[1][1]
    assert headers["authorization"] == "Bearer hemlig-nyckel-0-avtal"
    assert headers["accept-encoding"] == "identity"
    assert "cookie" not in headers
    assert written(sqlite_store) == [("contract", "7", 200, None)] * 2
    with sqlite_store.read() as conn:
        assert [each.event for each in source_calls.listed(conn, event=[EVENT])] == [EVENT]
        assert journal.listed(conn) == []
    assert counted["avtal", "source:get:contract:done"] == 2


def test_a_list_is_read_a_page_at_a_time(sources: Sources, sender: Sender, sqlite_store: Store) -> None:
    sender.answers("/contracts?page=1", Answers({"data": [{"id": 1}, {"id": 2, "access_token": "hemlig"}]}))
    sender.answers("/contracts?page=2", Answers({"data": [{"id": 3}]}))
    reader = sources.of(connection(sender.url))
    first = reader.page("contract", NOW)
    assert first.items == [{"id": 1}, {"id": 2, "access_token": "***"}]
    second = reader.page("contract", NOW, first.bookmark)
    assert (second.items, second.bookmark) == ([{"id": 3}], None)
    assert written(sqlite_store) == [("contract", None, 200, None)] * 2


def test_an_id_stays_one_step_of_the_path(sources: Sources, sender: Sender, sqlite_store: Store) -> None:
    reader = sources.of(connection(sender.url))
    with pytest.raises(GoneAtSource):
        reader.get("contract", "7/users?x=anna@example.com")
    assert sender.paths == ["/contracts/7%2Fusers%3Fx%3Danna%40example.com"]
    assert "anna" not in str(written(sqlite_store))
    for nothing in (
        "",
        " ",
        ".",
        "..",
        "\ud800",
        "../users",
        "7/../users",
        "..\\users",
        "%2e%2e/users",
        "7%2F..%2Fusers",
    ):
        with pytest.raises(NotAsDeclared, match="its id is none"):
            reader.get("contract", nothing)


def with_cursor(listed: Connection) -> Connection:
    source = listed.connector.source
    assert source is not None
    kind = source.kinds["contract"]
    assert kind.changes is not None
    changes = replace(kind.changes, path="/contracts", pages=Cursor("next", "page"))
    told = replace(source, kinds={"contract": replace(kind, changes=changes)})
    return replace(listed, connector=replace(listed.connector, source=told))


class TestATokenThatIsNotAccepted:
    def test_is_asked_for_afresh_once(self, sources: Sources, sender: Sender, sqlite_store: Store) -> None:
        sender.answers("/contracts/7", Answers(status=401), Answers({"data": {"id": 7}}))
        assert sources.of(connection(sender.url)).get("contract", "7").body == {"id": 7}
        assert [headers["authorization"][-7:] for _, headers in sender.asked] == ["0-avtal", "1-avtal"]
        assert written(sqlite_store) == [("contract", "7", 401, "source_forbidden"), ("contract", "7", 200, None)]

    def test_is_forbidden_after_that(self, sources: Sources, sender: Sender) -> None:
        sender.answers("/contracts/7", Answers(status=401))
        with pytest.raises(SourceForbidden) as caught:
            sources.of(connection(sender.url)).get("contract", "7")
        assert caught.value.status == 401
        assert caught.value.key == "f-avtal"
        assert len(sender.asked) == 2

    def test_that_may_not_read_this_is_not_asked_for_again(
        self, sources: Sources, sender: Sender, tokens: Tokens
    ) -> None:
        sender.answers("/contracts/7", Answers(status=403))
        with pytest.raises(SourceForbidden):
            sources.of(connection(sender.url)).get("contract", "7")
        assert (len(sender.asked), tokens.afresh) == (1, 0)

    def test_stands_in_no_failure(self, sources: Sources, sender: Sender) -> None:
        sender.answers("/contracts/7", Answers(b"hemlig-nyckel-0-avtal", status=500))
        with pytest.raises(SourceUnavailable) as caught:
            sources.of(connection(sender.url)).get("contract", "7")
        assert "hemlig" not in f"{caught.value}{caught.value!r}"
        assert caught.value.__context__ is None

    def test_that_the_sender_writes_back_is_not_kept(self, sources: Sources, sender: Sender) -> None:
        """A debugging page, a proxy, or a sender that means ill."""
        told = "hemlig-nyckel-0-avtal"
        sender.answers("/contracts/7", Answers({"data": {"id": 7, "you": [f"Bearer {told}", told], told: f"x{told}y"}}))
        body = sources.of(connection(sender.url)).get("contract", "7").body
        assert body == {"id": 7, "you": ["Bearer ***", "***"], "***": "x***y"}

    def test_that_the_sender_calls_a_kind_of_contents_stands_in_no_failure(
        self, sources: Sources, sender: Sender
    ) -> None:
        sender.answers("/contracts/7", Answers(b"ja", headers={"content-type": "hemlig-nyckel-0-avtal"}))
        with pytest.raises(SourceUnavailable) as caught:
            sources.of(connection(sender.url)).get("contract", "7")
        assert "hemlig" not in str(caught.value)

    def test_that_the_sender_makes_a_page_of_is_no_bookmark(self, open_sources: Open, sender: Sender) -> None:
        listed = with_cursor(connection(sender.url))
        sender.answers("/contracts", Answers({"data": [], "next": "hemlig-nyckel-0-avtal"}))
        with pytest.raises(NotAsDeclared, match="token"):
            open_sources().of(listed).page("contract", NOW)


def test_what_is_not_complete_is_too_early_and_written_down_so(
    sources: Sources, sender: Sender, sqlite_store: Store
) -> None:
    sender.answers("/contracts/7", Answers({"data": {"id": 7, "template": 0}}))
    with pytest.raises(TooEarly):
        sources.of(connection(sender.url)).get("contract", "7")
    assert written(sqlite_store) == [("contract", "7", 200, "too_early")]


def test_what_is_nested_too_deep_is_not_as_declared(sources: Sources, sender: Sender) -> None:
    sender.answers("/contracts/7", Answers(b'{"data":' + b"[" * 900 + b"]" * 900 + b"}"))
    with pytest.raises(NotAsDeclared, match="can't be read"):
        sources.of(connection(sender.url)).get("contract", "7")


class TestRedirects:
    def test_are_followed_within_the_declared_place(
        self, sources: Sources, sender: Sender, sqlite_store: Store
    ) -> None:
        sender.answers("/contracts/7", Answers(status=302, headers={"Location": "/moved/7"}))
        sender.answers("/moved/7", Answers({"data": {"id": 7}}))
        assert sources.of(connection(sender.url)).get("contract", "7").body == {"id": 7}
        assert sender.paths == ["/contracts/7", "/moved/7"]
        assert written(sqlite_store) == [("contract", "7", 200, None)]

    @pytest.mark.parametrize("hidden", ["", "//", "http://user@"])
    def test_are_not_followed_to_another(self, sources: Sources, sender: Sender, hidden: str) -> None:
        with Sender() as other:
            target = other.url.replace("http://", hidden) if hidden else other.url
            sender.answers("/contracts/7", Answers(status=302, headers={"Location": f"{target}/contracts/7"}))
            with pytest.raises(SourceUnavailable, match="redirects to a host that the connector does not declare"):
                sources.of(connection(sender.url)).get("contract", "7")
            assert other.asked == []

    def test_end(self, sources: Sources, sender: Sender) -> None:
        sender.answers("/contracts/7", Answers(status=307, headers={"Location": "/contracts/7"}))
        with pytest.raises(SourceUnavailable, match="answered 307"):
            sources.of(connection(sender.url)).get("contract", "7")
        assert len(sender.asked) == 4


class TestBounds:
    def test_of_the_answers_size(self, sources: Sources, sender: Sender, sqlite_store: Store) -> None:
        sender.answers("/contracts/7", Answers(b"[" + b" " * 2000 + b"]"))
        with pytest.raises(NotAsDeclared, match="larger than 1000 bytes"):
            sources.of(connection(sender.url, most_bytes=1000)).get("contract", "7")
        assert written(sqlite_store) == [("contract", "7", None, "not_as_declared")]

    def test_of_the_whole_exchange(self, sources: Sources, sender: Sender) -> None:
        sender.answers("/contracts/7", Answers(status=302, headers={"Location": "/slow"}))
        sender.answers("/slow", Answers({"data": {"id": 7, "text": "x" * 500}}, drips=True))
        with pytest.raises(SourceUnavailable, match="no answer: ReadTimeout") as caught:
            sources.of(connection(sender.url, timeout=0.3)).get("contract", "7")
        assert caught.value.duration is not None
        assert caught.value.duration < 2.0

    def test_of_what_was_not_asked_for(self, sources: Sources, sender: Sender) -> None:
        sender.answers("/contracts/7", Answers(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))
        with pytest.raises(SourceUnavailable, match="it is compressed"):
            sources.of(connection(sender.url)).get("contract", "7")


class TestLimits:
    def test_what_the_sender_closes_is_closed_for_everybody(
        self, open_sources: Open, sender: Sender, sqlite_store: Store
    ) -> None:
        sender.answers("/contracts/7", Answers(status=429, headers={"Retry-After": "30"}))
        for seconds in (30.0, None):
            with pytest.raises(SourceThrottled) as caught:
                open_sources().of(connection(sender.url)).get("contract", "7")
            assert caught.value.seconds == seconds or 25 < caught.value.seconds <= 30
        assert len(sender.asked) == 1
        assert written(sqlite_store) == [("contract", "7", 429, "source_throttled")]


def test_nothing_is_begun_by_a_process_that_ends(open_sources: Open, sender: Sender) -> None:
    with pytest.raises(Stopping):
        open_sources(stopping=lambda: True).of(connection(sender.url)).get("contract", "7")
    assert sender.asked == []


def test_without_a_source_there_is_nothing_to_read(sources: Sources, sender: Sender) -> None:
    with pytest.raises(ConfigError, match="connection avtal: its sender's API can't be read without the setting shop"):
        sources.of(connection(sender.url, headers={"X-Shop": "{shop}"}))
    with pytest.raises(NotAsDeclared, match="declares no kind 'invoice'"):
        sources.of(connection(sender.url)).get("invoice", "7")
