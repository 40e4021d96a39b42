"""Maps a comment of a ticket to one on the company, and takes it back."""

from __future__ import annotations

from worker.connectors.zendesk.actors import OWN, actors, is_own
from worker.connectors.zendesk.places import home
from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.tickets import ticket_of
from worker.connectors.zendesk.words import name
from worker.plan import Ignored, Key, Plan, Upsert
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import block, readable

NOT_WRITTEN = Ignored("comments are not written")


def said(event: Event, settings: Settings) -> Plan | Ignored:
    comment = event.payload["event"]["comment"]
    author = comment["author"] or {}
    if is_own((*actors(event), author.get("id")), settings):
        return OWN
    if settings.comments == "none":
        return NOT_WRITTEN
    if settings.comments == "public" and not comment["is_public"]:
        return Ignored("private comments are not written")
    text = readable(comment["body"] or "")
    if not text:
        return Ignored("a comment without words")
    told = ticket_of(event)
    place = home(told, settings)
    words = block(f"{name(told)}\n{author.get('name') or 'Somebody'}: {text}")
    note = Upsert(key=key(comment["id"]), on_create={"description": words}, placed={"client": place.place})
    return (*place.upserts, note)


def taken_back(what: str) -> MapEvent:
    """What a customer must no longer see, or nobody, goes from the comment here, too."""

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        if settings.comments == "none":
            return NOT_WRITTEN
        number = event.payload["detail"]["id"]
        words = f"Zendesk #{number}: this comment was {what}"
        comment = key(event.payload["event"]["comment"]["id"])
        return (Upsert(key=comment, set={"description": words}, create=False, final=True),)

    return plan


def key(number: str) -> Key:
    return Key("comment", f"comment:{number}")
