"""Runs one seed from start to verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.arena import Arena, opened, say
from tests.chaos.contestant import FINAL, Enter
from tests.chaos.expectation import Expected, expectation
from tests.chaos.heard.teller import Teller
from tests.chaos.judgement import judge
from tests.chaos.mayhem import Mayhem
from tests.chaos.ordeal import Ordeal, Outcome
from tests.chaos.scaled import ALL_ACCOUNTS, FLOODED, QUIET, THIN
from tests.chaos.scenes.scene import Scene
from tests.chaos.scenes.stage import Stage
from tests.chaos.senders import Senders
from tests.chaos.story import Told, story
from tests.chaos.thin.actor import Actor
from tests.chaos.thin.proof import leaks, too_much
from tests.chaos.thin.script import Script
from tests.chaos.thin.script import expected as as_read
from tests.chaos.things import Thing
from tests.chaos.upsales import everyday_faults

SHOW_EVERY = 5.0
LOOK_EVERY = 0.3
AT_REST = 3
"""So many looks in a row must find nothing left."""
ENDINGS = frozenset({"kill", "crash", "freeze"})
"""Deeds in which what a worker was about to store may be lost."""
HARMLESS = frozenset({"", "no_rate_headers"})
MARKLESS = "comments"
"""Upsales gives comments nothing that could carry a mark: a lost answer needs a person."""


def run(enter: Enter, ordeal: Ordeal, *, keep: bool = False) -> Outcome:
    """`keep`: the logs stay."""
    outcome = Outcome(ordeal)
    begun = time.monotonic()
    with opened(enter, ordeal.seed, ordeal.database, ordeal.times, keep=keep) as arena:
        _Run(arena, ordeal, outcome).go()
    outcome.seconds = time.monotonic() - begun
    return outcome


@dataclass(frozen=True, slots=True)
class _Run:
    arena: Arena
    ordeal: Ordeal
    outcome: Outcome

    def go(self) -> None:
        ordeal, sandbox = self.ordeal, self.arena.sandbox
        told, played = story(ordeal.seed, ordeal.events), ordeal.scenes()
        senders = Senders(self.arena.place.url, self.arena.place.secrets, told.sendings, ordeal.seconds)
        sandbox.add_faults(everyday_faults(ordeal.times))
        actor = self._actor(senders)
        teller = self._teller()
        self._rage(senders, Stage(played, self.arena, senders), actor)
        if teller is not None:
            teller.stop()
        # While much is left the everyday faults go on.
        self._drain(ordeal.events // 20)
        self.outcome.faults += sandbox.clear_faults()
        self._drain()
        if actor is not None:
            self._prove(actor, ordeal)
        if teller is not None:
            self.outcome.reading += teller.problems(lambda: self.arena.contestant.heard() or (), ordeal.drain)
        self._conclude(told.events, played, senders, actor)

    def _actor(self, senders: Senders) -> Actor | None:
        operator = None if self.ordeal.bare else self.arena.contestant.operator()
        return None if operator is None else Actor(self.ordeal.script(), self.arena.api, operator, senders)

    def _teller(self) -> Teller | None:
        if self.ordeal.bare or self.arena.contestant.heard() is None:
            return None
        teller = Teller(self.arena.heard, self.ordeal.seed, max(self.ordeal.events // 2, 20), self.ordeal.seconds)
        teller.start()
        return teller

    def _prove(self, actor: Actor, ordeal: Ordeal) -> None:
        """What only the thin sender can tell."""
        arena, outcome = self.arena, self.outcome
        if not outcome.stuck:
            actor.read_again(lambda: arena.sandbox.writes(ALL_ACCOUNTS[THIN]), arena.contestant.left, ordeal.drain)
        ended = arena.contestant.ended() or {}
        outcome.unfinished += actor.endings(ended)
        read_for = [event for event in ended if event.startswith(("read:", f"{THIN}-"))]
        ends = sum(number for deed, number in outcome.done.items() if deed in ENDINGS)
        outcome.reading = [
            *actor.problems,
            *too_much(arena.api, len(read_for), ends),
            *leaks(arena.place.directory, {arena.place.thin_token.partition(":")[2], *arena.api.grants.given}),
        ]
        outcome.read = {
            "changes": len(actor.script.changes),
            "webhooks": len(actor.told),
            "read on": sum(event.startswith("read:") for event in ended),
            "grants": sum(arena.api.grants.asked.values()),
            "authorized anew": actor.regranted,
            **{f"{what} {status}": number for (what, status), number in sorted(arena.api.reads().items())},
        }
        say(f"the thin sender: {dict(outcome.read)}")

    def _rage(self, senders: Senders, stage: Stage, actor: Actor | None) -> None:
        acts, arena = self.ordeal.schedule(), self.arena
        for line in (*acts, *stage.scenes):
            say(str(line))
        mayhem = Mayhem(acts, arena.supervision, arena.sandbox, arena.place)
        begun = time.monotonic()
        try:
            senders.start()
            stage.start()
            mayhem.start()
            if actor is not None:
                actor.start()
            while not (
                mayhem.finished(SHOW_EVERY)
                and senders.finished(SHOW_EVERY)
                and stage.finished(SHOW_EVERY)
                and (actor is None or actor.finished(SHOW_EVERY))
            ):
                waited = time.monotonic() - begun
                say(f"{waited:6.1f} s: {len(senders.accepted)} accepted, {arena.contestant.left()} left")
                if waited > self.ordeal.seconds + self.ordeal.drain:
                    self.outcome.stuck.append("the senders are not done")
                    break
        finally:
            mayhem.stop()
            senders.stop()
            stage.stop()
            if actor is not None:
                actor.stop()
            senders.close()
        self.outcome.stuck += stage.unfinished
        self.outcome.done, self.outcome.faults = mayhem.done, mayhem.faults

    def _drain(self, until: int = 0) -> None:
        begun, quiet, shown = time.monotonic(), 0, 0.0
        while quiet < AT_REST:
            left = self.arena.contestant.left()
            late = self.arena.sandbox.late_commits() if until == 0 else 0
            quiet = quiet + 1 if left is not None and left <= until and late == 0 else 0
            waited = time.monotonic() - begun
            if waited > self.ordeal.drain:
                self.outcome.stuck += [
                    f"{left} left after {waited:.0f} s",
                    *self.arena.contestant.why(),
                    *self.arena.complaints(),
                ]
                return
            if waited - shown > SHOW_EVERY:
                shown = waited
                say(f"draining: {left} left after {waited:.0f} s")
            time.sleep(LOOK_EVERY)

    def _conclude(
        self, story_told: Sequence[Told], played: Sequence[Scene], senders: Senders, actor: Actor | None
    ) -> None:
        outcome, sandbox = self.outcome, self.arena.sandbox
        told = [*story_told, *(event for scene in played for event in scene.events)]
        outcome.told = len(told) + (len(actor.told) if actor else 0)
        outcome.accepted = len(senders.accepted)
        outcome.refused = [f"{event}: {answer}" for event, answer in sorted(senders.refused.items())]
        outcome.raised = list(self.arena.complaints("raised unexpected"))
        calls = sandbox.calls()
        outcome.calls = len(calls)
        outcome.unanswered = sum(1 for call in calls if call["committed"] and call["fault"] not in HARMLESS)
        explained = {event: reason for scene in played for event, reason in scene.explained.items()}
        undecided = self._endings([event for event in told if event.id in senders.accepted], explained)
        outcome.unmarked = self.arena.contestant.unanswered("comment")
        outcome.waited = self.arena.contestant.waits(QUIET, FLOODED)
        accepted = [event for event in story_told if event.id in senders.accepted]
        expected = {**expectation(accepted, played), **(_read(actor.script) if actor else {})}
        outcome.judgement = judge(expected, sandbox.state(), undecided)

    def _endings(self, events: Sequence[Told], explained: Mapping[str, str]) -> frozenset[Thing]:
        """How each event ended; answers the things that wait for a person."""
        ended = self.arena.contestant.ended()
        undecided: set[Thing] = set()
        for event in events if ended is not None else ():
            status, reason = (ended or {}).get(event.id, ("nowhere", ""))
            if event.id in explained:
                self._explained(event, status, reason, explained[event.id])
            elif status == "review" and event.type.startswith("comment."):
                self.outcome.review.append(f"{event.id}: {reason}")
                undecided |= {thing for thing in expectation([event]) if thing.resource == MARKLESS}
            elif status not in FINAL:
                self.outcome.unfinished.append(f"{event.id} {event.type} is {status}: {reason}")
        return frozenset(undecided)

    def _explained(self, event: Told, status: str, reason: str, expected: str) -> None:
        if expected in reason and status in {"ignored", "dead"}:
            self.outcome.explained += 1
        else:
            self.outcome.unfinished.append(f"{event.id} {event.type} is {status}, not for {expected!r}: {reason}")


def _read(script: Script) -> Mapping[Thing, Expected]:
    found = {}
    for thing, values in as_read(script.newest).items():
        found[thing] = Expected()
        found[thing].say(Told(THIN, 0, "read", {}), values, (0,))
    return found
