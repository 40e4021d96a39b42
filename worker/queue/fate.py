"""Names what Flower shows of an event: a state, and one line that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from worker.logs.machine_names import type_name
from worker.logs.masking import id_shown

State: TypeAlias = Literal["SUCCESS", "RETRY", "FAILURE"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an event, without personal data. `name` and `args` are those of its task, as Flower shows them."""

    event: str
    state: State
    line: str
    name: str = ""
    args: str = ""


def shown_name(connection: str, event_type: str) -> str:
    """A sender may call a type whatever they like."""
    return f"{connection}: {type_name(event_type)}"


def shown_args(event: str, sender_id: str, subject: str) -> str:
    """The subject, the sender's id and ours. Flower's list has room for the first ones, and ours in another column."""
    return " · ".join([*(id_shown(each) for each in (subject, sender_id) if each), event])


def task_events(fate: Fate, runtime: float | None = None) -> list[tuple[str, Mapping[str, object]]]:
    """The Celery events that give the event's row this state. The line is where the list shows it, whatever the state."""
    shown = {"result": fate.line, "runtime": runtime, "exception": None, "traceback": None}
    match fate.state:
        case "SUCCESS":
            return [("task-succeeded", shown)]
        case "RETRY":
            return [("task-retried", shown | {"exception": fate.line})]
        case "FAILURE":
            # A row that succeeded once never fails for celery.events.state, unless it was retried in between.
            return [
                ("task-retried", shown | {"runtime": None}),
                ("task-failed", shown | {"exception": fate.line, "retried": None}),
            ]
