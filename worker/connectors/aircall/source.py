"""Declares Aircall's own API: the list of calls, to catch up and to backfill."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schemas import aircall
from worker.sdk.source import Basic, Changes, Kind, Limit, Occurred, Onward, Source
from worker.sdk.source.dotted import at

MOST = 50
FOUR_HOURS = 4 * 3600.0


def over(call: Any) -> Occurred | None:
    """As a webhook would tell it. One that goes on is read again, as long as nobody talks for more than four hours."""
    if at(call, "status") != "done" or not at(call, "ended_at"):
        return None
    told = {"resource": "call", "event": "call.ended", "timestamp": call["ended_at"], "data": call}
    return Occurred("call.ended", told)


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


SOURCE = Source(
    url="https://api.aircall.io/v1",
    sign=Basic(),
    kinds={
        "call": Kind(
            schema=aircall.Call,
            changes=Changes(
                path=f"/calls?from={{since}}&order=asc&per_page={MOST}&fetch_contact=true",
                items="calls",
                changed="started_at",
                event=over,
                # No query tells more than 10 000 calls: https://support.aircall.io/en-gb/articles/34702023578397
                pages=Onward(MOST),
                since=seconds,
                overlap=FOUR_HOURS,
            ),
        ),
    },
    # Sixty are sure; its reference spoke of 120 in September 2026.
    limits=(Limit(60, 60),),
    catch_up="1h",
    unread=True,
)
