"""Judges what all connections share: database, Redis, processes, disks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from worker.admin.standstill import LEFT_OVER
from worker.cli.doctor import console
from worker.cli.doctor.facts import Disk, Facts, Known, Part, Unknown
from worker.cli.doctor.findings import Finding, not_checked
from worker.cli.selection import number
from worker.queue.wakeups import PRIORITY, QUEUES
from worker.store.instruments.processes import Process

SCARCE, TOO_SCARCE = 2 * 1024**3, 200 * 1024**2
"""Bytes that are free."""
SWEPT_LATE = 60.0
EXPECTED = {
    "receiver": "no webhook is accepted: start `relay serve`",
    "worker": "nothing is delivered: start `celery -A worker.app worker …`, as in the Procfile",
    "beat": "what waits for a retry is not tried again, and nothing is cleaned up: start `celery -A worker.app beat`",
}
"""The kinds of processes that an installation needs, and what is so without one."""


def installation(facts: Facts) -> Iterator[Finding]:
    yield Finding("settings", "fine", str(facts.config or "no relay.toml; defaults and environment"))
    yield from _strays(facts.strays)
    yield _files(facts)
    yield _master_key(facts.master_key)
    yield database(facts.database)
    yield redis(facts)
    yield from map(disk, facts.disks)
    yield from processes(facts)
    yield sweep(facts)
    yield from queues(facts)
    yield from console.judged(facts.entrance, facts.up)
    yield from _connections(facts)
    yield from _nameless(facts)


def _strays(strays: Mapping[str, str]) -> Iterator[Finding]:
    for variable, says in strays.items():
        yield Finding(variable, "look", says.removeprefix(f"{variable}: "))


def _files(facts: Facts) -> Finding:
    if not facts.open_files:
        return Finding("files", "fine", "secrets and data can be read by their owner only")
    names = " ".join(map(str, facts.open_files))
    return Finding("files", "look", f"others on this machine can read what is secret: chmod go-rwx {names}")


def _master_key(problem: Known[str | None]) -> Finding:
    if isinstance(problem, Unknown):
        return not_checked("master key", problem.why)
    if problem:
        return Finding("master key", "wrong", problem)
    return Finding("master key", "fine", "nothing that is stored needs another one")


def database(part: Part) -> Finding:
    if part.reached and part.why:
        says = f"it takes no writes: {part.why.rstrip('.')} (from {part.place.origin}); make room: webhooks get 503 until it does"
        return Finding("database", "wrong", says)
    if part.reached:
        return Finding("database", "fine", str(part.place))
    if part.state == "away":
        says = f"{part.why.rstrip('.')} (from {part.place.origin}); start it, or correct the address: webhooks get 503 until it answers"
        return Finding("database", "wrong", says)
    return Finding("database", "wrong", f"{part.why} (from {part.place.origin})")


def redis(facts: Facts) -> Finding:
    part = facts.redis
    if part.state == "absent":
        return Finding("Redis", "wrong", f"{part.why}; start `relay demo`" if facts.demo else part.why)
    if not part.reached:
        says = (
            f"it can't be reached at {part.place}: {part.why}; start it, or correct the address."
            " Meanwhile webhooks are accepted, and nothing is delivered"
        )
        return Finding("Redis", "wrong", says)
    if isinstance(facts.eviction, Unknown):
        return not_checked("Redis", f"its maxmemory-policy: {facts.eviction.why}; it has to be noeviction")
    if facts.eviction not in ("noeviction", None):
        says = f"its maxmemory-policy is {facts.eviction}: with noeviction no wake-up is ever thrown away"
        return Finding("Redis", "look", says)
    return Finding("Redis", "fine", f"reached at {part.place}")


def disk(found: Disk) -> Finding:
    says = f"{_size(found.free)} free for {found.what} in {found.path}"
    if found.free < TOO_SCARCE:
        return Finding(f"disk: {found.what}", "wrong", f"{says}: make room, or webhooks get 503")
    if found.free < SCARCE:
        return Finding(f"disk: {found.what}", "look", f"{says}: make room soon")
    return Finding(f"disk: {found.what}", "fine", says)


def processes(facts: Facts) -> Iterator[Finding]:
    if isinstance(facts.processes, Unknown):
        yield not_checked("processes", facts.processes.why)
        return
    alive = [each for each in facts.processes if each.alive]
    if not alive:
        yield _nothing_runs(facts, facts.processes)
        return
    for kind, without in EXPECTED.items():
        found = _of_kind(kind, without, [each for each in facts.processes if each.kind == kind])
        yield _strangers(found, facts) if kind == "worker" else found
    yield _versions(facts.version, alive)


def _nothing_runs(facts: Facts, known: Sequence[Process]) -> Finding:
    start = "start `relay up`, or the Procfile's processes"
    if facts.demo:
        start = "start `relay demo`"
    says = f"none gives a sign of life, neither receiver nor worker nor beat: {start}"
    if facts.waiting and not isinstance(facts.waiting, Unknown):
        return Finding("processes", "wrong", f"{says}; {number(facts.waiting, 'event')} wait")
    return Finding("processes", "wrong" if known else "look", says)


def _of_kind(kind: str, without: str, known: Sequence[Process]) -> Finding:
    alive = [each for each in known if each.alive]
    if not alive:
        last = min((each.quiet_for for each in known), default=None)
        since = "" if last is None else f"; the last one was heard {span(last)} ago"
        return Finding(kind, "wrong", f"none gives a sign of life, {without}{since}")
    places = ", ".join(sorted({each.host for each in alive}))
    busy = ""
    if threads := sum(each.threads for each in alive if kind == "worker"):
        busy = f", {sum(each.busy for each in alive)} of {threads} threads busy"
    if kind == "beat" and len(alive) > 1:
        return Finding(kind, "look", f"{len(alive)} run, on {places}: one is enough; more do no harm")
    return Finding(kind, "fine", f"{number(len(alive), 'process', 'processes')} on {places}{busy}")


def _strangers(found: Finding, facts: Facts) -> Finding:
    """Of workers that take messages, and give no sign of life in this database."""
    if found.level == "fine" or isinstance(facts.readers, Unknown) or not facts.readers:
        return found
    says = (
        f"{found.says}. But {', '.join(sorted(facts.readers))} takes messages from Redis: has it another DATABASE_URL?"
    )
    return Finding(found.what, found.level, says)


def _versions(ours: str, alive: Sequence[Process]) -> Finding:
    others = sorted({f"{each.kind} {each.version} on {each.host}" for each in alive if each.version != ours})
    if not others:
        return Finding("versions", "fine", f"all processes are {ours}")
    return Finding("versions", "look", f"this is {ours}, and there is {', '.join(others)}: restart what is older")


def sweep(facts: Facts) -> Finding:
    if isinstance(facts.last_sweep, Unknown):
        return not_checked("sweep", facts.last_sweep.why)
    if facts.last_sweep is None:
        return Finding("sweep", "look", "there was none yet: it begins with beat and a worker that reads `priority`")
    ago = _ago(facts.now, facts.last_sweep)
    if ago > max(SWEPT_LATE, 10 * facts.sweep_every):
        says = f"the last one ended {span(ago)} ago: beat asks for it, and a worker that reads `{PRIORITY}` does it"
        return Finding("sweep", "wrong", f"{says}; until then retries and lost wake-ups wait")
    return Finding("sweep", "fine", f"the last one ended {span(ago)} ago")


def queues(facts: Facts) -> Iterator[Finding]:
    if isinstance(facts.queues, Unknown):
        yield not_checked("queues", facts.queues.why)
        return
    if isinstance(facts.readers, Unknown):
        yield not_checked("queues", f"who reads them: {facts.readers.why}")
        return
    for name in QUEUES:
        yield _queue(name, facts.queues.get(name, 0), [who for who, read in facts.readers.items() if name in read])


def _queue(name: str, length: int, readers: Sequence[str]) -> Finding:
    holds = number(length, "message")
    if readers:
        return Finding(f"queue {name}", "fine", f"{holds}; read by {', '.join(sorted(readers))}")
    does = "urgent events and all upkeep" if name == PRIORITY else "all events that are not urgent"
    says = f"{holds}, and no worker reads it: it has {does}. Start a worker with `-Q {','.join(QUEUES)}`"
    return Finding(f"queue {name}", "wrong", says)


def _connections(facts: Facts) -> Iterator[Finding]:
    if not facts.connections and not facts.misconfigured:
        yield Finding("connections", "wrong", "there are none: set RELAY_<CONNECTOR>_API_KEY, or write relay.toml")
    for name, says in facts.misconfigured.items():
        yield Finding(f"{name}: settings", "wrong", f"misconfigured: {says}")
    if isinstance(facts.left_over, Unknown):
        return
    yield from (Finding(f"{name}: connection", "look", LEFT_OVER) for name in facts.left_over)


def _nameless(facts: Facts) -> Iterator[Finding]:
    if facts.nameless and not isinstance(facts.nameless, Unknown):
        says = f"{number(facts.nameless, 'request')} in the last hour named no connection: is a sender's URL right?"
        yield Finding("webhooks for nobody", "look", says)


def _ago(now: datetime, then: datetime) -> float:
    return max((now - then).total_seconds(), 0.0)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.0f} TB"


def span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
