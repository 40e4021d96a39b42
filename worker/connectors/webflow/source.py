"""Declares Webflow's own API: what was ever sent by the forms of a site."""

from __future__ import annotations

from typing import Any

from schemas import webflow
from worker.sdk.source import Changes, Kind, Limit, Occurred, Offset, Source, bearer

MOST = 100


def submitted(item: Any) -> Occurred | None:
    """As the webhook tells it. https://developers.webflow.com/data/reference/forms/form-submissions/list-submissions-by-site."""
    if not isinstance(item, dict) or not item.get("id"):
        return None
    told = {
        "id": item["id"],
        "name": item.get("displayName"),
        "formId": item.get("formId"),
        "siteId": item.get("siteId"),
        "submittedAt": item.get("dateSubmitted"),
        "data": item.get("formResponse"),
    }
    return Occurred("form_submission", {"triggerType": "form_submission", "payload": told})


SOURCE = Source(
    url="https://api.webflow.com/v2",
    sign=bearer(),
    kinds={
        "submission": Kind(
            schema=webflow.Submission,
            # It lists by no time: what no webhook told is found by a backfill alone.
            changes=Changes(
                everything=f"/sites/{{site}}/form_submissions?limit={MOST}&offset={{offset}}",
                items="formSubmissions",
                changed="dateSubmitted",
                event=submitted,
                pages=Offset(MOST),
                own_events=True,
            ),
        )
    },
    # Of the smallest plan: https://developers.webflow.com/data/reference/rate-limits
    limits=(Limit(60, 60),),
    unread=True,
)
