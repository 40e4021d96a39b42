"""Runs one seed from start to verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.arena import Arena, opened, say
from tests.chaos.contestant import FINAL, Enter
from tests.chaos.databases import Kind
from tests.chaos.expectation import expectation
from tests.chaos.judgement import Judgement, judge
from tests.chaos.mayhem import Mayhem
from tests.chaos.scaled import FLOODED, QUIET, Times
from tests.chaos.scenes.casting import scenes
from tests.chaos.scenes.scene import Scene
from tests.chaos.scenes.stage import Stage
from tests.chaos.schedule import Act, schedule
from tests.chaos.senders import Senders
from tests.chaos.story import Told, story
from tests.chaos.things import Thing
from tests.chaos.upsales import everyday_faults

SHOW_EVERY = 5.0
LOOK_EVERY = 0.3
AT_REST = 3
"""So many looks in a row must find nothing left."""
HARMLESS = frozenset({"", "no_rate_headers"})
MARKLESS = "comments"
"""Upsales gives comments nothing that could carry a mark: a lost answer needs a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordeal:
    """What is asked for. `seconds`: over which events are sent and processes killed. `drain`: by then nothing may be left.

    `calm`: nothing is killed, wiped or frozen, and Upsales fails only as it does every day. `bare`: the story alone, without scenes.
    """

    seed: int
    events: int
    kills: int
    database: Kind
    seconds: float
    drain: float
    calm: bool = False
    bare: bool = False
    times: Times = field(default_factory=Times)

    def schedule(self) -> Sequence[Act]:
        return [] if self.calm else schedule(self.seed, self.kills, self.seconds, self.database, self.times)

    def scenes(self) -> Sequence[Scene]:
        return [] if self.bare else scenes(self.seed, self.events, self.seconds)


@dataclass(slots=True)
class Outcome:
    """What came of it. `stuck`: what was left at the end of the drain. `unfinished`: events that did not end well, by id.

    `told`: events, of the story and the scenes. `explained`: those for which a person's act left nothing to do.
    `unanswered`: writes that took effect, and whose answer said something else, came too late or not at all.
    `unmarked`: creates of what can carry no mark that were left without an answer: so many may wait for a person.
    `waited`: seconds until the first call, of the events of the quiet connection that came beside the flood.
    `raised`: what tasks raised that nobody expects; it would be made good, and is a mistake all the same.
    """

    ordeal: Ordeal
    judgement: Judgement = field(default_factory=Judgement)
    told: int = 0
    accepted: int = 0
    done: Mapping[str, int] = field(default_factory=dict)
    faults: int = 0
    calls: int = 0
    unanswered: int = 0
    unmarked: int = 0
    explained: int = 0
    waited: Sequence[float] = ()
    review: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not any(self.problems)

    @property
    def problems(self) -> Sequence[Sequence[str]]:
        judged, asked = self.judgement, self.review if len(self.review) > self.unmarked else []
        return (
            *(judged.lost, judged.duplicated, judged.wrong),
            *(self.unfinished, self.refused, self.stuck, self.raised, asked),
        )


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
        self._rage(senders, Stage(played, self.arena, senders))
        # While much is left the everyday faults go on.
        self._drain(ordeal.events // 20)
        self.outcome.faults += sandbox.clear_faults()
        self._drain()
        self._conclude(told.events, played, senders)

    def _rage(self, senders: Senders, stage: Stage) -> None:
        acts, arena = self.ordeal.schedule(), self.arena
        for line in (*acts, *stage.scenes):
            say(str(line))
        mayhem = Mayhem(acts, arena.supervision, arena.sandbox, arena.place)
        begun = time.monotonic()
        try:
            senders.start()
            stage.start()
            mayhem.start()
            while not (mayhem.finished(SHOW_EVERY) and senders.finished(SHOW_EVERY) and stage.finished(SHOW_EVERY)):
                waited = time.monotonic() - begun
                say(f"{waited:6.1f} s: {len(senders.accepted)} accepted, {arena.contestant.left()} left")
                if waited > self.ordeal.seconds + self.ordeal.drain:
                    self.outcome.stuck.append("the senders are not done")
                    break
        finally:
            mayhem.stop()
            senders.stop()
            stage.stop()
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

    def _conclude(self, story_told: Sequence[Told], played: Sequence[Scene], senders: Senders) -> None:
        outcome, sandbox = self.outcome, self.arena.sandbox
        told = [*story_told, *(event for scene in played for event in scene.events)]
        outcome.told = len(told)
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
        outcome.judgement = judge(expectation(accepted, played), sandbox.state(), undecided)

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
