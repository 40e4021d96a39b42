"""Grants are renewed by one at a time, and stored before they are used; on both databases."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from typing import Any, cast

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection as Transaction
from sqlalchemy import event as database_event
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.fakes.breaking import Crash, Moment, Tripwire
from tests.fakes.granting import BY_CLIENT, REFRESHED, TOKEN, Granter, connection, told
from tests.integration.sources.conftest import written
from worker.admin.keys import encrypt_again
from worker.errors import SourceForbidden, SourceThrottled, SourceUnavailable
from worker.keys import Keys
from worker.keys import grants as stored
from worker.keys.cipher import cipher_of
from worker.keys.grants import Grant
from worker.logs import redact
from worker.sdk.source import OAuth2
from worker.settings import Connection
from worker.sources.grants import Grants
from worker.sources.grants_answer import TokenAnswer, understood
from worker.sources.grants_endpoint import NoAnswer
from worker.sources.grants_request import TokenRequest
from worker.sources.grants_upkeep import Upkeep
from worker.sources.signer import TokenSigner
from worker.store import Store, open_store
from worker.store.db.clock import after, now
from worker.store.db.tables import grants
from worker.store.people.audit import Actor

MASTER = Fernet.generate_key().decode()
ENVIRON = {"RELAY_MASTER_KEY": MASTER, "RELAY_AVTAL_TOKEN": TOKEN}
AVTAL = connection()
BOLAG = connection(BY_CLIENT)


DAY = 86400.0


class Killed(BaseException):
    """The process ends here."""


def signer(store: Store, granter: Any, **changes: Any) -> TokenSigner:
    keys = Keys(changes.pop("environ", ENVIRON), store)
    return TokenSigner(keys, Grants(store, keys, granter, chance=lambda: 0.0, **{"pause": lambda _: None} | changes))


def granted(store: Store, granter: Granter, sign: OAuth2 = REFRESHED) -> None:
    """As `relay connections authorize` leaves it."""
    keys = Keys(ENVIRON, store)
    client = keys.fingerprint(TOKEN)
    with store.read() as conn:
        before = Grant(connection="avtal", client=client, at=now(conn))
    answer = told(200, {"access_token": "tilltrade-0", "refresh_token": granter.refresh, "expires_in": 3600})
    sealed = Grants(store, keys, granter, chance=lambda: 0.0).sealed(sign, before, client, understood(answer, "avtal"))
    with store.write() as conn:
        stored.put(conn, "avtal", sealed)


def age(store: Store, **seconds: float) -> None:
    """Columns of the grant, so many seconds from now."""
    with store.write() as conn:
        conn.execute(update(grants).values({name: after(value) for name, value in seconds.items()}))


def ended(store: Store) -> None:
    age(store, expires_at=-1, refresh_at=-900)


def access(of: TokenSigner, wanted: Connection = AVTAL, *, afresh: bool = False) -> str:
    return of.headers(wanted, afresh=afresh)["Authorization"].removeprefix("Bearer ")


def says(act: Callable[[], object], failure: type[Exception]) -> str:
    with pytest.raises(failure) as raised:
        act()
    shown = "".join(traceback.format_exception(raised.value))
    assert not any(secret in shown for secret in ("fornyelse", "tilltrade", "klienthemlighet")), shown
    return str(raised.value)


def row(store: Store) -> Any:
    with store.read() as conn:
        return conn.execute(select(grants)).one()


def test_a_grant_is_used_as_long_as_it_lasts_and_renewed_after(store: Store) -> None:
    granter = Granter()
    granted(store, granter)
    ours = signer(store, granter)
    assert (access(ours), granter.asked) == ("tilltrade-0", [])
    ended(store)
    assert access(ours) == "tilltrade-1"
    (asked,) = granter.asked
    assert asked.form == {"grant_type": "refresh_token", "refresh_token": "fornyelse-0"}
    left = row(store).expires_at - row(store).refreshed_at
    assert timedelta(seconds=3590) < left <= timedelta(seconds=3600)
    assert row(store).grant_ends_at - row(store).refreshed_at > timedelta(days=44.9)
    ended(store)
    assert access(ours) == "tilltrade-2", "with the token that the answer before held"


def test_two_at_once_ask_once_and_both_go_on(store: Store, database_url: str) -> None:
    both, entered = Barrier(2), Event()
    release = Event()

    def hold() -> None:
        entered.set()
        release.wait(20)

    granter = Granter(before=hold)
    granted(store, granter)
    ended(store)
    other = open_store(database_url)
    waits: list[float] = []

    def pause(seconds: float) -> None:
        # Whoever waits is what lets the other one be answered.
        if seconds and entered.wait(20):
            waits.append(seconds)
            release.set()

    def one(of: Store) -> str:
        ours = signer(of, granter, pause=pause)
        both.wait(20)
        return access(ours)

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(one, (store, other)))
    written()
    other.close()
    assert found == ["tilltrade-1", "tilltrade-1"]
    assert len(granter.asked) == 1
    assert waits, "one of them waited"


def test_while_another_renews_ahead_of_time_the_old_one_is_used(store: Store, database_url: str) -> None:
    granter = Granter()
    granted(store, granter)
    age(store, refresh_at=-1)
    other = open_store(database_url)
    seen: list[str] = []
    granter.before = lambda: seen.append(access(signer(other, granter)))
    assert access(signer(store, granter)) == "tilltrade-1"
    written()
    other.close()
    assert (seen, len(granter.asked)) == (["tilltrade-0"], 1)


def test_who_waits_too_long_says_so(store: Store) -> None:
    granter, clock = Granter(), iter(range(0, 1000, 5))
    granted(store, granter)
    ended(store)
    stored.take(store, "avtal", 1, row(store).client, "en-annan", 60)
    line = says(lambda: access(signer(store, granter, clock=lambda: float(next(clock)))), SourceUnavailable)
    assert line == "avtal: another process asks for a new token, and takes too long"
    assert granter.asked == []


def test_what_a_sender_refuses_is_renewed_once_by_whoever_is_first(store: Store) -> None:
    granter = Granter()
    granted(store, granter)
    first, second = signer(store, granter), signer(store, granter)
    assert access(first) == access(second) == "tilltrade-0"
    assert access(first, afresh=True) == "tilltrade-1"
    assert access(second, afresh=True) == "tilltrade-1", "it had not had that one"
    assert len(granter.asked) == 1


def test_an_answer_is_stored_before_it_is_used(store: Store) -> None:
    """The database goes away after the endpoint answered: what it answered is used once it is stored."""
    granter = Granter()
    granted(store, granter)
    ended(store)
    ours = signer(store, granter)
    gone = False

    def refuse(*_: object) -> None:
        if gone:
            raise OSError("borta")

    def go() -> None:
        nonlocal gone
        gone = True

    granter.after = go
    database_event.listen(store.engine, "before_cursor_execute", refuse)
    assert says(lambda: access(ours), SourceUnavailable) == (
        "avtal: its new token can't be stored yet, and is not used before it is"
    )
    gone = False
    assert access(ours) == "tilltrade-1"
    assert (len(granter.asked), row(store).asked_at) == (1, None)
    database_event.remove(store.engine, "before_cursor_execute", refuse)


def test_killed_between_answer_and_storing_the_grant_is_lost_and_says_why(store: Store) -> None:
    granter = Granter()
    granted(store, granter)
    ended(store)

    def kill() -> None:
        raise Killed

    granter.after = kill
    with pytest.raises(Killed):
        access(signer(store, granter))
    granter.after = lambda: None
    age(store, lease_until=-1)
    line = says(lambda: access(signer(store, granter)), SourceForbidden)
    assert line.startswith(
        "the grant of connection avtal is worth nothing any more (the token endpoint answered 400 invalid_grant;"
    )
    assert line.endswith("was lost, and may have held the token that counts): run `relay connections authorize avtal`")
    assert says(lambda: access(signer(store, granter)), SourceForbidden) == line
    assert len(granter.asked) == 2, "nobody asks in vain again"
    granted(store, granter)
    assert access(signer(store, granter)) == "tilltrade-0"


class Dying:
    """A store whose process ends before or after its n-th transaction that writes."""

    def __init__(self, store: Store, wire: Tripwire) -> None:
        self._store = store
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        after = self._wire.passes("write")
        with self._store.write() as conn:
            yield conn
        if after:
            self._wire.trip()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_wherever_a_renewing_process_is_killed_the_next_one_goes_on_or_says_what_was_lost(
    store: Store, moment: Moment
) -> None:
    """Only what was answered and not stored can be lost: the sender keeps no copy of it."""
    at, lost = 0, []
    while True:
        at += 1
        granter = Granter()
        granted(store, granter)
        ended(store)
        wire = Tripwire(at, moment)
        keys = Keys(ENVIRON, store)

        def asked(request: TokenRequest, wire: Tripwire = wire, granter: Granter = granter) -> TokenAnswer:
            after_it = wire.passes("ask")
            answer = granter(request)
            if after_it:
                wire.trip()
            return answer

        dying = Grants(cast("Store", Dying(store, wire)), keys, asked, chance=lambda: 0.0, pause=lambda _: None)
        try:
            TokenSigner(keys, dying).headers(AVTAL)
        except Crash:
            age(store, lease_until=-1)
        else:
            break
        answered, stored_now = granter.number > 0, row(store).refresh is not None and row(store).asked_at is None
        if answered and not stored_now:
            lost.append(at)
            assert "an earlier answer" in says(partial(access, signer(store, granter)), SourceForbidden)
        else:
            assert access(signer(store, granter)) == f"tilltrade-{granter.number}"
            assert len(granter.asked) <= 2
    assert at > 2
    assert len(lost) == 1


def test_killed_before_it_asked_nothing_is_lost(store: Store) -> None:
    granter = Granter()
    granted(store, granter)
    ended(store)

    def kill() -> None:
        raise Killed

    granter.before = kill
    with pytest.raises(Killed):
        access(signer(store, granter))
    granter.before = lambda: None
    age(store, lease_until=-1)
    assert access(signer(store, granter)) == "tilltrade-1"


def test_what_is_stored_meanwhile_wins_over_a_late_answer(store: Store) -> None:
    granter = Granter()
    granted(store, granter)
    ended(store)
    granter.after = lambda: granted(store, granter)
    assert access(signer(store, granter)) == "tilltrade-0"


def test_a_late_answer_counts_where_nothing_newer_is_stored(store: Store) -> None:
    """Its lease is over, and the other one was refused: what it holds is the only token that counts."""
    granter = Granter()
    granted(store, granter)
    ended(store)

    def refuse_the_other() -> None:
        granter.after = lambda: None
        age(store, lease_until=-1)
        says(lambda: access(signer(store, granter)), SourceForbidden)

    granter.after = refuse_the_other
    assert access(signer(store, granter)) == "tilltrade-1"
    ended(store)
    assert access(signer(store, granter)) == "tilltrade-2"


@pytest.mark.parametrize(
    ("answers", "failure", "line", "unsure"),
    [
        (NoAnswer("the token endpoint can't be reached", sent=False), SourceUnavailable, "the token endpoint can't be reached", False),
        (NoAnswer("the token endpoint gave no answer that can be read", sent=True), SourceUnavailable, "the token endpoint gave no answer that can be read", True),
        (told(503, {}), SourceUnavailable, "the token endpoint answered 503", True),
        (told(200, {"access_token": "a\nb"}), SourceUnavailable, "the token endpoint answered 200 without a token that can be used", True),
        (told(429, {}, retry_after="7"), SourceThrottled, "the token endpoint answered 429", False),
        (told(401, {"error": "invalid_client", "hint": "klienthemlighet"}), SourceForbidden, "the token endpoint answered 401 invalid_client: are client id and secret in its token right? (`relay keys set avtal --token`)", False),
    ],
)  # fmt: skip
def test_an_endpoint_that_fails_is_waited_for(
    store: Store, answers: Any, failure: type[Exception], line: str, unsure: object
) -> None:
    granter = Granter()
    granted(store, granter)

    def fails(_: object) -> Any:
        if isinstance(answers, Exception):
            raise answers
        return answers

    age(store, refresh_at=-1)
    with capture_logs() as logs:
        assert access(signer(store, fails)) == "tilltrade-0", "it lasts still"
    assert logs == [
        {"event": "token not renewed yet", "log_level": "warning", "connection": "avtal", "reason": f"avtal: {line}"}
    ]
    assert access(signer(store, granter)) == "tilltrade-0"
    assert granter.asked == [], "it is not asked again at once"
    ended(store)
    assert says(lambda: access(signer(store, fails)), failure) == f"avtal: {line}"
    assert (row(store).asked_at is not None) == unsure
    assert access(signer(store, granter)) == "tilltrade-1"


def test_a_grant_belongs_to_who_asked_for_it(store: Store) -> None:
    granter = Granter()
    assert says(lambda: access(signer(store, granter)), SourceForbidden) == (
        "connection avtal has no grant of its sender: run `relay connections authorize avtal`"
    )
    granted(store, granter)
    other = signer(store, granter, environ={**ENVIRON, "RELAY_AVTAL_TOKEN": "klient-2:annan"})
    assert says(lambda: access(other), SourceForbidden) == (
        "the grant of connection avtal was given to another client id or secret: run `relay connections authorize avtal`"
    )


def test_client_credentials_need_no_person(store: Store) -> None:
    granter = Granter(seconds="3600")
    ours = signer(store, granter)
    assert [access(ours, BOLAG), access(ours, BOLAG)] == ["tilltrade-1", "tilltrade-1"]
    ended(store)
    assert access(ours, BOLAG) == "tilltrade-2"
    other = signer(store, granter, environ={**ENVIRON, "RELAY_AVTAL_TOKEN": "klient-2:annan"})
    assert access(other, BOLAG) == "tilltrade-3"
    assert [request.form["grant_type"] for request in granter.asked] == ["client_credentials"] * 3


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"RELAY_MASTER_KEY": Fernet.generate_key().decode()}, "The grant of connection avtal was stored under another RELAY_MASTER_KEY: add that key, comma-separated, or set it anew"),
        ({"RELAY_MASTER_KEY": ""}, "The grant of connection avtal is stored encrypted: set RELAY_MASTER_KEY, the key it was stored under"),
        ({"RELAY_AVTAL_TOKEN": ""}, "connection avtal has no token for its sender's API: set RELAY_AVTAL_TOKEN or `relay keys set avtal --token`"),
        ({"RELAY_AVTAL_TOKEN": "klienthemlighet"}, "connection avtal: its token has to be `client id:client secret`"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_one_line(store: Store, environ: dict[str, str], line: str) -> None:
    granter = Granter()
    granted(store, granter)
    assert says(lambda: access(signer(store, granter, environ={**ENVIRON, **environ})), SourceForbidden) == line


def test_without_a_master_key_nothing_is_asked_for_that_could_not_be_stored(store: Store) -> None:
    granter = Granter()
    ours = signer(store, granter, environ={"RELAY_AVTAL_TOKEN": TOKEN})
    assert says(lambda: access(ours, BOLAG), SourceForbidden).startswith("avtal: RELAY_MASTER_KEY is not set")
    assert granter.asked == []


def test_a_new_master_key_opens_grants(store: Store) -> None:
    granter = Granter()
    granted(store, granter)
    newer = Fernet.generate_key().decode()
    both = cipher_of({"RELAY_MASTER_KEY": f"{newer},{MASTER}"})
    assert both is not None
    parts: Any = type("Parts", (), {"store": store})
    encrypt_again(parts, Actor("åsa", "command"), both)
    assert access(signer(store, granter, environ={**ENVIRON, "RELAY_MASTER_KEY": newer})) == "tilltrade-0"


def test_no_token_is_left_in_the_database_in_logs_or_in_what_is_shown(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    granter = Granter()
    granted(store, granter)
    ended(store)
    ours = signer(store, granter)
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        assert access(ours) == "tilltrade-1"
    with store.read() as conn:
        found = stored.every(conn)
    shown = f"{logs}{caplog.text}{found!r}{ours!r}{granter.asked!r}{row(store)}"
    assert not any(secret in shown for secret in ("tilltrade", "fornyelse", "klienthemlighet"))
    assert redact("tilltrade-1 fornyelse-0 fornyelse-1 klienthemlighet-å") == "*** *** *** ***", "the logs know them"


def test_what_nobody_reads_with_is_renewed_before_it_lapses(store: Store) -> None:
    """A grant of 45 days, of a connection whose webhooks hold all that they need."""
    granter = Granter()
    granted(store, granter)

    def upkeep() -> Upkeep:
        return Upkeep(Keys(ENVIRON, store), signer(store, granter))

    age(store, refreshed_at=-21 * DAY, grant_ends_at=24 * DAY, expires_at=-20 * DAY, refresh_at=-20 * DAY)
    assert not upkeep().due(AVTAL)
    age(store, refreshed_at=-23 * DAY, grant_ends_at=22 * DAY)
    assert upkeep().due(AVTAL)
    upkeep().run(AVTAL)
    assert len(granter.asked) == 1
    assert not upkeep().due(AVTAL)


def test_what_could_not_be_renewed_is_left_for_a_while_and_what_is_lost_for_ever(store: Store) -> None:
    granter = Granter()
    granted(store, granter)

    def away(_request: Any) -> Any:
        raise NoAnswer("it is away", sent=False)

    lapsing = {"refreshed_at": -40 * DAY, "grant_ends_at": 5 * DAY, "expires_at": -DAY, "refresh_at": -DAY}
    age(store, **lapsing)
    Upkeep(Keys(ENVIRON, store), signer(store, away)).run(AVTAL)
    assert not Upkeep(Keys(ENVIRON, store), signer(store, granter)).due(AVTAL)
    granter.refresh = "another one"
    age(store, **lapsing)
    lost = Upkeep(Keys(ENVIRON, store), signer(store, granter))
    assert lost.due(AVTAL)
    lost.run(AVTAL)
    assert not Upkeep(Keys(ENVIRON, store), signer(store, granter)).due(AVTAL)
