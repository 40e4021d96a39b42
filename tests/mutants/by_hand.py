"""`python -m tests.mutants.by_hand`: breaks one line after the other, each in a copy of the project, and runs the test that holds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.targets import ROOT

COPIED = ("worker", "web", "schemas", "tests", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Break:
    """`line` stands once in `file`, and is replaced by `instead`. `test` fails then."""

    promise: str
    file: str
    line: str
    instead: str
    test: str


CREATING = "tests/unit/sync/test_creating.py"
RECHECKS = "tests/unit/sync/test_rechecks.py"
REVIEWS = "tests/integration/store/ledger/test_reviews.py"
LEDGER = "tests/integration/store/ledger/test_ledger.py"
WINDOWS = "tests/integration/upsales/budget/test_windows.py"
CATCH_UP = "tests/integration/delivery/test_catch_up.py"
LOCK = "tests/integration/store/db/test_file_lock.py"

BREAKS = (
    Break(
        "absence counts at the horizon plus the lag",
        "worker/sync/create.py",
        "if open_write.age < access.timing.visible_after:",
        "if open_write.age < settled_after:",
        f"{CREATING}::test_absence_counts_only_when_search_must_show_what_committed_at_the_horizon",
    ),
    Break(
        "absence counts while a witness shows",
        "worker/sync/create.py",
        "if witness is not None and access.crm.visible(*witness):",
        "if witness is not None:",
        f"{CREATING}::test_absence_does_not_count_while_no_later_create_shows_in_search",
    ),
    Break(
        "a deleted witness holds nobody up",
        "worker/sync/create.py",
        "or (witness is not None and access.read(*witness) is not None)",
        "or witness is not None",
        f"{CREATING}::test_a_witness_that_a_person_deleted_holds_nobody_up",
    ),
    Break(
        "two records of one thing are looked for by natural keys, too",
        "worker/sync/recheck.py",
        " | _alike(access, due, key)\n",
        "\n",
        "tests/unit/sync/test_rechecks_of_creates.py"
        "::test_without_markers_two_records_of_one_thing_are_found_by_their_natural_key",
    ),
    Break(
        "a record of another thing that looks alike is no duplicate",
        "worker/sync/recheck.py",
        "        and access.ledger.owner(key.resource, found.id) in (None, key)\n",
        "",
        "tests/unit/sync/test_rechecks_of_creates.py"
        "::test_without_markers_a_record_of_another_thing_with_the_same_values_is_no_duplicate",
    ),
    Break(
        "calls that are to be rechecked are not purged",
        "worker/store/db/retention.py",
        "        calls.c.verify_at.is_(None),\n        or_(calls.c.state.in_(CLOSED), ~calls.c.write),\n",
        "",
        f"{REVIEWS}::test_calls_that_are_not_settled_are_not_purged",
    ),
    Break(
        "calls whose outcome is open are not purged",
        "worker/store/db/retention.py",
        "        or_(calls.c.state.in_(CLOSED), ~calls.c.write),\n",
        "",
        "tests/integration/store/events/test_events.py::test_calls_whose_outcome_is_open_stay_however_old",
    ),
    Break(
        "a lane that was seen empty is settled at the version that was seen",
        "worker/store/lanes/due.py",
        '            lanes.c.version == bindparam("as_seen"),\n',
        "",
        "tests/integration/store/lanes/test_lanes.py::test_a_lane_that_was_seen_empty_stays_due_for_what_just_came_in",
    ),
    Break(
        "what is reserved stays reserved",
        "worker/store/ledger/identities.py",
        "        where=identities.c.record_id.is_not(None),\n",
        "",
        f"{LEDGER}::TestSqlLedger::test_what_is_reserved_stays_reserved_though_another_record_is_seen_to_carry_it",
    ),
    Break(
        "a call that was given up is not opened again",
        "worker/store/ledger/write_calls.py",
        'statement = update(calls).where(calls.c.id == call, calls.c.state == "open")',
        "statement = update(calls).where(calls.c.id == call)",
        f"{LEDGER}::test_a_call_that_was_given_up_stays_so_whatever_its_own_worker_hears",
    ),
    Break(
        "whoever has heard of a new key reads the stored keys again",
        "worker/keys/keys.py",
        "        self._rows.look_again()\n",
        "",
        "tests/integration/keys/test_stored_keys.py::test_whoever_looks_again_knows_a_new_key_at_once",
    ),
    Break(
        "a reading that was under way came too early",
        "worker/keys/cached.py",
        '            self._reading = None\n            self._again_at = float("-inf")\n',
        '            self._again_at = float("-inf")\n',
        "tests/integration/keys/test_hanging.py"
        "::test_a_look_that_was_under_way_is_not_taken_for_the_one_that_was_asked_for",
    ),
    Break(
        "what Upsales says is left becomes less with each call",
        "worker/upsales/budget/windows.lua",
        "      if cap_of(window) then redis.call('HINCRBY', STATE, 'cap:' .. window[1], -1) end\n",
        "",
        f"{WINDOWS}::test_what_upsales_says_is_left_becomes_less_with_each_call",
    ),
    Break(
        "the journal is counted once",
        "worker/upsales/budget/windows.lua",
        "  if redis.call('HEXISTS', STATE, 'opens') == 1 then return end\n",
        "",
        f"{WINDOWS}::test_the_journal_is_counted_once_though_two_processes_miss_it_at_once",
    ),
    Break(
        "the wait for another process's lock has a deadline",
        "worker/store/db/file_lock.py",
        "if time.monotonic() >= deadline:",
        "if time.monotonic() >= deadline + 5:",
        f"{LOCK}::test_a_stopped_process_makes_others_give_up_in_time_and_its_death_frees_them",
    ),
    Break(
        "the wait for another thread's lock has a deadline",
        "worker/store/db/file_lock.py",
        "acquire(timeout=wait)",
        "acquire(timeout=wait + 5)",
        f"{LOCK}::test_a_thread_of_the_same_process_gives_up_in_time_too",
    ),
    Break(
        "both waits share one deadline",
        "worker/store/db/file_lock.py",
        "            with self._door.locked(deadline):",
        "            deadline = time.monotonic() + wait\n            with self._door.locked(deadline):",
        f"{LOCK}::test_who_waited_for_a_thread_waits_for_a_process_only_as_long_as_is_left",
    ),
    Break(
        "whoever was overtaken while catching up writes nothing",
        "worker/store/sources/cursors.py",
        "mine = and_(_of(cursor.connection, cursor.kind), cursors.c.token == cursor.token)",
        "mine = _of(cursor.connection, cursor.kind)",
        f"{CATCH_UP}::test_one_process_reads_a_list_at_a_time_and_who_was_overtaken_writes_nothing",
    ),
    Break(
        "catching up reads no change past what is still to happen",
        "worker/delivery/catch_up_rounds.py",
        "min(newest, cursor.begun_at) - again",
        "newest - again",
        f"{CATCH_UP}::test_a_time_that_lies_ahead_takes_the_cursor_past_nothing",
    ),
    Break(
        "while catching up a webhook's arrival tells nothing of its payload's age",
        "worker/delivery/listed.py",
        "if is_read else latest.said",
        "if is_read else latest.said or latest.unread",
        f"{CATCH_UP}::test_when_a_webhook_came_tells_nothing_unless_its_thing_is_read_then",
    ),
    Break(
        "catching up brings what a dead webhook did not",
        "worker/store/sources/told.py",
        'NOT_DEAD = events.c.status != "dead"',
        'NOT_DEAD = events.c.status != ""',
        f"{CATCH_UP}::test_what_a_webhook_brought_is_a_duplicate",
    ),
    Break(
        "catching up goes by what was read, not by when a webhook came",
        "worker/delivery/listed.py",
        "    return None if seen is None else seen.changed or seen.received\n",
        "    return None if seen is None else seen.received\n",
        f"{CATCH_UP}::test_what_was_read_for_a_webhook_says_what_it_brought",
    ),
    Break(
        "a webhook that waits brings nothing where it finds less than the list shows",
        "worker/delivery/listed.py",
        "not _finds_less(changed, latest, latest.newest.get(key))",
        "True",
        f"{CATCH_UP}::test_a_webhook_that_waits_brings_what_is_read_for_it_then",
    ),
    Break(
        "a token that a sender writes back is not kept",
        "worker/sources/reader.py",
        "storable(Echo(signed).hidden(masked(value, kind.secret_fields, lambda _secret: MASK)))",
        "storable(masked(value, kind.secret_fields, lambda _secret: MASK))",
        "tests/integration/sources/test_reading.py"
        "::TestATokenThatIsNotAccepted::test_that_the_sender_writes_back_is_not_kept",
    ),
    Break(
        "one process at a time renews a grant",
        "worker/keys/grants.py",
        "grants.c.version == version, free)",
        "grants.c.version == version)",
        "tests/integration/sources/test_grants.py::test_two_at_once_ask_once_and_both_go_on",
    ),
    Break(
        "what was read is stored before anything else is read",
        "worker/delivery/fetching.py",
        "            readings.store(conn, reading, [*self._links, Link(question.event.id, name, reading.id)])\n",
        "",
        "tests/integration/delivery/test_fetching.py"
        "::test_wherever_a_worker_dies_nothing_is_lost_and_read_once_more_at_most",
    ),
    Break(
        "a page's events and its cursor are stored in one transaction",
        "worker/delivery/catch_up.py",
        "        with self.part.store.write() as conn:\n            name = self.connection.name\n",
        "        with self.part.store.write() as conn:\n"
        "            self._turn(conn, cursor, page, Counted(), newest_of(cursor.newest, items))\n"
        "        with self.part.store.write() as conn:\n            name = self.connection.name\n",
        f"{CATCH_UP}::test_wherever_it_is_killed_nothing_is_lost_and_nothing_doubled",
    ),
)


def noticed(each: Break, copy: Path) -> bool:
    file = copy / each.file
    whole = file.read_text("utf-8")
    file.write_text(whole.replace(each.line, each.instead), "utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider", each.test]
        ran = subprocess.run(
            [*command, "-k", "not postgresql"],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            check=False,
        )
    finally:
        file.write_text(whole, "utf-8")
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"{each.test} could not be run:\n{ran.stdout.decode()}")
    return ran.returncode == 1


def main() -> int:
    """Words on the command line choose the breaks whose promise holds one of them."""
    words, missed = sys.argv[1:], 0
    with tempfile.TemporaryDirectory(prefix="relay-broken-") as name:
        copy = Path(name)
        for part in COPIED:
            whole = ROOT / part
            shutil.copytree(whole, copy / part) if whole.is_dir() else shutil.copy(whole, copy)
        for each in BREAKS:
            if words and not any(word in each.promise for word in words):
                continue
            held = noticed(each, copy)
            missed += not held
            print(f"{'held' if held else 'NOT HELD'}: {each.promise} ({each.test})", flush=True)  # noqa: T201 - what it is for
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
