"""The doctor with half the world down: it answers soon, blames nobody who is not to blame, and says what it could not check."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.cli.context import Installation
from worker.cli.doctor.command import judged
from worker.cli.doctor.gather import Patience, gather
from worker.store.instruments import processes
from worker.store.instruments.counters import count_apart

NOWHERE = "127.0.0.1:1"


def findings(desk: Desk, *options: str, code: int) -> dict[str, tuple[str, str]]:
    done = desk("doctor", "--json", *options)
    assert done.exit_code == code, done.stdout
    return {row["what"]: (row["level"], row["says"]) for row in json.loads(done.stdout)}


def begin(room: Room, *kinds: processes.Kind, version: str = "0.1.0") -> None:
    for kind in kinds:
        processes.begin(room.store, id=f"{kind} {version}", kind=kind, host="ett", pid=7, version=version, threads=8)


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes every connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_database_that_is_away_is_not_a_missing_key(room: Room, desk: Desk) -> None:
    del desk.environ["RELAY_BUTIK_API_KEY"]
    desk.environ["DATABASE_URL"] = f"postgresql://relay:hemligt@{NOWHERE}/relay"
    found = findings(desk, code=1)
    level, says = found["database"]
    assert (level, "(from DATABASE_URL)" in says, "hemligt" in says) == ("wrong", True, False)
    assert found["butik: API key"] == (
        "look",
        "not checked: the database is away, and the environment has none: it may be stored there",
    )
    assert found["kassa: API key"][0] == "fine"
    assert found["kassa: account"][0] == "fine", "Upsales needs no database"
    assert found["kassa: calls"][1].startswith("asked without database")
    for what in ("processes", "sweep", "kassa: deliveries", "kassa: webhooks"):
        assert found[what] == ("look", "not checked: the database is away")


def test_redis_that_is_away_is_named_with_its_setting(room: Room, desk: Desk) -> None:
    desk.environ["REDIS_URL"] = f"redis://:hemligt@{NOWHERE}/0"
    found = findings(desk, code=1)
    level, says = found["Redis"]
    assert (level, says.startswith(f"it can't be reached at {NOWHERE} (REDIS_URL): "), "hemligt" in says) == (
        "wrong", True, False,
    )  # fmt: skip
    assert found["queues"] == ("look", "not checked: Redis is away")
    assert found["butik: account"][0] == "fine"


@pytest.mark.parametrize("in_file", [False, True])
def test_upsales_that_is_away_is_named_with_its_setting(room: Room, desk: Desk, *, in_file: bool) -> None:
    url, origin = f"http://{NOWHERE}/api/v2", "UPSALES_BASE_URL"
    if in_file:
        config = Path(desk.environ["RELAY_CONFIG"])
        config.write_text(config.read_text("utf-8").replace("search_lag = 0", f"base_url = '{url}'"), "utf-8")
        del desk.environ["UPSALES_BASE_URL"]
        origin = "relay.toml line 3: [upsales] base_url"
    else:
        desk.environ["UPSALES_BASE_URL"] = url
    found = findings(desk, code=1)
    level, says = found["Upsales"]
    assert (level, says.startswith(f"it can't be reached at {url} ({origin}): GET /self was not sent")) == (
        "wrong",
        True,
    )
    level, says = found["butik: account"]
    assert (level, says.startswith("not checked: GET /self was not sent")) == ("look", True)


def test_a_full_window_is_no_wrong_account(room: Room, desk: Desk) -> None:
    """Upsales's own, and ours."""
    room.sandbox.fault(kind="throttle", key="butik")
    found = findings(desk, code=1)
    assert found["butik: account"][0] == "look"
    assert found["butik: account"][1].startswith("not checked: Upsales throttles GET /self; ask again in ")
    assert found["kassa: account"][0] == "fine"
    room.sandbox.mend()

    config = Path(desk.environ["RELAY_CONFIG"])
    config.write_text(config.read_text("utf-8").replace("[upsales]", "[upsales]\ncalls = ['2/1h']"), "utf-8")
    found = findings(desk, code=1)
    assert found["kassa: account"][1].startswith("not checked: the key's call windows are full; ask again in ")


def test_half_the_world_hangs_and_it_answers_all_the_same(room: Room, desk: Desk, silent: str) -> None:
    desk.environ["DATABASE_URL"] = f"postgresql://relay@{silent}/relay"
    desk.environ["REDIS_URL"] = f"redis://{silent}/0"
    desk.environ["UPSALES_BASE_URL"] = f"http://{silent}/api/v2"
    begun = time.monotonic()
    facts = gather(Installation(desk.environ), offline=False, fix=None, patience=Patience(near=0.3, far=0.5))
    took = time.monotonic() - begun
    found = {each.what: (each.level, each.says) for each in judged(facts)}
    assert took < 5
    assert found["database"][1].startswith(
        "The database 127.0.0.1/relay gives no answer within 0.3 s (from DATABASE_URL)"
    )
    assert found["Redis"][1].startswith(f"it can't be reached at {silent} (REDIS_URL): no answer within 0.3 s")
    assert found["Upsales"][0] == "wrong"
    assert found["butik: account"][1].startswith("not checked: ")


def test_before_anything_runs(room: Room, desk: Desk, tmp_path: Path) -> None:
    desk.environ["DATABASE_URL"] = f"sqlite:///{tmp_path / 'ny' / 'relay.db'}"
    del desk.environ["REDIS_URL"]
    found = findings(desk, code=1)
    assert found["database"][1].startswith(
        f"there is no database {tmp_path}/ny/relay.db: correct DATABASE_URL, or make it"
    )
    assert found["processes"] == ("look", "not checked: there is no database yet")
    assert found["butik: account"][0] == "fine"
    assert not (tmp_path / "ny").exists(), "to look makes nothing"


