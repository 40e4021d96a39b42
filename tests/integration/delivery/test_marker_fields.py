"""The marker's custom field is there before the first record is made, however many processes begin at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room
from worker.instruments.measure import opened
from worker.plan import Key
from worker.runtime import Runtime
from worker.store.db.clock import after
from worker.store.db.tables import calls, marker_fields
from worker.store.ledger import marker_fields as stored
from worker.sync.marker import marker

API = "/api/v2/customfields"
TOKEN = f"token={KEYS['kassa']}"


@pytest.fixture(autouse=True)
def _without_field(room: Room) -> None:
    """An account in which nobody has made a field for companies."""
    for field in definitions(room):
        assert room.sandbox.client.delete(f"{API}/account/{field['id']}?{TOKEN}").status_code == 200


def definitions(room: Room) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = room.sandbox.client.get(f"{API}/account?{TOKEN}").json["data"]
    return [each for each in found if each["alias"] == "EXTERNAL_ID"]


def makings(room: Room) -> int:
    return len([call for call in room.sandbox.calls(resource="customfields/account") if call["method"] == "POST"])


def lacking(room: Room) -> Mapping[Any, str]:
    with room.store.read() as conn:
        return stored.lacking(conn, 1, "external_id", ["account", "order"])


def test_the_first_record_carries_its_marker(room: Room) -> None:
    assert room.run(room.company(1)).status == "delivered"
    (field,) = definitions(room)
    (company,) = room.sandbox.records("accounts")
    assert [(each["fieldId"], each["value"]) for each in company["custom"]] == [
        (field["id"], marker("butik", Key("account", "K-1")))
    ]
    assert lacking(room) == {}


def test_its_making_is_journalled_as_a_write_and_not_repeated(room: Room) -> None:
    room.run(room.company(1))
    room.run(room.company(2, connection="kassa"))
    with room.store.read() as conn:
        made = conn.execute(select(calls).where(calls.c.resource == "customfields/account")).all()
    assert [(call.write, call.state, call.status) for call in made if call.method == "POST"] == [(True, "done", 200)]
    assert makings(room) == 1


def test_two_processes_make_it_once(room: Room) -> None:
    room.sandbox.fault(kind="delay_before_commit", method="POST", resource="customfields/account", seconds=0.3)
    events = [room.company(1), room.company(2, connection="kassa")]
    runtimes = [Runtime(room.settings, room.environ) for _ in events]
    try:
        for _ in range(2):
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda pair: _deliver(room, *pair), zip(runtimes, events, strict=True)))
            room.come()
    finally:
        for runtime in runtimes:
            runtime.close()
    assert [room.event(event).status for event in events] == ["delivered", "delivered"]
    assert makings(room) == 1
    assert [len(company["custom"]) for company in room.sandbox.records("accounts")] == [1, 1]


def _deliver(room: Room, runtime: Runtime, event: str) -> None:
    runtime.delivery.run(room.event(event).connection, room.event(event).subject)


def test_a_making_whose_answer_was_lost_is_looked_for_at_once(room: Room) -> None:
    room.sandbox.fault(kind="drop_after_commit", method="POST", resource="customfields/account", count=1)
    room.run(room.company(1))
    assert (makings(room), len(definitions(room)), lacking(room)) == (1, 1, {})


def test_a_making_that_may_still_commit_is_not_repeated_before_its_horizon(room: Room) -> None:
    room.sandbox.fault(kind="error_before_commit", method="POST", resource="customfields/account", count=1)
    assert room.run(room.company(1)).status == "delivered"
    assert "500" in lacking(room)["account"]
    settings = replace(room.settings, upsales=replace(room.settings.upsales, commit_horizon=300.0))
    other = Runtime(settings, room.environ)
    _deliver(room, other, room.company(2, connection="kassa"))
    other.close()
    assert makings(room) == 1
    with room.store.write() as conn:
        conn.execute(update(marker_fields).where(marker_fields.c.state == "making").values(looked_at=after(-400)))
    other = Runtime(settings, room.environ)
    _deliver(room, other, room.company(3, connection="kassa"))
    other.close()
    assert (makings(room), len(definitions(room)), lacking(room)) == (2, 1, {})


def test_where_it_is_not_to_be_made_events_go_without(room: Room) -> None:
    settings = replace(room.settings, upsales=replace(room.settings.upsales, make_fields=False))
    runtime = Runtime(settings, room.environ)
    event = room.company(1)
    _deliver(room, runtime, event)
    runtime.close()
    assert room.event(event).status == "delivered"
    assert makings(room) == 0
    assert lacking(room) == {"account": "it is not there, and the setting make_fields is false"}


def refusing(room: Room) -> None:
    """It was refused before; `relay doctor` may find another answer."""
    with room.store.write() as conn:
        conn.execute(update(marker_fields).where(marker_fields.c.resource == "account").values(state="missing"))


def test_what_is_missing_is_told_until_it_is_made(room: Room, desk: Desk) -> None:
    room.sandbox.fault(kind="error_before_commit", method="POST", resource="customfields/account", count=1)
    room.run(room.company(1))
    assert (listed(desk)["no_marker"], measured(room)) == (["account"], {"butik": 1.0})
    refusing(room)
    what = "butik: custom field EXTERNAL_ID of account"
    state, says = findings(desk)[what]
    assert (state, says.partition(":")[0]) == ("look", "missing")
    assert makings(room) == 1
    state, says = findings(desk, "--fix")[what]
    assert (state, says.partition(" ")[0]) == ("fine", "made:")
    assert (listed(desk)["no_marker"], measured(room)) == (None, {"butik": 0.0})
    assert (makings(room), len(definitions(room))) == (2, 1)


def test_a_field_that_is_deleted_later_is_told_by_the_doctor(room: Room, desk: Desk) -> None:
    room.run(room.company(1))
    for field in definitions(room):
        room.sandbox.client.delete(f"{API}/account/{field['id']}?{TOKEN}")
    findings(desk)
    assert lacking(room) == {"account": "it is not there"}


@pytest.mark.parametrize("absent", ["database", "Redis"])
def test_the_doctor_makes_it_before_anything_runs(room: Room, desk: Desk, tmp_path: Path, absent: str) -> None:
    if absent == "database":
        desk.environ["DATABASE_URL"] = f"sqlite:///{tmp_path / 'finns-inte.db'}"
    else:
        del desk.environ["REDIS_URL"]
    found = findings(desk, "--fix")
    assert found["butik: custom field EXTERNAL_ID of account"][1].startswith("made: field ")
    assert found["butik: calls"] == (
        "look",
        f"asked without {absent}: no call was counted or journalled, and the key is bound to no account yet",
    )
    assert len(definitions(room)) == 1


def findings(desk: Desk, *options: str) -> dict[str, tuple[str, str]]:
    return {row["what"]: (row["level"], row["says"]) for row in json.loads(desk("doctor", "--json", *options).stdout)}


def listed(desk: Desk) -> dict[str, Any]:
    return next(row for row in json.loads(desk("connections", "list", "--json").stdout) if row["connection"] == "butik")


def measured(room: Room) -> Mapping[str, float]:
    measure = opened(room.store, room.settings, room.environ)
    (metric,) = [each for each in measure.families() if each.name == "relay_markers_missing"]
    found = {sample.labels["connection"]: sample.value for sample in metric.samples}
    return {"butik": found["butik"]}
