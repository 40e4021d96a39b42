"""What the doctor says of what all connections share: each finding, and each thing that could not be checked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.doctor.known import ALL, GB, NOW, connection, facts, process
from worker.admin.standstill import LEFT_OVER
from worker.cli.doctor.command import judged
from worker.cli.doctor.facts import Disk, Facts, Part, Place, Unknown
from worker.cli.doctor.findings import EXIT_CODES, worst

DATABASE = Place("db.example/relay", "DATABASE_URL")
REDIS = Place("redis.example:6379", "REDIS_URL")
MADE_UP = {"demo": True}


def said(found: Facts) -> dict[str, tuple[str, str]]:
    """Without what is fine."""
    return {each.what: (each.level, each.says) for each in judged(found) if each.level != "fine"}


def test_where_all_is_well_everything_is_fine() -> None:
    assert said(facts()) == {}
    assert EXIT_CODES[worst(judged(facts()))] == 0


@pytest.mark.parametrize(
    ("changes", "what", "level", "says"),
    [
        ({"strays": {"RELAY_X_SECRET": "RELAY_X_SECRET: no connection is called x"}}, "RELAY_X_SECRET", "look", "no connection is called x"),
        ({"open_files": [Path("/a"), Path("/b")]}, "files", "look", "others on this machine can read what is secret: chmod go-rwx /a /b"),
        ({"master_key": "RELAY_MASTER_KEY is not set, and 2 stored keys"}, "master key", "wrong", "RELAY_MASTER_KEY is not set"),
        (
            {"database": Part(DATABASE, "away", "The database x is not available: refused.")},
            "database", "wrong", "The database x is not available: refused (from DATABASE_URL); start it, or correct the address: webhooks get 503 until it answers",
        ),
        (
            {"database": Part(DATABASE, why="The database x is not available: No space left on device")},
            "database", "wrong", "it takes no writes: The database x is not available: No space left on device (from DATABASE_URL); make room",
        ),
        ({"database": Part(DATABASE, "unusable", "it is at revision 3: run `relay release`.")}, "database", "wrong", "it is at revision 3: run `relay release`. (from DATABASE_URL)"),
        (
            {"redis": Part(REDIS, "away", "Connection refused")},
            "Redis", "wrong", "it can't be reached at redis.example:6379 (REDIS_URL): Connection refused; start it, or correct the address.",
        ),
        ({"redis": Part(REDIS, "absent", "REDIS_URL is not set")}, "Redis", "wrong", "REDIS_URL is not set"),
        ({"redis": Part(REDIS, "absent", "REDIS_URL is not set")} | MADE_UP, "Redis", "wrong", "REDIS_URL is not set; start `relay demo`"),
        ({"eviction": "allkeys-lru"}, "Redis", "look", "its maxmemory-policy is allkeys-lru: with noeviction"),
        ({"disks": [Disk("the database", Path("/srv"), GB)]}, "disk: the database", "look", "1 GB free for the database in /srv: make room soon"),
        ({"disks": [Disk("the database", Path("/srv"), GB // 100)]}, "disk: the database", "wrong", "10 MB free for the database in /srv: make room, or webhooks get 503"),
        ({"last_sweep": NOW - timedelta(minutes=7)}, "sweep", "wrong", "the last one ended 7 min ago: beat asks for it"),
        ({"last_sweep": None}, "sweep", "look", "there was none yet"),
        ({"readers": {"a": ["priority"]}}, "queue default", "wrong", "12 messages, and no worker reads it: it has all events that are not urgent."),
        ({"readers": {"a": ["default"]}}, "queue priority", "wrong", "0 messages, and no worker reads it: it has urgent events and all upkeep."),
        ({"connections": []}, "connections", "wrong", "there are none: set RELAY_<CONNECTOR>_API_KEY, or write relay.toml"),
        ({"misconfigured": {"kassa": "relay.toml [connections.kassa]: …"}}, "kassa: settings", "wrong", "misconfigured: relay.toml [connections.kassa]: …"),
        ({"left_over": ["gammal"]}, "gammal: connection", "look", LEFT_OVER),
        ({"nameless": 1}, "webhooks for nobody", "look", "1 request in the last hour named no connection: is a sender's URL right?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_finding(changes: dict[str, Any], what: str, level: str, says: str) -> None:
    found = said(facts(**changes))
    assert list(found) == [what]
    assert (found[what][0], found[what][1].startswith(says)) == (level, True), found


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("eviction", "Redis"),
        ("queues", "queues"),
        ("readers", "queues"),
        ("processes", "processes"),
        ("last_sweep", "sweep"),
        ("master_key", "master key"),
    ],
)
def test_what_could_not_be_looked_at_is_never_fine(name: str, what: str) -> None:
    found = said(facts(**{name: Unknown("it is away")}))
    (level, says) = found[what]
    assert (level, says.startswith("not checked: "), "it is away" in says) == ("look", True, True)
    assert EXIT_CODES[worst(judged(facts(**{name: Unknown("it is away")})))] == 3


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("receiver", "none gives a sign of life, no webhook is accepted"),
        ("worker", "none gives a sign of life, nothing is delivered"),
        ("beat", "none gives a sign of life, what waits for a retry is not tried again"),
    ],
)
def test_a_kind_of_process_that_is_missing_is_named(kind: str, says: str) -> None:
    left = [each for each in ALL if each.kind != kind]
    assert said(facts(processes=left))[kind][0] == "wrong"
    assert said(facts(processes=left))[kind][1].startswith(says)
    dead = [*left, process(kind, quiet_for=700.0)]
    assert said(facts(processes=dead, readers={}))[kind][1].endswith("the last one was heard 12 min ago")


def test_a_worker_of_another_database_is_told() -> None:
    left = [each for each in ALL if each.kind != "worker"]
    assert said(facts(processes=left))["worker"][1].endswith(
        "But worker@ett takes messages from Redis: has it another DATABASE_URL?"
    )


def test_old_and_mixed_versions_are_named() -> None:
    found = said(facts(processes=[*ALL, process("worker", version="0.0.9", host="två")]))
    assert found == {"versions": ("look", "this is 0.1.0, and there is worker 0.0.9 on två: restart what is older")}
    gone = process("worker", version="0.0.9", quiet_for=700.0)
    assert said(facts(processes=[*ALL, gone])) == {}, "it runs no more"


def test_a_second_beat_is_told() -> None:
    assert said(facts(processes=[*ALL, process("beat", host="två")]))["beat"][0] == "look"


@pytest.mark.parametrize(
    ("changes", "level", "remedy"),
    [
        ({}, "look", "start `relay up`, or the Procfile's processes"),
        ({"waiting": 3}, "wrong", "start `relay up`, or the Procfile's processes; 3 events wait"),
        ({"processes": [process("worker", quiet_for=700.0)]}, "wrong", "start `relay up`, or the Procfile's processes"),
        (MADE_UP, "look", "start `relay demo`"),
    ],
)
def test_where_nothing_runs_one_line_says_so(changes: dict[str, Any], level: str, remedy: str) -> None:
    found = said(facts(**{"processes": (), **changes}))
    assert found["processes"][0] == level
    assert found["processes"][1].endswith(remedy)
    assert not set(found) & {"receiver", "worker", "beat", "versions"}


def test_what_is_wrong_counts_more_than_what_is_to_be_looked_at() -> None:
    both = facts(eviction="allkeys-lru", connections=[connection(key=None, key_problem="it has none")])
    assert EXIT_CODES[worst(judged(both))] == 1
