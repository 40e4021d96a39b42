"""Declares how a sender lists what has changed, and which event each item stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worker.sdk.source.pages import OnePage, Pages


@dataclass(frozen=True, slots=True)
class Occurred:
    """The event that a webhook would have told: its type, and the payload that it would have had.

    What stands in an item and would be read afterwards (`Handles.fetch`) need not be read: the item is taken for it where `Changes.whole`.
    """

    type: str
    payload: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How what has changed since a moment is listed.

    `path`: None where the sender lists everything and nothing less: then a backfill reads it, and nothing catches up by it. Else with the query, and `{since}` where the moment goes (and `{page}` or `{offset}` as `pages` says); settings of the connection go in as in `Source.url`.
    `everything`: the path of a list without a moment, where it is another one. `items`: dotted path of the array in the answer; empty where
    the answer is the array. `id`, `changed`: dotted paths in an item. `event`: what it stands for; None for what concerns nobody.
    Where pages are counted, the path asks for the latest change first: what changes while they are turned then moves nothing out of sight.
    `changed` is empty where the list does not say when something changed: each item then counts as of when the list was asked for, and is read.
    `since`: how the sender wants a moment written. `whole`: an item is the thing as `Kind.get` answers it; else each is read.
    `adds`: settings of the connection that go into each item, by the name that they get there: what the sender leaves out, as the path says it.
    `own_events`: the items are the sender's events themselves, and each has the id that its webhook has. By that id alone it is known, and by no later
    event of the same subject: what one event tells no other one tells.
    `overlap`: so many seconds before the newest that was seen are read again, for lists that lag. `reach`: how many days back it tells.
    """

    path: str | None = None
    changed: str
    event: Callable[[Any], Occurred | None]
    items: str = ""
    id: str = "id"
    pages: Pages = field(default_factory=OnePage)
    since: Callable[[datetime], str] = datetime.isoformat
    everything: str | None = None
    whole: bool = True
    adds: Mapping[str, str] = field(default_factory=dict)
    own_events: bool = False
    overlap: float = 120.0
    reach: int | None = None
