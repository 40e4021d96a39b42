"""What the doctor makes of what Upsales said; a full window and an address nobody answers at are no wrong account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.cli.doctor.known import NOW, account, asked, connection, facts
from worker.cli.doctor.command import judged
from worker.cli.doctor.facts import Asked, Item, Part, Place
from worker.errors import Busy, Refused, Rejected, RelayError, Throttled, Unauthorized, Unavailable
from worker.keys.fingerprints import Source
from worker.store import StoreUnavailable
from worker.upsales.accounts import WrongAccount

AT = "https://upsales.example/api/v2 (UPSALES_BASE_URL)"
REFUSED = Unavailable("GET /self was not sent: Connection refused")


def said(*found: Asked | None, **changes: Any) -> dict[str, tuple[str, str]]:
    names = [connection(name, asked=each) for name, each in zip(("butik", "kassa"), found, strict=False)]
    return {
        each.what: (each.level, each.says)
        for each in judged(facts(connections=names, **changes))
        if each.level != "fine"
    }


def failed(failure: RelayError) -> Asked:
    return Asked(failure=failure, done=True)


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Unauthorized("Upsales does not accept the API key"), "Upsales does not accept the API key; make one in Upsales, then `relay keys set butik`"),
        (WrongAccount("the key belongs to account 2"), "the key belongs to account 2"),
        (Refused("Upsales does not know GET /self"), f"Upsales does not know GET /self; it was asked at {AT}"),
    ],
)  # fmt: skip
def test_what_speaks_against_the_key_is_wrong(failure: RelayError, says: str) -> None:
    level, found = said(failed(failure), asked())["butik: account"]
    assert (level, found.startswith(says)) == ("wrong", True), found


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("stored", "`relay keys set butik`"),
        ("file", "put it into the file that RELAY_BUTIK_API_KEY_FILE names: it is read within a second"),
        ("environment", "put it into RELAY_BUTIK_API_KEY and restart the workers"),
    ],
)
def test_a_new_key_goes_where_the_old_one_comes_from(source: Source, remedy: str) -> None:
    """What is set in the environment comes before what is stored: `relay keys set` would refuse."""
    refused = connection(asked=failed(Unauthorized("Upsales does not accept the API key")), key_source=source)
    found = {each.what: each.says for each in judged(facts(connections=[refused]))}
    assert found["butik: account"] == f"Upsales does not accept the API key; make one in Upsales, then {remedy}"


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Throttled("Upsales throttles GET /self", seconds=9), "Upsales throttles GET /self; ask again in 9 s"),
        (Busy("Upsales does not answer this connection", seconds=30), "Upsales does not answer this connection; ask again in 30 s"),
        (StoreUnavailable("The database is busy"), "The database is busy"),
        (REFUSED, "GET /self was not sent: Connection refused"),
    ],
)  # fmt: skip
def test_what_says_nothing_of_the_key_leaves_it_open(failure: RelayError, says: str) -> None:
    assert said(failed(failure), asked())["butik: account"] == ("look", f"not checked: {says}")


def test_an_answer_that_is_not_waited_for_leaves_it_open() -> None:
    found = said(Asked())
    assert found["butik: account"] == ("look", f"not checked: Upsales took too long to answer at {AT}")
    assert found["Upsales"][0] == "wrong"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, f"it can't be reached at {AT}: {REFUSED}; is the address right, and may this machine call out?"),
        (
            {"demo": True, "upsales": Place("http://127.0.0.1:8001/api/v2", "relay.toml line 4: [upsales] base_url")},
            f"it can't be reached at http://127.0.0.1:8001/api/v2 (relay.toml line 4: [upsales] base_url): {REFUSED}; start `relay demo`",
        ),
    ],
)
def test_an_address_that_nobody_answers_at_is_named_with_its_setting(changes: dict[str, Any], says: str) -> None:
    found = said(failed(REFUSED), failed(REFUSED), **changes)
    assert found["Upsales"] == ("wrong", says)


def test_who_answers_otherwise_than_upsales_is_told_apart() -> None:
    page = Unavailable("GET /self was answered 502 with text/html instead of JSON", status=502)
    assert said(failed(page))["Upsales"] == ("wrong", f"what answers at {AT} does not answer as Upsales does: {page}")


def test_where_only_some_get_an_answer_it_is_not_the_address() -> None:
    level, says = said(failed(REFUSED), asked())["Upsales"]
    assert (level, says.startswith("1 of 2 keys got no answer")) == ("look", True)


def test_where_nothing_could_be_asked_nothing_is_fine() -> None:
    found = said(failed(Throttled("full", seconds=9)))
    assert found["Upsales"] == ("look", f"not checked: nothing could be asked at {AT}")


def test_where_it_was_not_to_be_asked_nothing_is_said_of_it() -> None:
    assert not [each.what for each in judged(facts(connections=[connection(asked=None)])) if "account" in each.what]


@pytest.mark.parametrize(
    ("item", "level", "says"),
    [
        (Item("custom field X of account", "missing: …", missing=True), "look", "missing: …"),
        (Item("stage = Ofert", failure=Rejected("Upsales has no stage 'Ofert'")), "wrong", "Upsales has no stage 'Ofert'"),
        (Item("stage = Ofert", failure=Throttled("full", seconds=2)), "look", "not checked: full; ask again in 2 s"),
        (Item("stage = Ofert", failure=REFUSED), "look", f"not checked: {REFUSED}"),
    ],
)  # fmt: skip
def test_each_name_is_there_or_not_or_nobody_knows(item: Item, level: str, says: str) -> None:
    assert said(asked(items=[item])) == {f"butik: {item.what}": (level, says)}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"done": False}, "Upsales took too long to answer"),
        (
            {"failure": Throttled("full", seconds=2)},
            "full; ask again in 2 s",
        ),
    ],
)
def test_names_that_were_not_asked_for_are_not_left_out_silently(changes: dict[str, Any], why: str) -> None:
    assert said(asked(**changes)) == {"butik: names in the settings": ("look", f"not checked: the rest of them: {why}")}


def test_calls_that_are_not_counted_are_told() -> None:
    absent = Part(Place("", ""), "absent", "there is none")
    level, says = said(asked(counted=False), database=absent)["butik: calls"]
    assert (level, says.startswith("asked without database: no call was counted")) == ("look", True)


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [
        (6, "look", "this machine's is 6 s ahead of Upsales's: set it by NTP"),
        (-61, "wrong", "this machine's is 61 s behind Upsales's: set it by NTP"),
    ],
)
def test_a_clock_that_is_off_is_told(ahead: float, level: str, says: str) -> None:
    assert said(asked(at=NOW + timedelta(seconds=ahead))) == {"butik: clock": (level, says)}


def test_without_upsales_time_the_clock_is_not_checked() -> None:
    found = said(asked(account=account(server_date=None)))
    assert found == {"butik: clock": ("look", "not checked: Upsales told no time to compare with")}
