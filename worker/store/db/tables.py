"""Defines the tables of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

from worker.plan import QualifiedKey

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since the epoch: one form in both databases, compared as a number."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


class KeyColumn(TypeDecorator[QualifiedKey]):
    """A key with its connection, kept as connection:resource:key. No connection and no resource has a colon in its name."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: QualifiedKey | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else f"{value.connection}:{value.resource}:{value.id}"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> QualifiedKey | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else QualifiedKey(*value.split(":", 2))


BigId = BigInteger().with_variant(Integer, "sqlite")
Ulid = String(26)
Name = String(64)
Short = String(255)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

requests = Table(
    "requests",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("connection", Name, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("method", String(16), nullable=False),
    Column("url", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index(None, "received_at"),
)

# A status is one of pending, delivered, superseded, ignored, dead and review. place: of a replay, the seq of what it replays.
# review_key: of one in review, whose record a person has to name; candidates: the Upsales ids of the records in question.
# note: what of it could not be taken as its sender told it. reason_code: the kind of reason (`worker/logs/reasons.py`); null while it waits, and of what an earlier release ended.
# batch: the seq of the batch that last took it. again_at: since when one that had ended waits once more.
# former: what one that was dead or in review was, before it was put off to be tried again in its turn (`worker/store/events/former.py`).
# waits_for: the record without which an event that has ended could not take effect; the event is tried again if that is made by waits_until.
# waits_until of a pending event: until when it waits for what other events make (`WaitingEvent.expects_until`). Its waits_for is null.
# searched: how often what its payload says was made searchable; null if never, less than nothing if it is to be done again.
events = Table(
    "events",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=True),
    Column("id", Ulid, nullable=False, unique=True),
    Column("request_id", Ulid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("connection", Name, nullable=False),
    Column("event_id", Short, nullable=False),
    Column("replay", String(26), nullable=False, server_default=""),
    Column("place", BigInteger),
    Column("type", Short, nullable=False),
    Column("subject", Short, nullable=False),
    Column("time", Instant, nullable=False),
    Column("priority", Boolean, nullable=False, server_default=text("false")),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("server_errors", Integer, nullable=False, server_default="0"),
    Column("claims", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    Column("reason_code", Name),
    Column("review_key", KeyColumn),
    Column("candidates", JSON(none_as_null=True)),
    Column("note", Text),
    Column("former", JSON(none_as_null=True)),
    Column("waits_for", KeyColumn),
    Column("waits_until", Instant),
    Column("received_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("searched", Integer),
    Column("again_at", Instant),
    Column("batch", BigInteger),
    UniqueConstraint("connection", "event_id", "replay"),
    Index(
        "ix_events_waiting",
        "connection",
        "subject",
        "time",
        text("coalesce(place, seq)"),
        "seq",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "ix_events_kept",
        "waits_for",
        sqlite_where=text("waits_for IS NOT NULL"),
        postgresql_where=text("waits_for IS NOT NULL"),
    ),
    Index(
        "ix_events_oldest",
        "connection",
        "received_at",
        sqlite_where=text("status = 'pending' AND replay = ''"),
        postgresql_where=text("status = 'pending' AND replay = ''"),
    ),
    Index(
        "ix_events_for_people",
        "connection",
        "status",
        "done_at",
        sqlite_where=text("status IN ('dead', 'review')"),
        postgresql_where=text("status IN ('dead', 'review')"),
    ),
    Index(
        "ix_events_reason",
        "reason_code",
        "connection",
        "seq",
        sqlite_where=text("status IN ('dead', 'review')"),
        postgresql_where=text("status IN ('dead', 'review')"),
    ),
    Index(
        "ix_events_batch",
        "batch",
        "status",
        "seq",
        sqlite_where=text("batch IS NOT NULL"),
        postgresql_where=text("batch IS NOT NULL"),
    ),
    Index("ix_events_status", "status", "received_at"),
    Index("ix_events_request", "request_id"),
    Index("ix_events_fate", "connection", "status", "seq"),
    Index("ix_events_type", "type", "seq"),
    Index("ix_events_subject", "subject", "seq"),
    Index(
        "ix_events_unsearched",
        "seq",
        sqlite_where=text("searched IS NULL OR searched < 0"),
        postgresql_where=text("searched IS NULL OR searched < 0"),
    ),
    sqlite_autoincrement=True,
)

# Ids of events that are gone, until nobody repeats them any more. digest: of the connection and the sender's id. event: what our id was.
past_ids = Table(
    "past_ids",
    metadata,
    Column("digest", LargeBinary(16), primary_key=True),
    Column("event", Ulid, nullable=False),
    Column("until", Instant, nullable=False),
    Index(None, "until"),
    sqlite_with_rowid=False,
)

# That a value stands in the payload of an event. term: a keyed hash of the value, `worker/store/terms/keys.py`.
terms = Table(
    "terms",
    metadata,
    Column("term", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("term", "seq"),
    sqlite_with_rowid=False,
)

# The terms of an event, eight bytes each: by them its rows of the table above are found.
event_terms = Table(
    "event_terms",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=False),
    Column("packed", LargeBinary, nullable=False),
)

# What was read of a sender's API. A status is one of read, gone, never and unread. body: JSON, null of what is not there; note: why it is not.
# changed: when the thing last changed, as its sender tells. read_at: just before it was asked for.
readings = Table(
    "readings",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("connection", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("thing", Short, nullable=False),
    Column("status", String(8), nullable=False),
    Column("body", LargeBinary),
    Column("note", Text),
    Column("changed", Instant),
    Column("read_at", Instant, nullable=False),
    Index("ix_readings_thing", "connection", "kind", "thing", "read_at"),
)

# The bytes of a file that was read, until it is delivered.
contents = Table(
    "contents",
    metadata,
    Column("reading", Ulid, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

# For which event, and under which name its mapping finds it. There is no reading without an event.
event_readings = Table(
    "event_readings",
    metadata,
    Column("event", Ulid, nullable=False),
    Column("name", Name, nullable=False),
    Column("reading", Ulid, nullable=False),
    PrimaryKeyConstraint("event", "name"),
    Index("ix_event_readings_reading", "reading"),
)

# due_at is null while nothing waits, or only replays, which wait for their turn since parked_at. version: bumped by every insert, so that a release can
# tell that something came in. token: of the last claim, larger than that of any before it, even of a lane of the same subject that was purged since.
# lease_until: when that claim ends or ended; of a lane that was never claimed, when due_at became null.
# held_at: since when a person holds it back; nobody claims it until it is released.
lanes = Table(
    "lanes",
    metadata,
    Column("connection", Name, nullable=False),
    Column("subject", Short, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("owner", String(64)),
    Column("lease_until", Instant),
    Column("due_at", Instant),
    Column("priority", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("rung_at", Instant),
    Column("parked_at", Instant),
    Column("held_at", Instant),
    PrimaryKeyConstraint("connection", "subject"),
    Index(
        "ix_lanes_due",
        "connection",
        "priority",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "ix_lanes_parked",
        "connection",
        "parked_at",
        sqlite_where=text("parked_at IS NOT NULL"),
        postgresql_where=text("parked_at IS NOT NULL"),
    ),
    Index(
        "ix_lanes_idle",
        "lease_until",
        sqlite_where=text("due_at IS NULL"),
        postgresql_where=text("due_at IS NULL"),
    ),
)

# How many parked lanes of a connection go a minute; the next at next_at. There is a row while some are parked.
paces = Table(
    "paces",
    metadata,
    Column("connection", Name, primary_key=True),
    Column("a_minute", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
)

# What a person has done to many events, one after the other. kind: replay, refetch, drop, urgent, hold, release or backfill. state: draft, running, paused, done or cancelled.
# chosen: the filters, times fixed. upto, counted_at: the set is frozen; counted: how many it had. bookmark: the seq up to which it has come; taken: how many it took; taken_back: how many were left, or given back, when it was cancelled.
# next_at: when the next one is taken. request_key: makes one batch of a form that is sent twice; digest: of what was sent with it. expires_at: of a draft.
batches = Table(
    "batches",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("chosen", JSON, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("counted_at", Instant, nullable=False),
    Column("counted", BigInteger, nullable=False),
    Column("a_minute", Integer, nullable=False),
    Column("bookmark", BigInteger, nullable=False, server_default="0"),
    Column("taken", BigInteger, nullable=False, server_default="0"),
    Column("taken_back", BigInteger, nullable=False, server_default="0"),
    Column("why", Text),
    Column("by", Short, nullable=False),
    Column("request_key", Short, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("next_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("by", "request_key"),
    Index(
        "ix_batches_running",
        "seq",
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    sqlite_autoincrement=True,
)

# How far a backfill has come. batch: its row above. kinds: what it reads, one after the other; place: the number of the one that it is at. since: from when on; null for everything.
# file: the name of the file that it reads, with the digest of what stands in it; null for the sender's API. bookmark: where the next page is; done: how many items of that page were taken.
# seen: items that were read; known: those of which an event was there already; left_out: those that concern nobody, or can't be told. trouble: why it could not read on.
backfills = Table(
    "backfills",
    metadata,
    Column("batch", BigInteger, primary_key=True, autoincrement=False),
    Column("connection", Name, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("place", Integer, nullable=False, server_default="0"),
    Column("since", Instant),
    Column("file", Text),
    Column("digest", String(64)),
    Column("bookmark", Text),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("seen", BigInteger, nullable=False, server_default="0"),
    Column("known", BigInteger, nullable=False, server_default="0"),
    Column("left_out", BigInteger, nullable=False, server_default="0"),
    Column("trouble", Text),
)

# The last comparison of a connection's sender with its links and Upsales. kinds: that were listed; since: from when on, null for everything; whole: all that was there was looked at.
# counts: how many things and findings of each kind. findings: the first of them, by what they are about, with names of fields and without values; more: how many others there were.
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("connection", Name, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("since", Instant),
    Column("whole", Boolean, nullable=False),
    Column("repair", Boolean, nullable=False),
    Column("over_people", Boolean, nullable=False),
    Column("by", Short, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("more", BigInteger, nullable=False, server_default="0"),
    Index("ix_reconciliations_connection", "connection"),
)

# What fields hold: name -> [value, time in microseconds, seq, event id, connection].
# touched_at: when an event was last about it; null if an earlier release made it, the epoch once its texts were erased because of their age.
records = Table(
    "records",
    metadata,
    Column("account", BigInteger, nullable=False),
    Column("resource", String(32), nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("holder", String(64)),
    Column("lease_until", Instant),
    Column("touched_at", Instant),
    PrimaryKeyConstraint("account", "resource", "record_id"),
    Index(None, "touched_at"),
)

# A link is creating, linked or gone.
links = Table(
    "links",
    metadata,
    Column("connection", Name, nullable=False),
    Column("resource", String(32), nullable=False),
    Column("key", Short, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("record_id", BigInteger),
    Column("call_id", Ulid),
    Column("created_at", Instant, nullable=False),
    Column("missing_since", Instant),
    PrimaryKeyConstraint("connection", "resource", "key"),
    Index("ix_links_record", "account", "resource", "record_id"),
)

# record_id is null while the value is reserved by the link (connection, key) that is being created.
identities = Table(
    "identities",
    metadata,
    Column("account", BigInteger, nullable=False),
    Column("resource", String(32), nullable=False),
    Column("field", String(64), nullable=False),
    Column("value", Short, nullable=False),
    Column("record_id", BigInteger),
    Column("connection", Name),
    Column("key", Short),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("account", "resource", "field", "value"),
    Index("ix_identities_record", "account", "resource", "record_id"),
)

# A call is open, unknown, done, failed, or lost: a create that never showed up, was made again and is rechecked once more.
# sent: what a write carried, kept only until its outcome is settled.
# verify_at: when a recheck is due. looks: rechecks that found nothing. failed_looks: rechecks that could not be made.
calls = Table(
    "calls",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("connection", Name, nullable=False),
    Column("account", BigInteger),
    Column("fingerprint", String(16), nullable=False),
    Column("method", String(8), nullable=False),
    Column("resource", String(32), nullable=False),
    Column("record_id", BigInteger),
    Column("key", Short),
    Column("event", Ulid),
    Column("write", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("started_at", Instant, nullable=False),
    Column("deadline_at", Instant, nullable=False),
    Column("duration", BigInteger),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("failed_looks", Integer, nullable=False, server_default="0"),
    Column("verify_at", Instant),
    Column("sent", JSON),
    Column("changed", JSON),
    Index("ix_calls_started", "connection", "started_at"),
    Index(
        "ix_calls_age",
        "started_at",
        sqlite_where=text("verify_at IS NULL"),
        postgresql_where=text("verify_at IS NULL"),
    ),
    Index("ix_calls_record", "account", "resource", "record_id"),
    Index(
        "ix_calls_pending",
        "account",
        "resource",
        "record_id",
        "key",
        sqlite_where=text("state IN ('open', 'unknown')"),
        postgresql_where=text("state IN ('open', 'unknown')"),
    ),
    Index(
        "ix_calls_verify",
        "verify_at",
        sqlite_where=text("verify_at IS NOT NULL"),
        postgresql_where=text("verify_at IS NOT NULL"),
    ),
    Index("ix_calls_event", "event"),
    Index("ix_calls_key", "fingerprint", "started_at"),
    Index(
        "ix_calls_unwell",
        "state",
        "started_at",
        sqlite_where=text("state IN ('unknown', 'failed', 'lost')"),
        postgresql_where=text("state IN ('unknown', 'failed', 'lost')"),
    ),
    Index(
        "ix_calls_created",
        "account",
        "started_at",
        sqlite_where=text("method = 'POST' AND state = 'done'"),
        postgresql_where=text("method = 'POST' AND state = 'done'"),
    ),
)

# One request to a sender's API, written down after it was made. thing: its id, without what may name somebody; null for a list. code: of its failure.
source_calls = Table(
    "source_calls",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("connection", Name, nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("kind", Name, nullable=False),
    Column("thing", Short),
    Column("event", Ulid),
    Column("status", Integer),
    Column("code", Name),
    Column("started_at", Instant, nullable=False),
    Column("duration", BigInteger, nullable=False),
    Index("ix_source_calls_started", "connection", "started_at"),
    Index("ix_source_calls_age", "started_at"),
    Index("ix_source_calls_event", "event"),
)

# A connection is active or paused. The breaker is open while broken_until lies ahead; failing: subjects that failed since the last success.
# refused_key: fingerprint of the key for which it was paused. refused_by: `source` where it was its sender's API, null where Upsales. rebound_at: when its links were last forgotten, null if they never were.
connections = Table(
    "connections",
    metadata,
    Column("name", Name, primary_key=True),
    Column("account", BigInteger),
    Column("account_name", Text),
    Column("user_id", BigInteger),
    Column("user_name", Text),
    Column("fingerprint", String(16)),
    Column("state", String(16), nullable=False, server_default="active"),
    Column("reason", Text),
    Column("since", Instant),
    Column("probe_at", Instant),
    Column("probes", Integer, nullable=False, server_default="0"),
    Column("refused_key", String(16)),
    Column("refused_by", Name),
    Column("failing", JSON),
    Column("broken_until", Instant),
    Column("breaks", Integer, nullable=False, server_default="0"),
    Column("rebound_at", Instant),
)

# A state is one of making, there and missing. making with a reason: the call that was to make it got no answer.
marker_fields = Table(
    "marker_fields",
    metadata,
    Column("account", BigInteger, nullable=False),
    Column("alias", Short, nullable=False),
    Column("resource", Name, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("looked_at", Instant, nullable=False),
    PrimaryKeyConstraint("account", "alias", "resource"),
)

# A secret is an api_key, a (signing) secret or a token. ends_at: when its sender stops taking it, as a person told. Its ciphertext is null for one that lives in the environment or a file: then the row only tells when it was last used.
secrets = Table(
    "secrets",
    metadata,
    Column("connection", Name, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("ciphertext", LargeBinary),
    Column("added_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("retired_at", Instant),
    Column("ends_at", Instant),
    PrimaryKeyConstraint("connection", "kind", "fingerprint"),
)

# What a sender granted a connection (OAuth 2), encrypted. client: fingerprint of the token that it was asked for with. version: counts what was stored.
# expires_at: of the access token; refresh_at: when a new one is asked for. grant_ends_at: after which only a person can renew it. null: unknown, or never.
# lease: who asks the token endpoint now, until lease_until. asked_at: since when an answer of it is missing. refused: why the grant is worth nothing now.
grants = Table(
    "grants",
    metadata,
    Column("connection", Name, primary_key=True),
    Column("client", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("access", LargeBinary),
    Column("refresh", LargeBinary),
    Column("expires_at", Instant),
    Column("refresh_at", Instant),
    Column("grant_ends_at", Instant),
    Column("granted_at", Instant),
    Column("refreshed_at", Instant),
    Column("asked_at", Instant),
    Column("lease", String(32)),
    Column("lease_until", Instant),
    Column("refused", Text),
)

# One that is no longer found is right since cleared_at, and closes a while later. connection is empty for one that concerns the whole.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("connection", Name, nullable=False),
    Column("text", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("closed_at", Instant),
    Index(
        "ix_alerts_open",
        "kind",
        "connection",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

# What is to be told about an alert: that it opened or closed, to one target. next_at is null once it was told, or was given up.
notices = Table(
    "notices",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("alert", Ulid, nullable=False),
    Column("act", String(8), nullable=False),
    Column("target", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("written_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("sent_at", Instant),
    Column("error", Text),
    Index("ix_notices_alert", "alert"),
    Index(
        "ix_notices_due",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
)

# How often something happened in one minute since the epoch, by the process that counted it (`Store.shard`). what: `worker.store.instruments.counters`.
minutes = Table(
    "minutes",
    metadata,
    Column("minute", BigInteger, nullable=False),
    Column("connection", Name, nullable=False),
    Column("what", Name, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("minute", "connection", "what", "shard"),
    sqlite_with_rowid=False,
)

# The sums of minutes, once an hour since the epoch is over; and of all such hours, purged ones included.
hours = Table(
    "hours",
    metadata,
    Column("connection", Name, nullable=False),
    Column("what", Name, nullable=False),
    Column("hour", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection", "what", "hour"),
    Index("ix_hours_hour", "hour"),
    sqlite_with_rowid=False,
)
totals = Table(
    "totals",
    metadata,
    Column("connection", Name, nullable=False),
    Column("what", Name, nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection", "what"),
    sqlite_with_rowid=False,
)

# A kind is one of receiver, worker, beat, console and listener. slot: the shard in which it counts, a number from 1 of its own.
processes = Table(
    "processes",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("host", Short, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("version", Name, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("busy", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# When upkeep was last done: sweep, tidy.
chores = Table(
    "chores",
    metadata,
    Column("name", Name, primary_key=True),
    Column("ran_at", Instant, nullable=False),
)

# How far the list of what changed at a sender was read, by kind of thing. since: from which moment on the present round reads; bookmark: its next page, null before the first.
# begun_at: when that round began. newest: the latest change that was seen. found, brought, duplicates, dead: items so far, and what became of them.
# token: of the last lease. failures: in a row; reason, reason_code: of the last one. lost_from, lost_until: changes that the sender told no more, as of lost_at.
cursors = Table(
    "cursors",
    metadata,
    Column("connection", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("since", Instant, nullable=False),
    Column("bookmark", Text),
    Column("begun_at", Instant),
    Column("newest", Instant),
    Column("found", BigInteger, nullable=False, server_default="0"),
    Column("brought", BigInteger, nullable=False, server_default="0"),
    Column("duplicates", BigInteger, nullable=False, server_default="0"),
    Column("dead", BigInteger, nullable=False, server_default="0"),
    Column("owner", String(64)),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("ran_at", Instant),
    Column("ended_at", Instant),
    Column("next_at", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("reason", Text),
    Column("reason_code", Name),
    Column("lost_from", Instant),
    Column("lost_until", Instant),
    Column("lost_at", Instant),
    PrimaryKeyConstraint("connection", "kind"),
)

# What a process last wrote to see that the database takes it.
write_probes = Table(
    "write_probes",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("written_at", Instant, nullable=False),
)

# One row: the oldest revision whose program can work with these tables. None is needed in a database of before 0014.
schema_support = Table(
    "schema_support",
    metadata,
    Column("oldest", String(32), nullable=False),
    PrimaryKeyConstraint("oldest"),
)

# That a person was erased. term: a keyed hash of what was asked for. done_at is null while it is under way, or was interrupted. counts: rows, by table.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("term", Name, nullable=False),
    Column("by", Short, nullable=False),
    Column("why", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("counts", JSON, nullable=False),
    Index(None, "term"),
)

# Somebody's question what is kept of a person, and what became of it. id: that of the proof, once there is one. term as in erasures.
# A state is one of searching, counted, erasing, ended and failed; seen_at: the last sign of who searches or erases. found: `worker.store.privacy.drafts`.
erasure_drafts = Table(
    "erasure_drafts",
    metadata,
    Column("id", Ulid, primary_key=True),
    Column("term", Name, nullable=False),
    Column("by", Short, nullable=False),
    Column("state", String(16), nullable=False),
    Column("step", Short),
    Column("found", JSON(none_as_null=True)),
    Column("fault", Text),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
)

# What a person did. via: page, api or command. about: what it was done to, such as event/01…, batch/7, connection/butik. outcome: one line, without personal data.
audit = Table(
    "audit",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("who", Short, nullable=False),
    Column("via", String(16), nullable=False),
    Column("address", Short),
    Column("act", Name, nullable=False),
    Column("about", Short, nullable=False),
    Column("why", Text),
    Column("outcome", Text),
    Index("ix_audit_about", "about", "seq"),
    Index("ix_audit_who", "who", "seq"),
    Index("ix_audit_act", "act", "seq"),
    sqlite_autoincrement=True,
)

# Who is signed in to the console. id: SHA-256 of what the cookie holds. credential: digest of the token that let them in; empty if a proxy did.
console_sessions = Table(
    "console_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Short, nullable=False),
    Column("role", String(16), nullable=False),
    Column("credential", String(64), nullable=False),
    Column("zone", Name, nullable=False),
    Column("theme", String(16), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
)

# Which session sees the personal data of which event, because an operator asked for it.
reveals = Table(
    "reveals",
    metadata,
    Column("session", String(64), nullable=False),
    Column("about", Short, nullable=False),
    Column("until", Instant, nullable=False),
    PrimaryKeyConstraint("session", "about"),
    Index(None, "until"),
)

# Requests of people that carry a key, and what was answered; without status: not yet. id, request: hashes. body: None where it is not kept.
idempotent_answers = Table(
    "idempotent_answers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Integer),
    Column("location", Text),
    Column("body", Text),
    Index(None, "at"),
)

# Tokens that let nobody in, by the address they came from.
failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=True),
    Column("address", Short, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "address", "at"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

# Who listens to a connection's stream: at most one process at a time. token: larger with each that took over. heard_at: when the sender last told anything.
listeners = Table(
    "listeners",
    metadata,
    Column("connection", Name, nullable=False),
    Column("owner", Name),
    Column("token", BigInteger, nullable=False),
    Column("lease_until", Instant),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("since", Instant, nullable=False),
    Column("heard_at", Instant),
    PrimaryKeyConstraint("connection"),
)

# Up to where a stream is stored. offset: the sender's own text.
offsets = Table(
    "offsets",
    metadata,
    Column("connection", Name, nullable=False),
    Column("topic", Short, nullable=False),
    Column("offset", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("connection", "topic"),
)
