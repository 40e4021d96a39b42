"""Keys in the database: encrypted, replaced at run time, rotated; on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from threading import enumerate as threads

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, update

from worker.errors import ConfigError
from worker.keys import Keys, stored
from worker.keys.cipher import cipher_of
from worker.keys.fingerprints import Kind
from worker.store import Store, open_store
from worker.store.db.clock import after
from worker.store.db.tables import secrets

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
ENVIRON = {"RELAY_MASTER_KEY": OLD}


class Clock:
    """Monotonic, and stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def put(store: Store, connection: str, value: str, kind: Kind = "api_key", *, overlap: float = 0) -> None:
    keys = Keys(ENVIRON, store)
    stored.put(store, connection, kind, keys.fingerprint(value), keys.encrypted(value), overlap=overlap)


def test_a_new_key_works_in_running_processes_within_two_seconds(store: Store) -> None:
    clock = Clock()
    keys = Keys(ENVIRON, store, clock=clock)
    put(store, "butik", "nyckel-å")
    assert keys.api_key("butik") == "nyckel-å"
    put(store, "butik", "nyckel-ö")
    clock.now = 1.9
    assert keys.api_key("butik") == "nyckel-å"
    clock.now = 2.0
    assert keys.api_key("butik") == "nyckel-ö"


def test_nothing_of_a_secret_stands_in_the_database(store: Store) -> None:
    put(store, "butik", "nyckel-klartext")
    with store.read() as conn:
        rows = conn.execute(select(secrets)).all()
    assert len(rows) == 2  # the other one is the installation's own, for fingerprints
    assert "klartext" not in repr(rows)


def test_the_environment_comes_before_what_is_stored(store: Store) -> None:
    put(store, "butik", "lagrad")
    assert Keys({**ENVIRON, "RELAY_BUTIK_API_KEY": "från-miljön"}, store).api_key("butik") == "från-miljön"


def test_a_rotated_signing_secret_stays_valid_for_a_while(store: Store) -> None:
    put(store, "butik", "första", "secret")
    put(store, "butik", "andra", "secret", overlap=3600)
    assert Keys(ENVIRON, store).secrets("butik") == ["andra", "första"]
    with store.write() as conn:
        old = secrets.c.retired_at.is_not(None)
        conn.execute(update(secrets).where(old).values(retired_at=after(-1)))
    assert Keys(ENVIRON, store).secrets("butik") == ["andra"]


def test_a_replaced_secret_is_gone_at_once(store: Store) -> None:
    put(store, "butik", "första", "secret")
    put(store, "butik", "andra", "secret")
    assert Keys(ENVIRON, store).secrets("butik") == ["andra"]


@pytest.mark.parametrize(
    "environ", [ENVIRON, {**ENVIRON, "RELAY_NORD_API_KEY": "samma"}], ids=["both stored", "one in the environment"]
)
def test_a_stored_key_belongs_to_one_connection(store: Store, environ: Mapping[str, str]) -> None:
    if environ is ENVIRON:
        put(store, "nord", "samma")
    put(store, "syd", "samma")
    with pytest.raises(ConfigError) as raised:
        Keys(environ, store).api_key("syd")
    assert str(raised.value) == "connections nord and syd have the same API key; make one in Upsales for each"


def test_of_the_key_that_was_replaced_last_a_name_is_left(store: Store) -> None:
    keys = Keys(ENVIRON, store)
    for value in ("nyckel-ett", "nyckel-två", "nyckel-tre"):
        put(store, "butik", value)
        put(store, "butik", value)
    with store.read() as conn:
        found = stored.replaced(conn, "butik")
        rows = conn.execute(select(secrets).where(secrets.c.connection == "butik")).all()
    assert found is not None
    assert found[0] == keys.fingerprint("nyckel-två")
    assert {row.fingerprint: row.ciphertext is None for row in rows} == {
        keys.fingerprint("nyckel-två"): True,
        keys.fingerprint("nyckel-tre"): False,
    }


def test_the_master_key_is_rotated_by_encrypting_again(store: Store) -> None:
    put(store, "butik", "nyckel")
    put(store, "butik", "hemlighet", "secret")
    both = cipher_of({"RELAY_MASTER_KEY": f"{NEW},{OLD}"})
    assert both
    with store.write() as conn:
        assert stored.encrypt_again(conn, both) == 2
    keys = Keys({"RELAY_MASTER_KEY": NEW}, store)
    assert (keys.api_key("butik"), keys.secrets("butik")) == ("nyckel", ["hemlighet"])


def test_without_the_old_master_key_nothing_is_changed(store: Store) -> None:
    put(store, "butik", "nyckel")
    only_new = cipher_of({"RELAY_MASTER_KEY": NEW})
    assert only_new
    with pytest.raises(ConfigError) as raised, store.write() as conn:
        stored.encrypt_again(conn, only_new)
    assert str(raised.value) == (
        "The API key of connection butik was stored under another RELAY_MASTER_KEY: add that key, comma-separated, or set it anew"
    )
    assert Keys(ENVIRON, store).api_key("butik") == "nyckel"


def test_fingerprints_are_one_installations_own(store: Store) -> None:
    one, same = Keys({}, store), Keys(ENVIRON, store)
    assert one.fingerprint("nyckel") == same.fingerprint("nyckel") != Keys({}, None).fingerprint("nyckel")


def test_the_last_use_is_written_at_most_once_a_minute(store: Store) -> None:
    clock = Clock()
    keys = Keys({"RELAY_BUTIK_SECRET": "ett,två"}, store, clock=clock)
    one, two = keys.fingerprint("ett"), keys.fingerprint("två")
    keys.used("butik", "ett")
    _settled()
    keys.used("butik", "två")
    _settled()
    assert set(stored.last_used(store)) == {("butik", "secret", one)}
    clock.now = 60.0
    keys.used("butik", "ett")
    _settled()
    assert set(stored.last_used(store)) == {("butik", "secret", one), ("butik", "secret", two)}


def _settled() -> None:
    for thread in threads():
        if thread.name == "key usage":
            thread.join(5)


def test_while_the_database_is_away_known_keys_stay(store: Store) -> None:
    clock = Clock()
    put(store, "butik", "nyckel")
    keys = Keys(ENVIRON, store, clock=clock)
    assert keys.api_key("butik") == "nyckel"
    away = open_store("postgresql://ingen@127.0.0.1:1/relay")
    keys._store = away
    clock.now = 10.0
    assert keys.api_key("butik") == "nyckel"


def test_a_dropped_key_is_gone(store: Store) -> None:
    put(store, "butik", "nyckel")
    fingerprint = Keys(ENVIRON, store).fingerprint("nyckel")
    with store.write() as conn:
        assert stored.drop(conn, "butik", fingerprint)
        assert not stored.drop(conn, "butik", fingerprint)
    with store.read() as conn:
        count = conn.execute(select(func.count()).select_from(secrets).where(secrets.c.connection == "butik"))
        assert count.scalar_one() == 0


def test_whoever_looks_again_knows_a_new_key_at_once(store: Store) -> None:
    keys = Keys(ENVIRON, store, clock=Clock())
    put(store, "butik", "nyckel-å")
    assert keys.api_key("butik") == "nyckel-å"
    put(store, "butik", "nyckel-ö")
    keys.look_again()
    assert keys.api_key("butik") == "nyckel-ö"
