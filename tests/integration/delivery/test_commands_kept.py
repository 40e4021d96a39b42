"""What commands do to connections and keys is kept: who, what and why, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room
from worker.admin import keys, pausing, rebinding
from worker.admin.parts import Opened
from worker.settings import load
from worker.store.db.clock import now
from worker.store.lanes import connections
from worker.store.people import audit
from worker.store.people.audit import Actor

ANNA = Actor("anna", "command")
BY = ("--by", "anna")


@pytest.fixture
def stored(room: Room, desk: Desk) -> Desk:
    """Keys and secrets of butik are in the database."""
    desk.environ = {name: value for name, value in desk.environ.items() if "BUTIK" not in name}
    desk.environ["RELAY_MASTER_KEY"] = Fernet.generate_key().decode()
    assert desk("keys", "set", "butik", *BY, answer=KEYS["butik"]).exit_code == 0
    return desk


def kept(room: Room) -> Sequence[tuple[str, str, str, str | None, str | None]]:
    """The first one first."""
    with room.store.read() as conn:
        return [(each.who, each.act, each.about, each.why, each.outcome) for each in reversed(audit.listed(conn))]


def test_pausing_and_resuming_are_kept(room: Room, desk: Desk) -> None:
    for command in (("pause", "butik", "--reason", "städning"), ("resume", "butik", "--why", "klart")):
        for _ in range(2):
            assert desk("connections", *command, *BY).exit_code == 0
    assert kept(room) == [
        ("anna", "pause", "connection/butik", "städning", None),
        ("anna", "resume", "connection/butik", "klart", "was paused"),
    ]


def test_who_is_the_machines_user_if_nobody_is_named(room: Room, desk: Desk) -> None:
    desk("connections", "pause", "butik")
    ((who, act, *_),) = kept(room)
    assert (bool(who), act) == (True, "pause")


def test_asking_is_kept_and_resumes_what_paused_itself(room: Room, desk: Desk) -> None:
    connections.pause(room.store, "butik", "Upsales does not accept the API key", probe_in=60.0, key="0" * 12)
    key = room.runtime.keys.fingerprint(KEYS["butik"])
    told = f"the key {key} is accepted: account 1 (Sandbox 1)"
    assert desk("connections", "ask", "butik", *BY).stdout == f"butik: {told}. It delivers again.\n"
    room.sandbox.control("DELETE", "/keys/butik")
    refused = desk("connections", "ask", "butik", *BY)
    assert (refused.exit_code, "does not accept the API key" in refused.stderr) == (2, True)
    assert next((act, outcome) for _, act, _, _, outcome in kept(room)) == ("ask-now", told)


def test_asking_upsales_resumes_nothing_that_its_sender_refuses(room: Room, desk: Desk) -> None:
    """Its key was never in doubt. Its sender is asked with the next sweep, not in an hour."""
    why = "the API of Butik: 401: the token is not accepted"
    connections.pause(room.store, "butik", why, probe_in=3600.0, by=connections.SOURCE)
    told = desk("connections", "ask", "butik", *BY).stdout
    assert "It delivers again" not in told
    assert "it stays paused until its sender accepts its token" in told
    with room.store.read() as conn:
        state = connections.get(conn, "butik")
        assert (state.paused, state.reason, state.refused_by) == (True, why, connections.SOURCE)
        assert room.runtime.probing.due(room.settings.connections["butik"], state, now(conn))


def test_the_marks_that_the_doctor_makes_are_kept(room: Room, desk: Desk) -> None:
    fields = room.sandbox.control("GET", "/state")["accounts"]["1"]["records"]["customfields/contact"]
    (number,) = (each["id"] for each in fields if each["alias"] == "EXTERNAL_ID")
    room.sandbox.control("DELETE", f"/records/1/customfields/contact/{number}")
    for _ in range(2):
        desk("doctor", "--fix", *BY)
    ((who, act, about, _, outcome),) = kept(room)
    assert (who, act, about, outcome) == ("anna", "make-marks", "connection/butik", "made for contact")


def test_binding_anew_is_kept(room: Room, stored: Desk) -> None:
    assert room.run(room.company("1")).status == "delivered"
    room.sandbox.control("POST", "/keys", {"name": "prov", "account": 2, "key": "nyckel-prov", "account_name": "Prov"})
    stored("keys", "set", "butik", "--untried", *BY, answer="nyckel-prov")
    done = stored("connections", "rebind", "butik", "--yes", "--why", "nytt konto", *BY)
    assert done.exit_code == 0, done.stderr
    assert kept(room)[-1] == (
        "anna", "rebind", "connection/butik", "nytt konto", "was bound to account 1 (Sandbox 1)",
    )  # fmt: skip
    assert stored("connections", "restored", *BY).exit_code == 0
    assert kept(room)[-1][1:3] == ("restored", "relay")


def test_keys_and_secrets_are_kept_by_their_fingerprints(room: Room, stored: Desk) -> None:
    made = stored("keys", "rotate", "butik", "--secret", "--generate", *BY).stdout.strip()
    again = stored("keys", "rotate", "butik", "--secret", *BY, "--overlap", "90m", answer="hemlighet-given-4711")
    assert again.exit_code == 0
    fingerprints = {each: room.runtime.keys.fingerprint(each) for each in (KEYS["butik"], made, "hemlighet-given-4711")}
    key, first, second = fingerprints.values()
    dropped = stored("keys", "drop", "butik", first, *BY)
    assert dropped.stdout == f"{first} is gone.\n"
    assert stored("keys", "rotate-master", *BY).exit_code == 0
    assert [(act, outcome) for _, act, _, _, outcome in kept(room)] == [
        ("set-key", f"key {key} accepted: account 1 (Sandbox 1), not used by another connection"),
        ("rotate-secret", f"secret {first}"),
        ("rotate-secret", f"secret {second}, {first} is valid for 90 min"),
        ("drop-key", first),
        ("rotate-master", "2 stored anew"),
    ]
    assert not [each for each in fingerprints if each in str(kept(room))]


ACTS: Sequence[Callable[[Opened], object]] = [
    lambda parts: pausing.pause(parts, ANNA, "butik", "städning"),
    lambda parts: pausing.resume(parts, ANNA, "kassa"),
    lambda parts: keys.set_key(parts, ANNA, "butik", "nyckel-ny", lambda *_: None),
    lambda parts: keys.rotate_secret(parts, ANNA, "butik", None, overlap=60),
    lambda parts: keys.drop(parts, ANNA, "butik", parts.keys.fingerprint(KEYS["butik"])),
    lambda parts: rebinding.restored(parts, ANNA, None),
]


@pytest.mark.parametrize("do", ACTS)
def test_what_can_not_be_kept_is_not_done(room: Room, stored: Desk, do: Callable[[Opened], object]) -> None:
    connections.pause(room.store, "kassa", "städning", probe_in=None)
    with room.store.write() as conn:
        conn.execute(text("DROP TABLE audit"))
    parts = Opened(load(stored.environ), stored.environ, pool_size=2)
    before = standing(room), parts.keys.api_key("butik"), parts.keys.secrets("butik")
    with pytest.raises(DBAPIError):
        do(parts)
    parts.keys.look_again()
    assert (standing(room), parts.keys.api_key("butik"), parts.keys.secrets("butik")) == before
    parts.store.close()


def standing(room: Room) -> Sequence[object]:
    with room.store.read() as conn:
        return [(each.name, each.state, each.rebound_for is None) for each in connections.by_name(conn).values()]
