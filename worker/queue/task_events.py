"""Tells Flower what became of events, in the place of how Celery's tasks ended.

A task ends as soon as its message is dealt with; an event may wait for days. An event's id is its task's id, so the next
message of an event takes its row over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog
from celery.worker.request import Request as CeleryRequest

from worker.queue.fate import Fate, task_events

_FATES = "fates"
UNTOLD = "the task failed unexpectedly: the worker's log says where"

log = structlog.get_logger()


def tell(request: Any, fates: Iterable[Fate]) -> None:
    """For the task that handles this request: these are shown before it is acknowledged. Without a worker nobody is told."""
    told: list[Fate] | None = getattr(request, _FATES, None)
    if told is not None:
        told.extend(fates)


class Request(CeleryRequest):
    """A message that names an event. What fails here changes nothing: the outcome is committed, and the message is acknowledged."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # The pool's threads get this very dictionary, and the task its contents.
        self._told: list[Fate] = []
        self.request_dict[_FATES] = self._told

    def acknowledge(self) -> None:
        """Told first: of a process that is killed in between another worker gets the message, and tells."""
        self._quietly(self._tell_now)
        super().acknowledge()

    def _tell_now(self) -> None:
        """The worker's loop would send them with its next turn."""
        if self._told:
            self._report(time.time() - self.time_start if self.time_start else None)
            self.eventer.flush(errors=False)

    def send_event(self, type: str, **fields: Any) -> None:  # noqa: A002 - Celery's signature
        """Each has the name and the ids, so that Flower can show a task whose first events it missed. What is begun anew has no result."""
        if type == "task-succeeded":
            self._quietly(lambda: self._report(fields.get("runtime")))
        elif type == "task-failed":
            # Celery's exception and traceback may hold what the sender wrote.
            self._quietly(lambda: self._send(self.id, Fate(self.id, "FAILURE", UNTOLD)))
        else:
            plain = partial(super().send_event, type, **fields, name=self.name, args=self.argsrepr, result=None)
            self._quietly(plain)

    def _quietly(self, tell: Callable[[], object]) -> None:
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - whatever a broken connection raises
            log.info("Flower could not be told what became of an event", error=error.__class__.__name__)

    def _report(self, runtime: float | None) -> None:
        """Each once."""
        told, self._told[:] = list(self._told), []
        for fate in told:
            mine = fate.event == self.args[0]
            self._send(self.id if mine else fate.event, fate, runtime if mine else None)

    def _send(self, task_id: str, fate: Fate, runtime: float | None = None) -> None:
        if not (self.eventer and self.eventer.enabled and self.task.send_events):
            return
        shown = {"name": fate.name or self.name, "args": fate.args or self.argsrepr}
        times = {} if task_id == self.id else {"received": self.time_start, "started": self.time_start}
        for kind, fields in task_events(fate, runtime):
            self.eventer.send(kind, uuid=task_id, **shown, **times, **fields)
