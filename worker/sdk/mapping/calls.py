"""Makes a phone call of a call, else an entry at the company, else a to-do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from worker.plan import ActivityType, ClientOf, IfKnown, Key, Placed, Standing, Upsert, User, Value
from worker.sdk.mapping.callers import Caller
from worker.sdk.mapping.text import DESCRIPTION, block, clip
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`id`: the sender's. `title`: what it was, in a line. `text`: what was said of it. `missed`: somebody should call back.

    `kind`: how Upsales calls it. `seconds`: how long they spoke. `url`: a page about it that lasts.
    `retracts`: something that was said of it was taken back.
    """

    id: str
    title: str
    text: str
    kind: str
    missed: bool
    user: User
    number: str | None
    started: datetime
    day: date
    seconds: int
    url: str | None
    retracts: bool = False


def told_once(call: Call, who: Caller, *, todo_for_unknown: bool, activity_type: str | None) -> tuple[Upsert, ...]:
    """One of three records, and the same one with each event of the call. `/phoneCall` needs a contact, so without one it is an activity."""
    logged, todo = Key("activity", f"logged:{call.id}"), Key("activity", f"todo:{call.id}")
    made = _activity(call, activity_type)
    with_them: Mapping[str, Value] = {"client": ClientOf(who.contact), "contacts": (IfKnown(who.contact),)}
    unknown = Upsert(key=todo, on_create=made, while_ours=_notes(call), made_without=(who.contact, who.company))
    at_company = Upsert(
        key=logged,
        on_create={**made, **({} if call.missed else {"closeDate": call.day})},
        while_ours=_notes(call),
        placed={"client": (Placed(who.company, Standing.TOLD),)},
        made_with=(who.company,),
        made_without=(who.contact, *((todo,) if todo_for_unknown else ())),
    )
    apart = (logged, *((todo,) if todo_for_unknown else ()))
    phone_call = _phone_call(call, who, apart)
    back = Upsert(
        key=Key("activity", f"back:{call.id}"),
        on_create={**made, **with_them},
        while_ours=_notes(call),
        made_with=(who.contact,),
        made_without=apart,
    )
    others = ((unknown,) if todo_for_unknown else (), (back,) if call.missed else ())
    return (*others[0], at_company, phone_call, *others[1], *_comment(call, who, phone_call.key))


def _phone_call(call: Call, who: Caller, apart: tuple[Key, ...]) -> Upsert:
    return Upsert(
        key=Key("phoneCall", f"call:{call.id}"),
        set=filled({"durationInS": call.seconds, "type": call.kind, "conversationUrl": call.url}),
        on_create=filled(
            {
                "user": call.user,
                "contact": who.contact,
                "client": ClientOf(who.contact),
                "date": call.started,
                "phoneNumber": call.number,
            }
        ),
        made_with=(who.contact,),
        made_without=apart,
    )


def _comment(call: Call, who: Caller, phone_call: Key) -> tuple[Upsert, ...]:
    """A phone call has no room for notes: they stand beside it, at the company."""
    text = block(f"{call.title}\n{call.text}")
    if not (call.text or call.retracts):
        return ()
    return (
        Upsert(
            key=Key("comment", f"call:{call.id}"),
            on_create={"user": call.user, "client": ClientOf(who.contact)},
            set={"description": text},
            create=bool(call.text),
            made_with=(phone_call,),
        ),
    )


def _activity(call: Call, activity_type: str | None) -> dict[str, Value]:
    return {
        "description": clip(call.title, DESCRIPTION),
        "users": (call.user,),
        "activityType": ActivityType("activity", activity_type),
        "date": call.day,
    }


def _notes(call: Call) -> dict[str, Value]:
    length = f"Spoke for {_spoken(call.seconds)}" if call.seconds else ""
    return {"notes": block("\n".join(filter(None, (call.number, length, call.url, call.text))))}


def _spoken(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
