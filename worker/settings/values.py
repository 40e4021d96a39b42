"""Defines all settings as frozen values with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from worker.plan import Resource
from worker.sdk.connector import Connector
from worker.settings.addresses import SQLITE
from worker.settings.console import Console
from worker.sync.adoption import Adoption
from worker.sync.matching import Matching

BODY_LIMIT = 1024 * 1024
FILE_LIMIT = 10_000_000

ALERT_KINDS = (
    "redis_away",
    "no_worker",
    "no_sweep",
    "connection_paused",
    "connection_stopped",
    "connection_misconfigured",
    "dead_letters",
    "review_waiting",
    "deliveries_late",
    "webhooks_refused",
    "marker_missing",
    "sender_silent",
    "sender_unread",
    "token_ends",
    "token_ends_soon",
    "not_listening",
)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` calls in `seconds`."""

    limit: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsales:
    """The [upsales] table. Times in seconds."""

    base_url: str = "https://integration.upsales.com/api/v2"
    auth: Literal["query", "cookie"] = "query"
    search_lag: float = 5.0
    commit_horizon: float = 300.0
    call_timeout: float = 20.0
    calls: tuple[Window, ...] = (Window(200, 10), Window(6000, 600), Window(20000, 3600))
    writes: tuple[Window, ...] = (Window(2000, 600), Window(5000, 3600))
    daily: int = 99_999
    at_daily_limit: Literal["continue", "slow", "priority"] = "continue"
    external_id: str = "EXTERNAL_ID"
    make_fields: bool = True
    org_no: str | None = None
    recreate_deleted: bool = False

    @property
    def settled_after(self) -> float:
        """Seconds after a call was journalled: it may leave until its timeout is over, and take effect until the commit horizon after that."""
        return self.call_timeout + self.commit_horizon

    @property
    def patience(self) -> float:
        """For how long a create without an answer is left to the events of its lane."""
        return 3 * (self.settled_after + self.search_lag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The [delivery] table. Times in seconds."""

    threads: int = 8
    lease: float = 60.0
    batch: int = 100
    sweep_every: float = 2.0
    ring_again: float = 30.0
    queue_bound: int = 50
    retry_first: float = 2.0
    retry_longest: float = 3600.0
    give_up: float = 3 * 86400.0
    server_error_tries: int = 5
    claims: int = 5
    keep_early: float = 3600.0
    breaker_lanes: int = 5
    breaker_pause: float = 30.0
    keep_delivered: float = 30 * 86400.0
    keep_payloads: float = 30 * 86400.0
    keep_dead: float = 180 * 86400.0
    keep_review: float = 365 * 86400.0
    keep_calls: float = 90 * 86400.0
    keep_records: float = 730 * 86400.0
    keep_audit: float = 400 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The [alerts] table, and the addresses. Times in seconds. Addresses are secrets: who knows a chat's URL can write there."""

    late: float = 900.0
    refused: int = 5
    settle: float = 300.0
    off: tuple[str, ...] = ()
    email_to: tuple[str, ...] = ()
    email_from: str = ""
    webhook: str = field(default="", repr=False)
    signing_key: str = field(default="", repr=False)
    slack: str = field(default="", repr=False)
    smtp: str = field(default="", repr=False)

    @property
    def targets(self) -> tuple[str, ...]:
        """The ways in which people are told."""
        ways = {"webhook": self.webhook, "slack": self.slack, "email": self.email_to}
        return tuple(name for name, way in ways.items() if way)


@dataclass(frozen=True, slots=True)
class Route:
    """What comes in at another connection's address (`of`) and is of the tenant `value`."""

    of: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One [connections.<name>] table. `settings` is an instance of the connector's settings class.

    `source_url`: where its sender's API is instead of where the connector says; on this machine only, for trying. `catch_up`: seconds
    between two readings of what has changed there; None for never. `adoption`: how orders are found that another integration made.
    `route`: where its events come in, if not at its own address.
    `tenants`: of what comes in at its address, which tenant is which connection's. `file_limit`: bytes of a file of its sender's.
    """

    name: str
    connector: Connector
    settings: Any
    body_limit: int = BODY_LIMIT
    file_limit: int = FILE_LIMIT
    writes: Mapping[Resource, frozenset[str]] = field(default_factory=dict)
    source_url: str | None = None
    catch_up: float | None = None
    adoption: Adoption | None = None
    route: Route | None = None
    tenants: Mapping[str, str] = field(default_factory=dict)

    @property
    def received_by(self) -> str:
        """The connection at whose address its events come in, with whose secret they are signed."""
        return self.route.of if self.route else self.name

    @property
    def makes(self) -> frozenset[Resource]:
        """The resources of which it may create records."""
        return frozenset(resource for resource, verbs in self.writes.items() if "create" in verbs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `redis_url` is None in development until `relay up` starts a server.

    `misconfigured`: what is wrong with a connection, in one line. One that is in `connections` too has a key or secret that can't be
    used; any other has a wrong table. `strays`: variables that look like a key or secret, and are no connection's.
    """

    database_url: str = "sqlite:///var/relay.db"
    redis_url: str | None = None
    config: Path | None = None
    upsales: Upsales = field(default_factory=Upsales)
    delivery: Delivery = field(default_factory=Delivery)
    matching: Matching = field(default_factory=Matching)
    alerts: Alerts = field(default_factory=Alerts)
    console: Console = field(default_factory=Console)
    connections: Mapping[str, Connection] = field(default_factory=dict)
    misconfigured: Mapping[str, str] = field(default_factory=dict)
    strays: Mapping[str, str] = field(default_factory=dict)
    public_url: str | None = None
    port: int = 8000
    sandbox_port: int = 8001
    flower_port: int = 5555
    console_port: int = 8002
    console_address: str = "127.0.0.1"

    @property
    def database_file(self) -> Path | None:
        """Where SQLite keeps the database; None for PostgreSQL."""
        name = self.database_url.removeprefix(SQLITE).partition("?")[0]
        return Path(name) if name and self.database_url.startswith(SQLITE) else None
