"""Tells the changes that a program of ours made at Zendesk from those of people."""

from __future__ import annotations

from collections.abc import Sequence

from worker.connectors.zendesk.settings import Settings
from worker.plan import Ignored
from worker.sdk.connector import Event

OWN = Ignored("a change of our own users")


def actors(event: Event) -> Sequence[str | None]:
    """Who made the change, by id and address."""
    if event.type == "trigger":
        return (event.payload["current_user_id"], event.payload["current_user_email"])
    return (event.payload["detail"]["actor_id"],)


def is_own(who: Sequence[str | None], settings: Settings) -> bool:
    own = {each.casefold() for each in settings.own_users}
    return any(each and each.casefold() in own for each in who)
