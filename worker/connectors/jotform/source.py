"""Declares Jotform's own API: a submission as it was kept, and those of a form.

https://api.jotform.com/docs/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas import jotform
from worker.sdk.mapping import field
from worker.sdk.source import Changes, Get, Header, Kind, Occurred, Offset, Source

MOST = 100
LISTED = f"/form/{{form}}/submissions?limit={MOST}&offset={{offset}}&orderby=created_at"
DAY = 24 * 3600.0


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def submitted(item: Any) -> Occurred | None:
    if not isinstance(item, dict) or not item.get("id"):
        return None
    told = {"submissionID": item["id"], "formID": item.get("form_id"), "at": _at(item)}
    return Occurred("form_submitted", told)


def _at(item: dict[str, Any]) -> str | None:
    """With its offset. None for what is no time."""
    try:
        written = datetime.fromisoformat(str(item.get("created_at")))
        return written.replace(tzinfo=ZoneInfo(str(item.get("zone")))).isoformat()
    except (ValueError, OSError, OverflowError, LookupError):
        return None


SUBMISSION = (Get("submission", id=field("submissionID")),)

SOURCE = Source(
    url="https://{api_host}",
    # As Jotform's own library does; in an address it would be logged: https://github.com/jotform/jotform-api-python
    sign=Header("APIKEY"),
    kinds={
        "submission": Kind(
            schema=jotform.Submission,
            get="/submission/{id}",
            at="content",
            changes=Changes(
                path=f"{LISTED}&filter=%7B%22created_at%3Agt%22%3A%22{{since}}%22%7D",
                everything=LISTED,
                items="content",
                changed="created_at",
                event=submitted,
                pages=Offset(MOST),
                since=moment,
                adds={"zone": "api_time_zone"},
                own_events=True,
                # Its times are of a zone that it doesn't name.
                overlap=DAY,
            ),
        ),
    },
    catch_up="1h",
    unread=True,
)
