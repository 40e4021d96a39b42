"""Declares LinkedIn's Lead Sync API: leads, and the forms with their questions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from schemas import linkedin
from worker.connectors.linkedin.versions import outdated
from worker.sdk.connector import Incoming
from worker.sdk.mapping import field, first_of, last_part, read_field
from worker.sdk.source import Answered, Changes, Get, Kind, Limit, OAuth2, Occurred, Offset, Source, Verdict

URN = "urn:li:leadGenFormResponse:"
LEAD = last_part(field("leadGenFormResponse"), ":")
VERSIONED = first_of(field("leadGenForm"), read_field("lead.versionedLeadGenFormUrn"))
FORM_ID = re.compile(r"leadGenForm:(\d+)")
"""In `urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)`."""
ENDED = 426
MOST = 100
FAR = 4_102_444_800_000
"""The end of a range that has none: the year 2100, in milliseconds."""


def form(incoming: Incoming) -> str | None:
    """Nothing is read for a lead that is not there."""
    return form_id(VERSIONED(incoming)) if "lead" in incoming.read else None


def form_id(urn: str | None) -> str | None:
    found = FORM_ID.search(urn or "")
    return found[1] if found else None


def version_ended(answered: Answered) -> Verdict | None:
    """Nothing is wrong with the leads: they wait until the setting is changed."""
    if answered.status != ENDED:
        return None
    return Verdict("forbidden", "the version of its API has ended: set a newer api_version")


def in_milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def told(lead: Any) -> Occurred | None:
    """A lead of a list, as its notification would have told of it."""
    if not isinstance(lead, dict) or not isinstance(lead.get("id"), str):
        return None
    notification = {
        "type": "LEAD_ACTION",
        "leadAction": "CREATED",
        "leadGenFormResponse": f"{URN}{lead['id']}",
        "leadGenForm": lead.get("versionedLeadGenFormUrn"),
        "leadType": lead.get("leadType"),
        "owner": lead.get("owner"),
        "occurredAt": lead.get("submittedAt"),
    }
    return Occurred("LEAD_ACTION.CREATED", notification)


FETCH = (Get("lead", id=LEAD), Get("form", id=form, optional=True))

SOURCE = Source(
    url="https://api.linkedin.com/rest",
    headers={"LinkedIn-Version": "{api_version}", "X-Restli-Protocol-Version": "2.0.0"},
    # https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
    sign=OAuth2(
        token_url="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106 - an address
        grant="refresh_token",
        authorize_url="https://www.linkedin.com/oauth/v2/authorization",
        scopes=("r_marketing_leadgen_automation", "r_ads"),
        client="body",
        refresh_days=365,
        plain=True,
    ),
    kinds={
        "lead": Kind(
            schema=linkedin.Lead,
            get="/leadFormResponses/{id}",
            means=version_ended,
            changes=Changes(
                path="/leadFormResponses?q=owner&owner=({account_kind}:{account})&leadType=(leadType:{lead_type})"
                f"&limitedToTestLeads=false&submittedAtTimeRange=(start:{{since}},end:{FAR})&count={MOST}&start={{offset}}",
                items="elements",
                changed="submittedAt",
                event=told,
                pages=Offset(MOST),
                since=in_milliseconds,
                # LinkedIn keeps leads for that long.
                reach=90,
            ),
        ),
        "form": Kind(schema=linkedin.Form, get="/leadForms/{id}", means=version_ended),
    },
    # LinkedIn publishes no figure. Each lead takes two readings.
    limits=(Limit(5, 1),),
    outdated=outdated,
)
