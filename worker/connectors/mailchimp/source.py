"""Declares Mailchimp's own API: the members of an audience.

https://mailchimp.com/developer/marketing/api/list-members/list-members-info/
"""

from __future__ import annotations

from typing import Any

from schemas import mailchimp
from worker.sdk.source import Basic, Changes, Kind, Limit, Occurred, Offset, Source

PAGE = 1000
TYPES = {"subscribed": "profile", "unsubscribed": "unsubscribe", "cleaned": "cleaned"}
"""Who is pending, transactional or archived has asked for nothing."""
READ = (
    "id",
    "unique_email_id",
    "list_id",
    "email_address",
    "status",
    "unsubscribe_reason",
    "merge_fields",
    "last_changed",
)
"""Where somebody is, and from which network they subscribed, is nobody's business."""
FIELDS = ",".join(f"members.{name}" for name in READ)
MEMBERS = f"/lists/{{audience}}/members?count={PAGE}&offset={{offset}}&fields={FIELDS}"


def found(member: Any) -> Occurred | None:
    """As a webhook would have told it."""
    told = TYPES.get(member.get("status", "")) if isinstance(member, dict) else None
    if told is None:
        return None
    data = {
        "id": member.get("unique_email_id"),
        "list_id": member.get("list_id"),
        "email": member.get("email_address"),
        "merges": member.get("merge_fields"),
        "reason": member.get("unsubscribe_reason") if told == "unsubscribe" else None,
    }
    return Occurred(told, {"type": told, "fired_at": member.get("last_changed"), "listed": True, "data": data})


SOURCE = Source(
    url="https://{data_center}.api.mailchimp.com/3.0",
    # Any name does: https://mailchimp.com/developer/marketing/docs/fundamentals/#connecting-to-the-api
    sign=Basic(user="relay"),
    kinds={
        "member": Kind(
            schema=mailchimp.Listed,
            changes=Changes(
                path=f"{MEMBERS}&since_last_changed={{since}}&sort_field=last_changed&sort_dir=DESC",
                everything=MEMBERS,
                items="members",
                changed="last_changed",
                event=found,
                pages=Offset(PAGE),
            ),
        )
    },
    # Mailchimp counts no calls but connections: ten at a time, of all programs of an account.
    # https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits
    limits=(Limit(5, 1),),
    timeout=60.0,
    unread=True,
)
