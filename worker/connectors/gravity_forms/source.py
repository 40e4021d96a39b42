"""Declares the REST API of Gravity Forms: a form with its fields, the entries of all forms.

https://docs.gravityforms.com/rest-api-v2/
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import gravity_forms
from worker.sdk.mapping import field
from worker.sdk.source import Basic, Changes, Get, Kind, Numbered, Occurred, Source

PAGE = 100
LISTED = (
    f"/entries?sorting[key]=date_created&sorting[direction]=DESC&paging[page_size]={PAGE}&paging[current_page]={{page}}"
)
HALF_A_DAY = 14 * 3600.0


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def submitted(entry: Any) -> Occurred | None:
    """The list has the entry as a feed with all fields sends it."""
    return Occurred("form_submitted", entry) if isinstance(entry, dict) and entry.get("id") else None


FORM = (Get("form", id=field("form_id"), optional=True),)

SOURCE = Source(
    url="{site_url}/wp-json/gf/v2",
    # The consumer key is the user, its secret the password.
    sign=Basic(),
    kinds={
        "form": Kind(schema=gravity_forms.Form, get="/forms/{id}"),
        "entry": Kind(
            schema=gravity_forms.Entry,
            changes=Changes(
                path=f"{LISTED}&search=%7B%22start_date%22%3A%22{{since}}%22%7D",
                everything=LISTED,
                items="entries",
                changed="date_created",
                event=submitted,
                pages=Numbered(PAGE),
                since=moment,
                own_events=True,
                # Whether `start_date` is of the site's time zone or of UTC is not documented.
                overlap=HALF_A_DAY,
            ),
        ),
    },
    timeout=30.0,
    # A feed that failed is not sent again.
    catch_up="15m",
    unread=True,
)
