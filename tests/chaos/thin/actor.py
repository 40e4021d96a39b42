"""Plays the thin sender: changes things, tells of some, and lets its API misbehave, while an operator keeps it going."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.chaos.contestant import FINAL
from tests.chaos.scaled import THIN
from tests.chaos.senders import Senders
from tests.chaos.story import Told
from tests.chaos.supervision import wait_until
from tests.chaos.thin.api import Api
from tests.chaos.thin.connector import TIMEOUT
from tests.chaos.thin.operator import Operator
from tests.chaos.thin.script import Change, Script, Trouble
from worker.devkit.neighbour import failing, not_json, slow, throttled
from worker.store import StoreUnavailable

BEHIND = timedelta(seconds=20)
"""By which the sender's clock is behind ours."""
ASK_EVERY = 0.5
MOUTHS = 4
FIRST_NUMBER = 100_000
ROUNDS = 2
"""So many rounds have to end after the last change is shown: one may have been under way."""
BEFORE = timedelta(hours=1)


@dataclass(slots=True)
class Actor:
    """`told`: webhooks that were sent. `regranted`: how often a person had to give the grant anew."""

    script: Script
    api: Api
    operator: Operator
    senders: Senders
    told: list[Told] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    regranted: int = 0
    _shown: dict[tuple[str, str], int] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _begun: float = 0.0

    def start(self) -> None:
        self.operator.authorize(self.api.grants.consent())
        # What changed before a list is read for the first time is history.
        self.operator.catch_up(datetime.now(UTC) - BEHIND)
        self._begun = time.monotonic()
        self._threads = [
            threading.Thread(target=self._guarded, args=(each,), daemon=True) for each in (self._play, self._watch)
        ]
        for thread in self._threads:
            thread.start()

    def finished(self, seconds: float) -> bool:
        """Whether all of it was told and has been read."""
        self._threads[0].join(seconds)
        return not self._threads[0].is_alive()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.api.come()
        self.api.neighbour.behave()

    def _guarded(self, play: Callable[[], None]) -> None:
        try:
            play()
        except Exception as error:  # noqa: BLE001 - it is reported with the run
            self.problems.append(f"the thin sender: {type(error).__name__}: {error}")

    def _play(self) -> None:
        with ThreadPoolExecutor(MOUTHS) as pool:
            for at, _, act in sorted(self._acts(pool), key=lambda each: each[:2]):
                if self._stop.wait(max(self._begun + at - time.monotonic(), 0.0)):
                    return
                act()
        self.api.neighbour.behave()
        for _ in range(ROUNDS):
            self._round()

    def _acts(self, pool: ThreadPoolExecutor) -> Iterator[tuple[float, int, Callable[[], object]]]:
        number = FIRST_NUMBER
        for place, change in enumerate(self.script.changes):
            body = dict(change.body)
            yield change.at, place, partial(_date, body)
            yield change.at + change.shown_after, place, partial(self._show, change, body, place)
            for _ in range(change.told):
                number += 1
                told = Told(THIN, number, f"{change.kind}.changed", {change.kind: change.id}, timed=False)
                self.told.append(told)
                yield change.at, place, partial(pool.submit, self.senders.tell, told)
        for at, trouble in self.script.troubles:
            yield at, -1, partial(self._misbehave, trouble)
            if trouble == "revoke":
                yield at, -1, partial(self._tell_of_all, pool)

    def _tell_of_all(self, pool: ThreadPoolExecutor) -> None:
        """At once, so that both workers need a new token at the same time. What nobody told of is left to catching up."""
        for kind, thing in [key for key, place in self._shown.items() if self.script.changes[place].told]:
            told = Told(THIN, FIRST_NUMBER + len(self.told) + 1, f"{kind}.changed", {kind: thing}, timed=False)
            self.told.append(told)
            pool.submit(self.senders.tell, told)

    def _show(self, change: Change, body: Mapping[str, Any], place: int) -> None:
        """What changed later may be shown already."""
        if self._shown.get((change.kind, change.id), -1) < place:
            self._shown[change.kind, change.id] = place
            self.api.put(change.kind, change.id, body)

    def _misbehave(self, trouble: Trouble) -> None:
        neighbour = self.api.neighbour
        match trouble:
            case "go away":
                self.api.go_away()
            case "come":
                self.api.come()
            case "revoke":
                self.api.grants.revoke_access()
            case "throttle":
                neighbour.misbehave(throttled(1))
            case "fail":
                neighbour.misbehave(failing(), 2)
            case "talk rubbish":
                neighbour.misbehave(not_json())
            case "be slow":
                neighbour.misbehave(slow(TIMEOUT + 0.5))

    def _watch(self) -> None:
        """An operator has what changed read now and then, and authorizes anew where the grant was lost with a process."""
        while not self._stop.wait(ASK_EVERY):
            self.operator.catch_up()
            if self.operator.grant_is_lost():
                with suppress(StoreUnavailable):
                    self.operator.authorize(self.api.grants.consent())
                    self.regranted += 1

    def _round(self) -> None:
        before = self._ended()
        while not self._stop.wait(ASK_EVERY / 2):
            now = self._ended()
            if now and all(now[kind] not in (None, before.get(kind)) for kind in now):
                return

    def _ended(self) -> Mapping[str, datetime | None]:
        return {each.kind: each.ended_at for each in self.operator.progress()}

    def read_again(self, writes: Callable[[], Sequence[Any]], left: Callable[[], int | None], seconds: float) -> None:
        """All of it, from long before: that writes nothing."""
        before = len(writes())
        since = datetime.now(UTC) - BEFORE
        wait_until(lambda: self.operator.catch_up(since), seconds, "the lists are asked for")
        wait_until(lambda: self._read_since(since), seconds, "what changed is read again")
        wait_until(lambda: left() == 0, seconds, "what was read again has ended")
        self.problems += [f"reading it again wrote {call}" for call in writes()[before:]]

    def _read_since(self, since: datetime) -> bool:
        found = self.operator.progress()
        return bool(found) and all(each.since > since and not each.between for each in found)

    def endings(self, ended: Mapping[str, tuple[str, str]]) -> Sequence[str]:
        """Events that did not end well; what was told and is nowhere is lost."""
        mine = {
            event.id: ended.get(event.id, ("nowhere", "")) for event in self.told if event.id in self.senders.accepted
        }
        mine |= {event: how for event, how in ended.items() if event.startswith("read:")}
        return [f"{event} is {status}: {reason}" for event, (status, reason) in mine.items() if status not in FINAL]


def _date(body: dict[str, Any]) -> None:
    body["changed"] = (datetime.now(UTC) - BEHIND).isoformat()