def test_a_beat_that_is_missing_and_old_processes_are_told(room: Room, desk: Desk) -> None:
    found = findings(desk, "--offline", code=1)
    assert found["processes"][0] == "look"
    begin(room, "receiver", "worker")
    begin(room, "worker", version="0.0.9")
    found = findings(desk, "--offline", code=1)
    assert (found["receiver"], found["worker"][0]) == (("fine", "1 process on ett"), "fine")
    assert found["beat"][1].startswith("none gives a sign of life, what waits for a retry is not tried again")
    assert found["versions"] == ("look", "this is 0.1.0, and there is worker 0.0.9 on ett: restart what is older")
    assert found["queues"] == (
        "look",
        "not checked: who reads them: no worker answered within 1.5 s, though some give signs of life",
    )


def test_a_queue_that_nobody_reads_is_told(room: Room, desk: Desk) -> None:
    begin(room, "receiver", "beat")
    found = findings(desk, "--offline", code=1)
    assert found["queue default"][1].startswith(
        "0 messages, and no worker reads it: it has all events that are not urgent"
    )


def test_what_was_refused_in_the_last_hour_is_told_by_connection_and_reason(room: Room, desk: Desk) -> None:
    counts = {("butik", "answered:accepted"): 3, ("butik", "answered:unauthorized"): 2, ("", "answered:unknown"): 4}
    count_apart(room.store, counts | {("kassa", "answered:wrong_url"): 1}, 5.0)
    config = Path(desk.environ["RELAY_CONFIG"])
    config.write_text(
        config.read_text("utf-8").replace(
            '[connections.kassa]\nconnector = "generic"',
            '[connections.kassa]\nconnector = "hubspot"\nowner = "a@example.com"\nproduct = "1"\nstage_open = "25%"',
        ),
        "utf-8",
    )
    found = findings(desk, "--offline", code=1)
    assert found["butik: webhooks"] == ("fine", "3 requests accepted in the last hour")
    assert found["butik: webhooks unauthorized"][0] == "look"
    assert found["webhooks for nobody"][1].startswith("4 requests in the last hour named no connection")
    level, says = found["kassa: signed URL"]
    assert (level, "set RELAY_PUBLIC_URL" in says) == ("wrong", True)


def test_stored_keys_without_their_master_key_are_one_finding(room: Room, desk: Desk) -> None:
    master = desk("keys", "new-master").stdout.strip()
    desk.environ["RELAY_MASTER_KEY"] = master
    key = desk.environ.pop("RELAY_BUTIK_API_KEY")
    assert desk("keys", "set", "butik", "--untried", answer=key).exit_code == 0
    assert findings(desk, code=1)["butik: account"][0] == "fine"
    del desk.environ["RELAY_MASTER_KEY"]
    found = findings(desk, code=1)
    assert found["master key"] == (
        "wrong",
        "RELAY_MASTER_KEY is not set, and 1 stored keys and secrets need it: those of butik",
    )
    assert found["butik: API key"][0] == "wrong"
    assert found["kassa: account"][0] == "fine", "one that can't be read stops no other"
    desk.environ["RELAY_MASTER_KEY"] = "inget"
    assert findings(desk, code=1)["master key"][1].startswith("RELAY_MASTER_KEY: key 1 is no Fernet key")


def test_a_misconfigured_connection_is_named_beside_one_that_works(room: Room, desk: Desk) -> None:
    config = Path(desk.environ["RELAY_CONFIG"])
    config.write_text(
        config.read_text("utf-8").replace("[connections.butik]", "[connections.butik]\nownr = 1"), "utf-8"
    )
    found = findings(desk, code=1)
    line = "misconfigured: relay.toml [connections.butik] ownr: no such setting; did you mean owner?"
    assert found["butik: settings"] == ("wrong", line)
    assert found["kassa: account"][0] == "fine"


def test_a_database_that_can_be_read_and_is_full_is_wrong(room: Room, desk: Desk) -> None:
    """The receiver answers 503 then: the doctor must not call it fine."""
    installation = Installation(desk.environ)
    engine = installation.opened_store.engine
    if engine.dialect.name == "sqlite":
        with installation.opened_store.read() as conn:
            pages = conn.execute(text("PRAGMA page_count")).scalar_one()
        event.listen(engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {pages}"))
    else:
        event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("SET TRANSACTION READ ONLY"))
    facts = gather(installation, offline=True, fix=None)
    installation.opened_store.close()
    found = {each.what: (each.level, each.says) for each in judged(facts)}
    assert (found["database"][0], found["database"][1].startswith("it takes no writes: ")) == ("wrong", True)
    assert found["butik: deliveries"][0] == "fine", "it was read"


def test_an_empty_file_is_named_and_not_a_variable_that_would_be_refused_beside_it(
    room: Room, desk: Desk, tmp_path: Path
) -> None:
    for kind in ("API_KEY", "SECRET"):
        path = tmp_path / kind
        path.touch(mode=0o600)
        desk.environ.pop(f"RELAY_BUTIK_{kind}", None)
        desk.environ[f"RELAY_BUTIK_{kind}_FILE"] = str(path)
    found = findings(desk, "--offline", code=1)
    assert found["butik: API key"] == (
        "wrong",
        "the file that RELAY_BUTIK_API_KEY_FILE names is empty: put the key there",
    )
    assert found["butik: signing secret"] == (
        "wrong",
        "the file that RELAY_BUTIK_SECRET_FILE names is empty: put the secret there; until then senders get 503",
    )
