"""Facts of an installation in which all is well, for tests to spoil."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from worker.cli.doctor.console import Entrance
from worker.cli.doctor.facts import Asked, ConnectionFacts, Disk, Facts, Item, Lanes, Part, Place, Secret
from worker.connectors import generic, hubspot
from worker.instruments.standing import Silence
from worker.settings import Connection
from worker.settings.console import Console, Token
from worker.store.instruments.processes import Process
from worker.store.lanes.connections import State
from worker.upsales import Account

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
VERSION = "0.1.0"
GB = 1024**3


def process(kind: str, **changes: Any) -> Process:
    made = Process(
        id=kind, kind=kind, host="ett", pid=7, version=VERSION, slot=1, threads=8, busy=3,
        started_at=NOW, seen_at=NOW, quiet_for=2.0,
    )  # fmt: skip
    return replace(made, **changes)


ALL = (process("receiver"), process("worker"), process("beat"))
SECRET = Secret("ab12ab12ab12", 40)


def account(**changes: Any) -> Account:
    return replace(
        Account(id=1, name="Åkeriet", user_id=4, user_email="4@api.upsales.com", user_name="butik", server_date=NOW),
        **changes,
    )


def asked(**changes: Any) -> Asked:
    found = Asked(account=account(), at=NOW, items=[Item("owner = a@example.com", "id 2")], done=True)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def connection(name: str = "butik", connector: Any = generic.connector, **changes: Any) -> ConnectionFacts:
    settings = (
        hubspot.connector.settings(owner="a@example.com", product="1", stage_open="25%")
        if connector is hubspot.connector
        else connector.settings()
    )
    made = ConnectionFacts(
        connection=Connection(name=name, connector=connector, settings=settings, writes=connector.writes),
        secrets=[SECRET],
        key="cd34cd34cd34",
        state=State(name=name),
        lanes=Lanes(),
        answered={"accepted": 5, "duplicate": 1},
        silence=Silence(60.0, 3600.0),
        asked=asked(),
    )
    return replace(made, **changes)


def facts(**changes: Any) -> Facts:
    made = Facts(
        now=NOW,
        version=VERSION,
        config=Path("/srv/relay.toml"),
        up=None,
        demo=False,
        misconfigured={},
        strays={},
        open_files=(),
        public_url=None,
        master_key=None,
        database=Part(Place("db.example/relay", "DATABASE_URL")),
        redis=Part(Place("redis.example:6379", "REDIS_URL")),
        eviction="noeviction",
        queues={"priority": 0, "default": 12},
        readers={"worker@ett": ["priority", "default"]},
        disks=[Disk("the database", Path("/srv/var"), 60 * GB)],
        processes=ALL,
        last_sweep=NOW - timedelta(seconds=3),
        sweep_every=2.0,
        waiting=0,
        nameless=0,
        left_over=(),
        upsales=Place("https://upsales.example/api/v2", "UPSALES_BASE_URL"),
        entrance=Entrance(Console([Token("anna", "operator", "0" * 64, 48)])),
        connections=[connection()],
    )
    return replace(made, **changes)
