"""Makes Prometheus's families of what stands: connections, processes, reviews; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from worker.store.instruments.gauges import ForPeople
from worker.store.instruments.processes import Process, alive_by_kind
from worker.store.lanes.connections import State
from worker.store.sources.cursors import Progress
from worker.store.streams.leases import Listening


@dataclass(frozen=True, slots=True)
class Silence:
    """Of one connection: since when it is quiet, and for how long it may be. Seconds; None where nothing is known."""

    quiet: float | None
    limit: float | None

    @property
    def silent(self) -> bool:
        return self.quiet is not None and self.limit is not None and self.quiet > self.limit


@dataclass(frozen=True, slots=True)
class Window:
    """One call window of one key, which its fingerprint names."""

    connection: str
    key: str
    kind: str
    seconds: float
    used: int
    left: int


def by_connection(name: str, told: str, values: Mapping[str, float]) -> Metric:
    metric = GaugeMetricFamily(name, told, labels=["connection"])
    for connection, value in sorted(values.items()):
        metric.add_metric([connection], value)
    return metric


def up(what: str, *, answers: bool) -> Metric:
    told = {
        "database": "1 while the database answers and takes what is written, else 0.",
        "redis": "1 while Redis answers, else 0.",
    }
    return GaugeMetricFamily(f"relay_{what}_up", told[what], value=float(answers))


def oldest(ages: Mapping[str, float]) -> Metric:
    told = "Age of the oldest event that waits for delivery, 0 where none does. Replays do not count."
    return by_connection("relay_oldest_waiting_seconds", told, ages)


def of_people(found: Iterable[ForPeople], names: Iterable[str]) -> Iterator[Metric]:
    numbers = dict.fromkeys(((name, fate) for name in names for fate in ("dead", "review")), 0)
    numbers |= {(each.connection, each.fate): each.number for each in found}
    ages = {name: 0.0 for name, fate in numbers if fate == "review"}
    ages |= {each.connection: each.oldest for each in found if each.fate == "review"}

    def of(fate: str) -> Mapping[str, float]:
        return {name: number for (name, of_it), number in numbers.items() if of_it == fate}

    yield by_connection("relay_dead_letters", "Events that will not succeed without a person.", of("dead"))
    yield by_connection("relay_reviews", "Events that wait for a person's decision.", of("review"))
    yield by_connection(
        "relay_oldest_review_seconds", "For how long the oldest of the reviews waits, 0 without one.", ages
    )


def states(found: Sequence[State]) -> Iterator[Metric]:
    paused = {state.name: float(state.paused) for state in found}
    stopped = {state.name: float(state.broken_for > 0 or state.breaks > 0) for state in found}
    yield by_connection("relay_connection_paused", "1 while deliveries are paused, else 0.", paused)
    yield by_connection("relay_connection_stopped", "1 while Upsales does not answer the connection, else 0.", stopped)


def markers(lacking: Mapping[str, int]) -> Metric:
    told = "Kinds of records that a connection makes without a marker: Upsales has no custom field for it."
    return by_connection("relay_markers_missing", told, lacking)


def misconfigured(found: Mapping[str, bool]) -> Metric:
    told = "1 while the API key, the signing secret or the token of a connection is missing or can't be read, else 0."
    return by_connection("relay_connection_misconfigured", told, found)


def token_ends(found: Mapping[str, datetime]) -> Metric:
    told = "When the token or the grant ends by which a sender is read; absent where that is never, or not known."
    return by_connection(
        "relay_token_ends_timestamp_seconds", told, {name: at.timestamp() for name, at in found.items()}
    )


def replays(found: Mapping[str, int], names: Iterable[str]) -> Metric:
    return by_connection(
        "relay_replays_queued", "Replays that wait for their turn.", {**dict.fromkeys(names, 0), **found}
    )


def held(found: Mapping[str, int]) -> Metric:
    return by_connection("relay_subjects_held", "Subjects that a person holds back.", found)


def catching_up(found: Iterable[Progress], unread: Mapping[str, bool]) -> Iterator[Metric]:
    told = "Since all that changed of a kind of thing was last read at the sender."
    metric = GaugeMetricFamily("relay_catch_up_age_seconds", told, labels=["connection", "kind"])
    for each in found:
        metric.add_metric([each.connection, each.kind], each.age)
    yield metric
    yield by_connection(
        "relay_connection_unread", "1 while what has changed at its sender can't be read, else 0.", unread
    )


def processes(found: Sequence[Process]) -> Iterator[Metric]:
    alive = GaugeMetricFamily("relay_processes", "Processes that gave a sign of life lately.", labels=["kind"])
    threads = GaugeMetricFamily("relay_threads", "Threads of these processes that do the work.", labels=["kind"])
    busy = GaugeMetricFamily("relay_threads_busy", "How many of them were at work at the last sign.", labels=["kind"])
    for kind, some in alive_by_kind(found).items():
        alive.add_metric([kind], len(some))
        if kind in {"receiver", "worker"}:
            threads.add_metric([kind], sum(process.threads for process in some))
            busy.add_metric([kind], sum(process.busy for process in some))
    yield from (alive, threads, busy)


def chores(found: Mapping[str, datetime]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_chore_last_run_timestamp_seconds", "When upkeep was last done; 0: never.", labels=["chore"]
    )
    for chore in ("sweep", "tidy"):
        metric.add_metric([chore], found[chore].timestamp() if chore in found else 0.0)
    return metric


def silences(found: Mapping[str, Silence]) -> Iterator[Metric]:
    quiet = {name: each.quiet for name, each in found.items() if each.quiet is not None}
    limits = {name: each.limit for name, each in found.items() if each.limit is not None}
    silent = {name: float(each.silent) for name, each in found.items()}
    yield by_connection("relay_connection_quiet_seconds", "Since the last event came, to the minute.", quiet)
    told = "For how long it may be quiet by its own rhythm of four weeks; absent until that is known."
    yield by_connection("relay_connection_quiet_limit_seconds", told, limits)
    yield by_connection("relay_connection_silent", "1 while it is quiet for longer than its limit, else 0.", silent)


def listening(found: Mapping[str, Listening | None]) -> Iterator[Metric]:
    """Of the connections that are listened to."""
    listens = {name: float(each is not None and each.listens) for name, each in found.items()}
    heard = {name: each.heard_at.timestamp() if each and each.heard_at else 0.0 for name, each in found.items()}
    yield by_connection(
        "relay_connection_listening", "1 while a process listens to its sender's stream, else 0.", listens
    )
    told = "When the sender last told anything on its stream; 0: never."
    yield by_connection("relay_connection_heard_timestamp_seconds", told, heard)


def budgets(found: Sequence[Window]) -> Iterator[Metric]:
    labels = ["connection", "key", "kind", "window"]
    used = GaugeMetricFamily("relay_budget_used_calls", "Calls that a key made in a call window.", labels=labels)
    left = GaugeMetricFamily("relay_budget_left_calls", "Calls that a key has left in a call window.", labels=labels)
    for window in found:
        values = [window.connection, window.key, window.kind, f"{window.seconds:g}s"]
        used.add_metric(values, window.used)
        left.add_metric(values, window.left)
    yield from (used, left)
