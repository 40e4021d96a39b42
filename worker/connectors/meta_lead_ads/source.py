"""Declares the Graph API: leads, their forms, and the page that they came in by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schemas import meta_lead_ads
from worker.connectors.meta_lead_ads.errors import of_a_form, of_a_lead, of_a_page
from worker.connectors.meta_lead_ads.versions import outdated
from worker.sdk.connector import Incoming
from worker.sdk.mapping import field, first_of, read_field
from worker.sdk.source import Changes, Cursor, Get, Kind, Limit, Occurred, Source, bearer

VALUE = "entry.changes.value"
LEAD = field(f"{VALUE}.leadgen_id")
FORM = first_of(field(f"{VALUE}.form_id"), read_field("lead.form_id"))
SINCE = "%5B%7B%22field%22%3A%22time_created%22%2C%22operator%22%3A%22GREATER_THAN%22%2C%22value%22%3A{since}%7D%5D"
"""`[{"field":"time_created","operator":"GREATER_THAN","value":…}]`"""


def in_seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def told(lead: Any) -> Occurred | None:
    """A lead of a form's list, as its webhook would have told of it."""
    if not isinstance(lead, dict):
        return None
    value = {
        "leadgen_id": lead.get("id"),
        "form_id": lead.get("form_id") or lead.get("listed_form"),
        "created_time": lead.get("created_time"),
    }
    return Occurred("leadgen", {"object": "page", "entry": {"changes": {"field": "leadgen", "value": value}}})


def form(incoming: Incoming) -> str | None:
    """Nothing is read for a lead that is not there."""
    return FORM(incoming) if "lead" in incoming.read else None


def consent(incoming: Incoming) -> str | None:
    """The form, where boxes could be checked: what they said is told with it."""
    lead = incoming.read.get("lead")
    boxes = lead.get("custom_disclaimer_responses") if isinstance(lead, dict) else None
    return FORM(incoming) if boxes else None


# The page comes first: by it a token of another page is told from a lead that isn't there.
FETCH = (
    Get("page", id=field(f"{VALUE}.page_id")),
    Get("lead", id=LEAD),
    Get("form", id=form, optional=True),
    Get("consent", id=consent, optional=True),
)

SOURCE = Source(
    url="https://graph.facebook.com/{graph_version}",
    sign=bearer(),
    kinds={
        "page": Kind(schema=meta_lead_ads.Page, get="/{id}/leadgen_forms?fields=id&limit=1", means=of_a_page),
        "lead": Kind(
            schema=meta_lead_ads.Lead,
            get="/{id}?fields={lead_fields}",
            means=of_a_lead,
            changes=Changes(
                path=f"/{{form}}/leads?fields={{lead_fields}}&filtering={SINCE}&limit=100",
                items="data",
                changed="created_time",
                event=told,
                pages=Cursor("paging.cursors.after", "after", more="paging.next"),
                since=in_seconds,
                adds={"listed_form": "form"},
                # Meta deletes leads after that time.
                reach=90,
            ),
        ),
        "form": Kind(schema=meta_lead_ads.Form, get="/{id}?fields=id,name,questions", means=of_a_form),
        "consent": Kind(schema=meta_lead_ads.Consent, get="/{id}?fields=id,legal_content", means=of_a_form),
    },
    # Meta allows 4 800 calls a day for each lead of the last 90 days of a page, and says in its errors when they are used up.
    # This keeps a backfill from using them at once.
    limits=(Limit(10, 1),),
    outdated=outdated,
)
