"""Sends a scheduled task only when none of its kind waits already.

Else a sweep every two seconds would fill Redis while no worker runs.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import structlog
from celery import beat
from celery.beat import ScheduleEntry

from worker.queue.singletons import Singletons
from worker.queue.wakeups import UNREACHABLE

log = structlog.get_logger()


class Scheduler(beat.Scheduler):
    """Keeps no file: two intervals need no memory, and Celery's would be unpickled from wherever somebody put it.

    `expires` would not do: it is looked at by whoever takes a message.
    """

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)

    @cached_property
    def singletons(self) -> Singletons:
        return Singletons(str(self.app.conf.broker_url))

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        try:
            sets_out = self.singletons.sets_out(str(entry.task))
        except UNREACHABLE as error:
            log.warning("redis is away: tasks are sent when it is back", error=type(error).__name__)
            return
        if sets_out:
            super().apply_entry(entry, producer=producer)
