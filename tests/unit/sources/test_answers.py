"""What a token endpoint answers is understood, and never quoted."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.granting import BY_CLIENT, REFRESHED, told
from worker.errors import Failure, SourceForbidden, SourceThrottled, SourceUnavailable
from worker.keys.grants import Grant
from worker.sources.grants_answer import Granted, GrantLost, TokenAnswer, understood
from worker.sources.grants_judge import Judgement, judge, times

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRANT = Grant(connection="avtal", client="k", at=AT, version=3, access=b"a", refresh=b"r", expires_at=AT + HOUR, refresh_at=AT + HOUR / 2)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "granted"),
    [
        ({"access_token": "a"}, Granted("a", None, None, None)),
        ({"access_token": "a", "refresh_token": "r", "expires_in": "3600"}, Granted("a", "r", 3600.0, None)),
        ({"access_token": "a", "expires_in": 0, "refresh_token_expires_in": 99.5}, Granted("a", None, None, 99.5)),
        ({"access_token": "a", "expires_in": True, "refresh_expires_in": 0, "x_refresh_token_expires_in": 8}, Granted("a", None, None, 8.0)),
        ({"access_token": "a", "expires_in": "snart"}, Granted("a", None, None, None)),
        ({"access_token": "a", "expires_in": 1e300}, Granted("a", None, None, None)),
    ],
)  # fmt: skip
def test_what_is_granted(body: dict[str, Any], granted: Granted) -> None:
    assert understood(told(200, body), "avtal") == granted


@pytest.mark.parametrize(
    ("answer", "failure", "line"),
    [
        (told(400, {"error": "invalid_grant", "error_description": "hemlig"}), GrantLost, "the token endpoint answered 400 invalid_grant"),
        (told(400, {"error": "hemlig text"}), SourceForbidden, "avtal: the token endpoint answered 400: are client id and secret in its token right? (`relay keys set avtal --token`)"),
        (told(403, {"error": ["hemlig"]}), SourceForbidden, "avtal: the token endpoint answered 403: are client id and secret in its token right? (`relay keys set avtal --token`)"),
        (told(429, {}), SourceThrottled, "avtal: the token endpoint answered 429"),
        (told(404, {}), SourceUnavailable, "avtal: the token endpoint answered 404"),
        (TokenAnswer(500, {}, b"<p>hemlig"), SourceUnavailable, "avtal: the token endpoint answered 500"),
        *(
            (TokenAnswer(200, {}, body), SourceUnavailable, "avtal: the token endpoint answered 200 without a token that can be used")
            for body in (
                b"", b"[]", b"[" * 100_000, b"\xff", b'{"access_token": ""}', b'{"access_token": 7}', b'{"access_token": "hemlig\\n"}',
                b'{"access_token": "a", "refresh_token": "hemlig\\u00e5"}', b'{"access_token": "' + b"h" * 20_000 + b'"}',
            )
        ),
    ],
)  # fmt: skip
def test_what_is_not(answer: TokenAnswer, failure: type[Exception], line: str) -> None:
    with pytest.raises(failure) as raised:
        understood(answer, "avtal")
    assert str(raised.value) == line


def test_how_long_to_wait_is_the_senders() -> None:
    for header, seconds in (("7", 7.0), ("Mon, 30 Nov 2026 12:00:00 GMT", 60.0), ("", 60.0)):
        with pytest.raises(SourceThrottled) as raised:
            understood(told(429, {}, retry_after=header), "avtal")
        assert raised.value.seconds == seconds


def test_any_answer_is_granted_or_a_failure() -> None:
    chance = random.Random(4711)
    for _ in range(300):
        answer = TokenAnswer(chance.choice((200, 400, 401, 429, 503)), {}, chance.randbytes(chance.randrange(40)))
        with pytest.raises((Failure, GrantLost)):
            understood(answer, "avtal")


@pytest.mark.parametrize(
    ("changes", "afresh", "judged"),
    [
        ({}, "", "use"),
        ({"refresh_at": AT}, "", "ahead"),
        ({"refresh_at": AT, "refresh": None}, "", "use"),
        ({"refresh_at": AT, "refused": "invalid_grant"}, "", "use"),
        ({"expires_at": None, "refresh_at": None}, "", "use"),
        ({"expires_at": AT + timedelta(seconds=10)}, "", "renew"),
        ({"expires_at": AT, "refresh": None}, "", "lost"),
        ({"expires_at": AT, "refused": "invalid_grant"}, "", "lost"),
        ({}, "afresh", "renew"),
        ({"refused": "invalid_grant"}, "afresh", "lost"),
        ({"client": "ett annat"}, "", "lost"),
        ({"version": 0}, "", "lost"),
    ],
)
def test_what_is_done_with_a_grant(changes: dict[str, Any], afresh: str, judged: Judgement) -> None:
    grant = Grant(**{name: getattr(GRANT, name) for name in Grant.__slots__} | changes)
    assert judge(grant, REFRESHED, "k", afresh=bool(afresh)) == judged
    # With its own credentials a client gets another one, whatever there is.
    by_client = {"lost": "renew"}.get(judged, judged)
    if changes.get("refresh_at") == AT:
        by_client = "ahead"
    assert judge(grant, BY_CLIENT, "k", afresh=bool(afresh)) == by_client


def test_renewals_are_spread_and_never_late() -> None:
    found = [times(REFRESHED, Granted("a", "r", 1000.0, None), AT, chance) for chance in (0.0, 1.0)]
    assert [(each.refresh_at or AT) - AT for each in found] == [timedelta(seconds=700), timedelta(seconds=900)]
    assert {each.expires_at for each in found} == {AT + timedelta(seconds=1000)}
    assert {each.grant_ends_at for each in found} == {AT + timedelta(days=45)}
    told_by_sender = times(REFRESHED, Granted("a", "r", None, 60.0), AT, 0.5)
    assert (told_by_sender.refresh_at, told_by_sender.grant_ends_at) == (
        AT + timedelta(seconds=30),
        AT + timedelta(minutes=1),
    )
    assert times(BY_CLIENT, Granted("a", None, 60.0, None), AT, 0.5).grant_ends_at is None
