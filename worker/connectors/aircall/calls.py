"""Maps calls: each event tells the whole call as it was then, so the newest one counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.phone_numbers import e164
from worker.connectors.aircall.people import at_the_other_end
from worker.connectors.aircall.settings import Settings
from worker.plan import Ignored, Plan, User
from worker.sdk.connector import Event
from worker.sdk.mapping import day, email, readable
from worker.sdk.mapping.calls import Call, told_once

URL = 512


def ended(event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload["data"]
    number = e164(said["raw_digits"] or "", settings.phone_region)
    if said["status"] not in (None, "done"):
        return Ignored("call that has not ended")
    if number is None and not (said["contact"] or {}).get("emails"):
        return Ignored("call with a hidden number")
    who = at_the_other_end(said, number, settings)
    call = told(event, said, number, settings)
    unknown = settings.unknown_callers == "to_do"
    return (*who.upserts, *told_once(call, who, todo_for_unknown=unknown, activity_type=settings.activity_type))


def told(event: Event, said: Mapping[str, Any], number: str | None, settings: Settings) -> Call:
    user = said["user"] or said["assigned_to"] or {}
    started = datetime.fromtimestamp(said["started_at"], UTC) if said["started_at"] else event.time
    missed = said["direction"] == "inbound" and not said["answered_at"]
    return Call(
        id=said["id"],
        title=title(said, number, missed=missed),
        text="\n".join(lines(said)),
        kind="missed" if missed else said["direction"] or "",
        missed=missed and settings.missed_calls == "to_do",
        user=User(email(user.get("email")) or settings.owner, fallback=settings.owner),
        number=number,
        started=started,
        day=day(started, settings.time_zone),
        seconds=spoken(said, settings),
        url=page(said["asset"]),
        retracts=event.type == "call.untagged",
    )


def title(said: Mapping[str, Any], number: str | None, *, missed: bool) -> str:
    known = said["contact"] or {}
    name = " ".join(filter(None, (known.get("first_name"), known.get("last_name"))))
    whom = ", ".join(filter(None, (name, known.get("company_name")))) or number or "a hidden number"
    what = "Missed call from" if missed else "Call to" if said["direction"] == "outbound" else "Call from"
    return f"{what} {whom}"


def spoken(said: Mapping[str, Any], settings: Settings) -> int:
    """`duration` counts the ringing, too: https://developer.aircall.io/api-references."""
    if settings.duration == "whole":
        return int(said["duration"] or 0)
    answered, over = said["answered_at"], said["ended_at"]
    return max(0, over - answered) if answered and over else 0


def page(asset: str | None) -> str | None:
    """The page of the recording, which lasts. Links to the audio itself end within hours."""
    return asset if asset and asset.startswith("https://assets.aircall.io/") and len(asset) <= URL else None


def lines(said: Mapping[str, Any]) -> Iterator[str]:
    """What people noted about the call, and what Aircall knows of it."""
    for comment in said["comments"] or ():
        if text := readable(comment["content"] or ""):
            by = (comment["posted_by"] or {}).get("name")
            yield f"{by}: {text}" if by else text
    tags = [tag["name"] for tag in said["tags"] or () if tag["name"]]
    if tags:
        yield f"Tags: {', '.join(tags)}"
    if said["voicemail"]:
        yield "Left a voicemail"
    if said["missed_call_reason"]:
        yield f"Missed: {said['missed_call_reason'].replace('_', ' ')}"
    others = [each["name"] or each["phone_number"] for each in said["participants"] or ()]
    if len(others) > 2:
        yield f"Participants: {', '.join(filter(None, others))}"
