"""Says what a run is asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.databases import Kind
from tests.chaos.judgement import Judgement
from tests.chaos.scaled import Times
from tests.chaos.scenes.casting import scenes
from tests.chaos.scenes.scene import Scene
from tests.chaos.schedule import Act, Deed, schedule
from tests.chaos.thin.script import Script, script


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordeal:
    """What is asked for. `seconds`: over which events are sent and processes killed. `drain`: by then nothing may be left.

    `calm`: nothing is killed, wiped or frozen, and Upsales fails only as it does every day. `bare`: the story alone, without scenes.
    `without`: what is left out of the schedule.
    """

    seed: int
    events: int
    kills: int
    database: Kind
    seconds: float
    drain: float
    calm: bool = False
    bare: bool = False
    without: frozenset[Deed] = frozenset()
    times: Times = field(default_factory=Times)

    def schedule(self) -> Sequence[Act]:
        acts = [] if self.calm else schedule(self.seed, self.kills, self.seconds, self.database, self.times)
        return [act for act in acts if act.deed not in self.without]

    def script(self) -> Script:
        return script(self.seed, self.events, self.seconds)

    def scenes(self) -> Sequence[Scene]:
        return [] if self.bare else scenes(self.seed, self.events, self.seconds)


@dataclass(slots=True)
class Outcome:
    """What came of it. `stuck`: what was left at the end of the drain. `unfinished`: events that did not end well, by id.

    `told`: events, of the story and the scenes. `explained`: those for which a person's act left nothing to do.
    `unanswered`: writes that took effect, and whose answer said something else, came too late or not at all.
    `unmarked`: creates of what can carry no mark that were left without an answer: so many may wait for a person.
    `waited`: seconds until the first call, of the events of the quiet connection that came beside the flood.
    `reading`: what went wrong with the thin sender's API, and with what is listened to; `read`: what it was asked, and how often.
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
    reading: list[str] = field(default_factory=list)
    read: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not any(self.problems)

    @property
    def problems(self) -> Sequence[Sequence[str]]:
        judged, asked = self.judgement, self.review if len(self.review) > self.unmarked else []
        return (
            *(judged.lost, judged.duplicated, judged.wrong),
            *(self.unfinished, self.refused, self.stuck, self.raised, asked, self.reading),
        )
