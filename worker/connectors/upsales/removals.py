"""Keeps what was deleted in the other account, unless set otherwise."""

from __future__ import annotations

from collections.abc import Callable

from schemas.upsales_events import STOCKHOLM
from worker.connectors.upsales.settings import Settings
from worker.plan import Ignored, Key, Plan, Resource, Upsert, Value
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import stage

ENDED: dict[Resource, Callable[[Event, Settings], dict[str, Value]]] = {
    "account": lambda _event, _settings: {"active": 0},
    "contact": lambda _event, _settings: {"active": 0},
    "order": lambda _event, settings: {"stage": stage(settings.lost_stage)},
    "activity": lambda event, _settings: {"closeDate": event.time.astimezone(STOCKHOLM).date()},
    "appointment": lambda _event, _settings: {"outcome": "notCompleted"},
}


def removed(resource: Resource) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        if settings.deletions == "keep":
            return Ignored("what is deleted there is kept here")
        return (Upsert(key=Key(resource, event.subject), set=ENDED[resource](event, settings), create=False),)

    return plan
