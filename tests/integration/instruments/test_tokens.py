"""When tokens end, and which are missing, is told everywhere alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from tests.fakes.granting import REFRESHED, TOKEN, Granter, connection
from tests.integration.sources.test_grants import ENVIRON, granted
from worker.admin.credentials import Credentials, credentials
from worker.alerts.facts import Look
from worker.cli.doctor.stored import sealed
from worker.instruments.measure import Measure
from worker.instruments.misconfigured import misconfigured
from worker.instruments.tokens import ends, known_ends, lacking, report
from worker.keys import Keys, stored
from worker.keys.cipher import cipher_of, new_master_key
from worker.sdk.source import bearer
from worker.settings import Connection, Settings
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import grants

KEYED = {**ENVIRON, "RELAY_AVTAL_API_KEY": "nyckel", "RELAY_AVTAL_SECRET": "hemlighet"}
WITHOUT = {name: value for name, value in KEYED.items() if name != "RELAY_AVTAL_TOKEN"}
NONE = "it has no token for its sender's API: set RELAY_AVTAL_TOKEN or `relay keys set avtal --token`"


def settings(of: Connection) -> Settings:
    return Settings(connections={"avtal": of})


@pytest.mark.parametrize(
    ("environ", "of", "line"),
    [
        (WITHOUT, connection(bearer()), NONE),
        (WITHOUT, connection(bearer(), unread=True), None),
        ({**KEYED, "RELAY_AVTAL_TOKEN": " token \n"}, connection(bearer()), None),
        ({**KEYED, "RELAY_AVTAL_TOKEN": "tok\ten"}, connection(bearer(), unread=True), "its token has a control character in it; copy the token alone"),
        (KEYED, connection(), "connection avtal has no grant of its sender: run `relay connections authorize avtal`"),
        (WITHOUT, replace(connection(), connector=replace(connection().connector, source=None)), None),
    ],
)  # fmt: skip
def test_a_missing_token_is_one_line(
    sqlite_store: Store, environ: dict[str, str], of: Connection, line: str | None
) -> None:
    keys = Keys(environ, sqlite_store)
    assert lacking(of, keys) == line
    assert misconfigured(settings(of), keys).get("avtal") == line
    with capture_logs() as logs:
        report(settings(of), keys)
    assert [(each["event"], each["reason"]) for each in logs] == ([("sender can't be read", line)] if line else [])


def test_a_grant_and_its_end_are_known(store: Store) -> None:
    granted(store, Granter())
    of, keys = connection(), Keys(KEYED, store)
    assert lacking(of, keys) is None
    found = ends(of, keys)
    with store.read() as conn:
        at = now(conn)
    assert found is not None
    assert timedelta(days=44.9) < found.at - at <= timedelta(days=45)
    assert found.cure == "`relay connections authorize avtal`"
    other = Keys({**KEYED, "RELAY_AVTAL_TOKEN": "klient-2:annan"}, store)
    assert str(lacking(of, other)).startswith("the grant of connection avtal was given to another client id or secret")


def test_a_grant_that_can_not_be_renewed_ends_with_its_access_token(store: Store) -> None:
    granted(store, Granter())
    with store.write() as conn:
        conn.execute(update(grants).values(refresh=None))
        at = now(conn)
    found = ends(connection(), Keys(KEYED, store))
    assert found is not None
    assert timedelta(minutes=59) < found.at - at <= timedelta(hours=1)


def test_the_console_shows_a_token_by_its_fingerprint(sqlite_store: Store) -> None:
    def told(of: Connection, environ: dict[str, str]) -> Credentials:
        parts: Any = SimpleNamespace(store=sqlite_store, keys=Keys(environ, sqlite_store))
        found = credentials(parts, of).value
        assert found is not None
        return found

    granted(sqlite_store, Granter())
    found = told(connection(), KEYED)
    assert found.token is not None
    assert (found.token.source, found.token.variable) == ("environment", "RELAY_AVTAL_TOKEN")
    assert (found.token.fingerprint, found.token_problem) == (Keys(KEYED, sqlite_store).fingerprint(TOKEN), None)
    assert found.token_ends is not None
    assert "klienthemlighet" not in repr(found)
    without = told(connection(bearer()), WITHOUT)
    assert (without.reads, without.token, without.token_problem) == (True, None, NONE)


def test_the_end_that_a_person_told_is_a_metric_and_an_alert(store: Store) -> None:
    keys, of = Keys(WITHOUT, store), settings(connection(bearer()))
    fingerprint, ciphertext = keys.fingerprint("t"), keys.encrypted("t")
    with store.write() as conn:
        at = now(conn)
        stored.keep(conn, "avtal", "token", fingerprint, ciphertext, ends=at + timedelta(days=2, minutes=1))
    (token,) = [each.token for each in Look(store, of, keys, lambda: True).facts().connections]
    assert token is not None
    assert 2 * 86400 < token.left < 2 * 86400 + 61
    assert token.cure == "make a new one at the sender, then `relay keys set avtal --token`"
    samples = [sample for family in Measure(store, of, keys, None).families() for sample in family.samples]
    (told,) = [sample for sample in samples if sample.name == "relay_token_ends_timestamp_seconds"]
    assert (told.labels, datetime.fromtimestamp(told.value, at.tzinfo)) == (
        {"connection": "avtal"},
        at + timedelta(days=2, minutes=1),
    )


def test_of_a_token_that_nobody_told_the_end_is_unknown(sqlite_store: Store) -> None:
    assert known_ends(settings(connection(bearer())), Keys(KEYED, sqlite_store)) == {}


def test_the_doctor_names_a_grant_that_the_master_key_does_not_open(sqlite_store: Store) -> None:
    granted(sqlite_store, Granter(), REFRESHED)
    assert sealed(sqlite_store, cipher_of(ENVIRON)) is None
    wrong = sealed(sqlite_store, cipher_of({"RELAY_MASTER_KEY": new_master_key()}))
    assert wrong is not None
    assert "(avtal)" in wrong
    assert TOKEN not in wrong
