"""One seed from start to verdict."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from tests.chaos import databases
from tests.chaos.contestant import Contestant
from tests.chaos.databases import Kind
from tests.chaos.expectation import Thing, expectation
from tests.chaos.judgement import Judgement, judge
from tests.chaos.mayhem import Mayhem, schedule
from tests.chaos.place import Place, drawn_keys, new_ports
from tests.chaos.scaled import Times
from tests.chaos.senders import Senders
from tests.chaos.story import Story, Told, story
from tests.chaos.supervision import Supervised, Supervision, wait_until
from tests.chaos.upsales import Sandbox, everyday_faults
from worker.local import valkey

START_SECONDS = 60.0
SHOW_EVERY = 5.0
AT_REST = 3
"""So many looks in a row must find nothing left."""
FINAL = frozenset({"delivered", "superseded", "ignored"})
MARKLESS = "comments"
"""Upsales gives comments nothing that could carry a mark: a lost answer needs a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordeal:
    """What is asked for. `seconds`: over which events are sent and processes killed. `drain`: by then nothing may be left.

    `calm`: nothing is killed, wiped or frozen, and Upsales fails only as it does every day.
    """

    seed: int
    events: int
    kills: int
    database: Kind
    seconds: float
    drain: float
    calm: bool = False
    times: Times = field(default_factory=Times)


@dataclass(slots=True)
class Outcome:
    """What came of it. `stuck`: what was left at the end of the drain. `unfinished`: events that did not end well, by id."""

    ordeal: Ordeal
    contestant: str
    judgement: Judgement = field(default_factory=Judgement)
    accepted: int = 0
    done: Mapping[str, int] = field(default_factory=dict)
    faults: int = 0
    calls: int = 0
    review: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not any(self.problems)

    @property
    def problems(self) -> Sequence[Sequence[str]]:
        judged = self.judgement
        return (judged.lost, judged.duplicated, judged.wrong, self.unfinished, self.refused, self.stuck)


def run(contestant: Contestant, ordeal: Ordeal, *, keep: bool = False) -> Outcome:
    """`keep`: the directory with the logs stays where a run failed."""
    directory = Path(tempfile.mkdtemp(prefix="chaos-"))
    outcome = Outcome(ordeal, contestant.name)
    begun = time.monotonic()
    try:
        with Supervision() as supervision, closing(Sandbox(new_ports()[0])) as sandbox, _interrupts():
            _Run(contestant, ordeal, directory, supervision, sandbox, outcome).go()
        return outcome
    finally:
        outcome.seconds = time.monotonic() - begun
        if keep and not outcome.passed:
            say(f"logs: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


@dataclass(slots=True)
class _Run:
    contestant: Contestant
    ordeal: Ordeal
    directory: Path
    supervision: Supervision
    sandbox: Sandbox
    outcome: Outcome

    def go(self) -> None:
        ordeal = self.ordeal
        told = story(ordeal.seed, ordeal.events)
        place = self._place()
        self._start(place)
        acts = [] if ordeal.calm else schedule(ordeal.seed, ordeal.kills, ordeal.seconds, ordeal.database, ordeal.times)
        for act in acts:
            say(str(act))
        senders = Senders(
            lambda connection: self.contestant.url(place, connection), place.secrets, told.sendings, ordeal.seconds
        )
        mayhem = Mayhem(acts, self.supervision, self.sandbox, place.redis_url)
        self.sandbox.add_faults(everyday_faults(ordeal.times))
        try:
            senders.start()
            mayhem.start()
            begun = time.monotonic()
            while not mayhem.finished(SHOW_EVERY):
                say(
                    f"{time.monotonic() - begun:6.1f} s: {len(senders.accepted)} accepted, {self.contestant.left(place)} left"
                )
            if not senders.finish(ordeal.drain):
                self.outcome.stuck.append("the senders are not done")
        finally:
            mayhem.stop()
            senders.stop()
        self.outcome.done = mayhem.done
        self.outcome.accepted = len(senders.accepted)
        self.outcome.refused = [f"{event}: {answer}" for event, answer in sorted(senders.refused.items())]
        self._drain(place, until=ordeal.events // 20)
        self.outcome.faults = self.sandbox.clear_faults()
        self._drain(place)
        self._conclude(place, told, senders.accepted)

    def _place(self) -> Place:
        secrets, keys = drawn_keys(self.ordeal.seed)
        server = valkey.prepare(self.directory / "valkey")
        self.supervision.start(Supervised("valkey", server.command, {}, self.directory))
        with redis.Redis.from_url(server.url, protocol=2) as client:
            wait_until(lambda: _pings(client), START_SECONDS, "Valkey answers")
        database = (
            databases.postgresql(self.directory, self.supervision)
            if self.ordeal.database == "postgresql"
            else databases.sqlite(self.directory)
        )
        return Place(
            directory=self.directory,
            times=self.ordeal.times,
            sandbox_port=self.sandbox.port,
            web_port=new_ports()[1],
            redis_url=server.url,
            database_url=database,
            secrets=secrets,
            keys=keys,
        )

    def _start(self, place: Place) -> None:
        environ = place.environ
        self.supervision.start(self.sandbox.process(self.directory, environ, self.ordeal.seed, self.ordeal.times))
        wait_until(self.sandbox.ready, START_SECONDS, "the sandbox answers")
        self.sandbox.furnish()
        self.contestant.prepare(place)
        environ = self.contestant.environ(place)
        for name, command in self.contestant.commands(place).items():
            self.supervision.start(Supervised(name, command, environ, self.directory))
        wait_until(lambda: self.contestant.ready(place), START_SECONDS, "the receiver answers")

    def _drain(self, place: Place, until: int = 0) -> None:
        """While much is left the everyday faults go on."""
        begun, quiet, shown = time.monotonic(), 0, 0.0
        while quiet < AT_REST:
            left = self.contestant.left(place)
            late = self.sandbox.late_commits() if until == 0 else 0
            quiet = quiet + 1 if left is not None and left <= until and late == 0 else 0
            waited = time.monotonic() - begun
            if waited > self.ordeal.drain:
                self.outcome.stuck += [f"{left} left after {waited:.0f} s", *self.contestant.why(place)]
                return
            if waited - shown > SHOW_EVERY:
                shown = waited
                say(f"draining: {left} left after {waited:.0f} s")
            time.sleep(0.3)

    def _conclude(self, place: Place, told: Story, accepted: set[str]) -> None:
        ended, outcome = self.contestant.ended(place), self.outcome
        events = [event for event in told.events if event.id in accepted]
        undecided: set[Thing] = set()
        for event in events:
            status, reason = ended.get(event.id, ("nowhere", "")) if ended else ("delivered", "")
            if status == "review" and _markless(event):
                outcome.review.append(f"{event.id}: {reason}")
                undecided |= {thing for thing in expectation([event]) if thing.resource == MARKLESS}
            elif status not in FINAL:
                outcome.unfinished.append(f"{event.id} {event.type} is {status}: {reason}")
        outcome.calls = len(self.sandbox.calls())
        outcome.judgement = judge(expectation(events), self.sandbox.state(), frozenset(undecided))


def _markless(event: Told) -> bool:
    return event.type.startswith("comment.")


def _pings(client: Any) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@contextmanager
def _interrupts() -> Iterator[None]:
    """A platform's TERM cleans up like Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the progress of a long run
