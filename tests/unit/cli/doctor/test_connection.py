"""What the doctor says of one connection, and what it leaves open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.cli.doctor.known import NOW, SECRET, connection, facts
from worker.cli.doctor.command import judged
from worker.cli.doctor.facts import Lanes, Secret, Token, Unknown
from worker.connectors import hubspot, meta_lead_ads
from worker.instruments.standing import Silence
from worker.instruments.tokens import Ends
from worker.settings import Connection
from worker.store.lanes.accounts import UNFINISHED
from worker.store.lanes.connections import State
from worker.store.lanes.holds import Held


def said(*, public_url: Any = None, **changes: Any) -> dict[str, tuple[str, str]]:
    found = facts(connections=[connection(**changes)], public_url=public_url)
    return {each.what: (each.level, each.says) for each in judged(found) if each.level != "fine"}


OLD = Secret("111111111111", 40, used=NOW - timedelta(days=9))
NEW = Secret("222222222222", 40, used=NOW)


@pytest.mark.parametrize(
    ("changes", "what", "level", "says"),
    [
        ({"secrets": []}, "signing secret", "wrong", "missing: set RELAY_BUTIK_SECRET or `relay keys set butik --secret`; until then senders get 503"),
        ({"secrets": (), "secret_problem": "RELAY_BUTIK_SECRET_FILE: /x can't be read"}, "signing secret", "wrong", "RELAY_BUTIK_SECRET_FILE: /x can't be read; until then senders get 503"),
        ({"secrets": [Secret("f", 40, "is no base64")]}, "signing secret", "wrong", "f is no base64; until then senders that use it get 503"),
        ({"secrets": [SECRET, Secret("f", 11)]}, "signing secret", "wrong", "f has fewer than 12 characters, it can be guessed: make another"),
        ({"secrets": [NEW, OLD]}, "signing secret", "look", "2 in force, of which 111111111111 has not been used for 7 days: it can go"),
        ({"key": None, "key_problem": "connection butik has no API key"}, "API key", "wrong", "connection butik has no API key"),
        ({"answered": {"accepted": 1, "unauthorized": 17}}, "webhooks unauthorized", "look", "17 requests of the last hour got 401: signed with another secret, or not at all; others were accepted"),
        ({"answered": {"unauthorized": 1}}, "webhooks unauthorized", "wrong", "1 request of the last hour got 401: signed with another secret, or not at all, and none was accepted"),
        ({"answered": {"misconfigured": 2}}, "webhooks misconfigured", "look", "2 requests of the last hour got 503: its secret was missing or could not be used; it can be now"),
        ({"answered": {"unprocessable": 2}}, "webhooks unprocessable", "look", "2 requests of the last hour had something wrong in them"),
        ({"answered": {"unavailable": 2}}, "webhooks unavailable", "look", "2 requests of the last hour found no database that takes them"),
        ({"state": State(name="butik", state="paused", reason="fel nyckel", probe_at=NOW)}, "deliveries", "wrong", "paused: fel nyckel; `relay connections list` tells since when"),
        ({"state": State(name="butik", state="paused", reason="städning")}, "deliveries", "wrong", "paused: städning; only `relay connections resume butik` ends it"),
        ({"state": State(name="butik", state="paused", reason=UNFINISHED.format("butik"))}, "deliveries", "wrong", "paused: it is being bound to another account: if that was stopped, run `relay connections rebind butik` again"),
        ({"state": State(name="butik", broken_for=31.0)}, "deliveries", "look", "stopped: Upsales did not answer several things in a row; it is asked again in 31 s"),
        ({"lanes": Lanes(due=1, oldest=61.0)}, "deliveries", "look", "1 subject is due, the oldest event came in 61 s ago, and no worker has one"),
        ({"lanes": Lanes(dead=2)}, "dead letters", "look", "2 events were not delivered and need a person: `relay dead list --connection butik` tells why"),
        ({"lanes": Lanes(held=Held(2, 3600.0))}, "held back", "look", "a person holds 2 subjects back, the longest for 60 min: release them in the console"),
        ({"lanes": Lanes(review=1)}, "review", "look", "1 event waits for a person's decision: `relay review list --connection butik` tells why"),
        ({"silence": Silence(8 * 3600.0, 3 * 3600.0)}, "sender", "look", "silent: its last event came 8 h ago, and by its own rhythm it may be quiet for 3 h."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_finding(changes: dict[str, Any], what: str, level: str, says: str) -> None:
    found = said(**changes)
    assert list(found) == [f"butik: {what}"]
    assert (found[f"butik: {what}"][0], found[f"butik: {what}"][1].startswith(says)) == (level, True), found


@pytest.mark.parametrize(
    "changes",
    [
        {"lanes": Lanes(due=3, worked_on=1, oldest=900.0)},
        {"lanes": Lanes(due=3, oldest=59.0)},
        {"lanes": Lanes(parked=3)},
        {"silence": Silence(3600.0, 3 * 3600.0)},
        {"silence": Silence(9e6, None)},
        {"silence": Silence(None, None)},
        {"secrets": [OLD]},
    ],
    ids=["a worker has one", "not for long", "replays", "not yet", "no rhythm", "nothing ever came", "the only one"],
)
def test_what_is_no_reason_to_look(changes: dict[str, Any]) -> None:
    assert said(**changes) == {}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("secrets", "signing secret"),
        ("key", "API key"),
        ("answered", "webhooks"),
        ("state", "deliveries"),
        ("lanes", "deliveries"),
        ("silence", "sender"),
    ],
)
def test_what_could_not_be_looked_at_is_never_fine(name: str, what: str) -> None:
    found = said(**{name: Unknown("the database is away")})
    assert found == {f"butik: {what}": ("look", "not checked: the database is away")}


@pytest.mark.parametrize(
    ("changes", "level", "says"),
    [
        ({"answered": {}}, "look", "its sender signs the URL that it calls: behind a proxy set RELAY_PUBLIC_URL"),
        ({"answered": Unknown("away")}, "look", "its sender signs the URL that it calls: behind a proxy set"),
        ({"answered": {"wrong_url": 3}}, "wrong", "3 requests of the last hour had the right secret, and another URL than was signed: set RELAY_PUBLIC_URL"),
        ({"answered": {"wrong_url": 3}, "public_url": "https://a.example"}, "wrong", "3 requests of the last hour had the right secret, and another URL than was signed: set RELAY_PUBLIC_URL to what the sender calls, it is https://a.example"),
    ],
)  # fmt: skip
def test_who_signs_the_url_has_to_be_known_by_it(changes: dict[str, Any], level: str, says: str) -> None:
    found = said(connector=hubspot.connector, **changes)["butik: signed URL"]
    assert (found[0], found[1].startswith(says)) == (level, True), found


@pytest.mark.parametrize("changes", [{}, {"answered": {}, "public_url": "https://a.example"}])
def test_where_its_requests_come_in_the_url_is_right(changes: dict[str, Any]) -> None:
    assert "butik: signed URL" not in said(connector=hubspot.connector, **changes)


@pytest.mark.parametrize(
    ("token", "level", "says"),
    [
        (Token("ab12"), "fine", "fingerprint ab12; when it ends is unknown"),
        (Token(), "fine", "there is none: what its webhooks tell alone counts"),
        (Token(problem="it has no token"), "wrong", "it has no token; until then its events wait"),
        (Token("ab12", ends=Ends(NOW + timedelta(days=40), "`x`")), "fine", "fingerprint ab12; what its sender is read with ends on 2027-01-09, in 40 days"),
        (Token("ab12", ends=Ends(NOW + timedelta(days=14), "`x`")), "look", "what its sender is read with ends on 2026-12-14, in 14 days: `x`"),
        (Token("ab12", ends=Ends(NOW, "`x`")), "wrong", "what its sender is read with ended on 2026-11-30: `x`"),
        (Unknown("the database is away"), "look", "not checked: the database is away"),
    ],
)  # fmt: skip
def test_what_a_sender_is_read_with(token: Any, level: str, says: str) -> None:
    told = [
        (each.level, each.says)
        for each in judged(facts(connections=[connection(token=token), connection("kassa")]))
        if each.what.endswith(": token")
    ]
    assert told == [(level, says)]


def test_webhooks_that_found_no_secret_are_wrong_until_there_is_one() -> None:
    found = said(secrets=[], answered={"misconfigured": 2})["butik: webhooks misconfigured"]
    assert (found[0], found[1].endswith("; senders send again once it can be")) == ("wrong", True)


@pytest.mark.parametrize(("version", "levels"), [("v26.0", []), ("v22.0", ["look"])])
def test_an_old_version_of_the_senders_api_is_told(version: str, levels: list[str]) -> None:
    of = meta_lead_ads.connector
    settings = of.settings(owner="a@example.com", graph_version=version)
    found = said(connection=Connection(name="butik", connector=of, settings=settings, writes=of.writes))

    assert [level for level, _ in found.values()] == levels
    assert list(found) == ["butik: version of its sender's API"][: len(levels)]
