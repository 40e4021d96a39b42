"""A file of the sender ends in Upsales once, attached to what it belongs to, wherever its worker dies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import func, select, update

from tests.fakes.breaking import Crash, Moment, Tripwire, tapped
from tests.integration.delivery.room import Room
from tests.integration.delivery.test_fetching import Dying
from tests.integration.delivery.thin import SOURCE, TUNN, Thin, full
from tests.senders import Anything
from worker.delivery.cleanup import tidy
from worker.errors import NeverExisted
from worker.plan import Key, Plan, Upsert
from worker.sdk.connector import Event, Handles
from worker.sdk.mapping import attached, header, home_at
from worker.sdk.mapping import field as payload
from worker.sdk.source import Get, Kind
from worker.settings import Connection
from worker.sources.ports import FileBytes
from worker.store import Store
from worker.store.db.clock import db_now
from worker.store.db.tables import contents, records
from worker.store.events.replay import replay
from worker.store.lanes.lanes import Claim
from worker.sync.context import Access

PDF = FileBytes(b"%PDF-1.7 avtal \xc3\xa5", "application/pdf")
STEPS = {"get", "create", "created", "intend_update", "update", "updated"}
"""Of the reader, of Upsales, of the ledger: dying between any others leaves what one of these left."""


def signed(event: Event, _settings: Any) -> Plan:
    company = Upsert(key=Key("account", event.subject), set={"name": event.read["contract"]["name"]})
    file = attached(event, "pdf", f"Avtal {event.subject}.pdf", to=company, client=home_at(company))
    return (company, *file)


FETCH = (Get("contract", id=payload("contract")), Get("pdf", id=payload("contract"), optional=True))
SIGNED = Handles(Anything, signed, subject=payload("contract"), time=header("x-time"), fetch=FETCH)
PENNA = replace(
    TUNN,
    handles={"signed": SIGNED},
    writes={resource: frozenset({"create", "update"}) for resource in ("account", "file")},
    source=replace(SOURCE, kinds={**SOURCE.kinds, "pdf": Kind(file=True, get="/contracts/{id}/file")}),
)


@pytest.fixture
def thin(room: Room) -> Thin:
    made = Thin(room)
    made.becomes(PENNA)
    return made


def files(thin: Thin) -> list[Mapping[str, Any]]:
    return [record for record in thin.room.sandbox.records("files") if record["entity"]]


def kept(thin: Thin) -> int:
    with thin.room.store.read() as conn:
        return conn.execute(select(func.count()).select_from(contents)).scalar_one()


def take(thin: Thin, number: str, name: str, **more: Any) -> str:
    thin.answers("contract", number, full(f"Åkeri {number} AB"))
    thin.answers("pdf", number, PDF)
    return thin.take(number, name, **more)


def come(thin: Thin) -> None:
    """Let every wait be over, also of a record that a dead worker held."""
    with thin.room.store.write() as conn:
        conn.execute(update(records).where(records.c.lease_until.is_not(None)).values(lease_until=db_now()))
    thin.room.come()


def dies(thin: Thin, event: str, wire: Tripwire) -> bool:
    """Whether the worker, which delivers it, dies where the wire is: around readings, transactions and calls."""
    room, upright = thin.room, thin.room.delivery

    def access(connection: Connection, claimed: Claim, behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        opened = room.runtime.access.for_claim(connection, claimed, behind)
        return replace(opened, crm=tapped(opened.crm, wire), ledger=tapped(opened.ledger, wire))

    room.delivery = replace(
        upright,
        store=cast("Store", Dying(room.store, wire)),
        readers=lambda _: tapped(thin.reader, wire),
        open_access=access,
    )
    try:
        room.run(event)
    except Crash:
        return True
    else:
        return False
    finally:
        room.delivery = upright


@pytest.mark.parametrize("moment", ["before", "after"])
def test_wherever_a_worker_dies_the_file_is_attached_once(thin: Thin, moment: Moment) -> None:
    at = 0
    while True:
        at += 1
        number = str(at)
        event = take(thin, number, f"{moment} {number}")
        wire = Tripwire(at, moment, only=STEPS)
        died = dies(thin, event, wire)
        for _ in range(3 if died else 0):
            come(thin)
            thin.run(event)
        assert thin.room.fate(event)[0] == "delivered", (wire.calls[-1], thin.room.fate(event))
        (ours,) = [each for each in files(thin) if each["filename"] == f"Avtal {number}.pdf"]
        (client,) = [each for each in thin.room.sandbox.records("accounts") if each["name"] == f"Åkeri {number} AB"]
        assert (ours["entity"], ours["entityId"], ours["client"]["id"]) == ("Client", client["id"], client["id"])
        assert (ours["private"], ours["size"]) == (0, len(PDF.data))
        if not died:
            break
    assert wire.calls.count("create") == 2
    assert wire.calls.count("update") == 1


def test_the_bytes_go_once_upsales_has_them_and_a_replay_needs_none(thin: Thin) -> None:
    event = take(thin, "1", "e1")
    thin.run(event)
    assert kept(thin) == 1
    tidy(thin.room.store, thin.room.settings.delivery)
    assert kept(thin) == 0

    again = replay(thin.room.store, event, refetch=False)
    thin.room.come()
    assert thin.run(again).status in {"delivered", "superseded"}
    assert len(files(thin)) == 1


def test_a_file_that_was_not_uploaded_is_read_again_where_its_bytes_are_gone(thin: Thin) -> None:
    event = take(thin, "1", "e1")
    thin.room.sandbox.fault(kind="error_before_commit", resource="file")
    thin.run(event)
    with thin.room.store.write() as conn:
        conn.execute(contents.delete())
    thin.room.sandbox.mend()
    thin.room.come()
    thin.run(event)
    status, reason = thin.room.fate(event)
    assert status == "dead"
    assert "replay it with --refetch" in (reason or "")

    again = replay(thin.room.store, event, refetch=True)
    thin.room.come()
    assert thin.run(again).status == "delivered"
    assert len(files(thin)) == 1


def test_what_is_too_large_is_left_out_and_the_event_says_so(thin: Thin) -> None:
    thin.answers("contract", "1", full())
    thin.answers(
        "pdf", "1", NeverExisted("penna's API (pdf): the answer is not taken: it is larger than 10000000 bytes")
    )
    done = thin.run(thin.take("1", "e1"))
    assert done.status == "delivered"
    assert "The file pdf is not attached: penna's API (pdf): the answer is not taken" in (done.reason or "")
    assert not files(thin)
