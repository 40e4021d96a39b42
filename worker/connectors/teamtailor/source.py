"""Declares Teamtailor's own API: jobs, and applications with their job and stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas import teamtailor
from worker.connectors.teamtailor.identity import ID
from worker.sdk.source import Answered, Changes, Get, Header, Kind, Limit, NextLink, Occurred, Source, Verdict

HOUR = 3600.0
LONGEST_RESET = 60
MOST = 30
"""In a page, https://docs.teamtailor.com: more are not given."""


def listed(event_name: str) -> Callable[[Any], Occurred | None]:
    """An item as the webhook has it. It tells no job and no stage of an application: those are read."""

    def event(item: Any) -> Occurred | None:
        if not isinstance(item, dict) or "id" not in item:
            return None
        return Occurred(event_name, {"payload": {"event_name": event_name, "data": item}})

    return event


def throttled(answered: Answered) -> Verdict | None:
    """When to come again is in a header of Teamtailor's own, in seconds."""
    told = answered.headers.get("x-rate-limit-reset", "")
    if answered.status != 429 or not (told.isascii() and told.isdecimal() and int(told) <= LONGEST_RESET):
        return None
    return Verdict("throttled", "answered 429", seconds=float(told))


def changes(path: str, event_name: str, *, whole: bool) -> Changes:
    return Changes(
        path=f"{path}?filter%5Bupdated-at%5D%5Bfrom%5D={{since}}&page%5Bsize%5D={MOST}",
        everything=f"{path}?page%5Bsize%5D={MOST}",
        items="data",
        changed="attributes.updated-at",
        event=listed(event_name),
        pages=NextLink("links.next"),
        whole=whole,
        # In which order the list stands is not documented: what changes while pages are turned may move.
        overlap=HOUR,
    )


SOURCE = Source(
    url="https://{api_host}/v1",
    sign=Header("Authorization", "Token token="),
    headers={"X-Api-Version": "20210218"},
    kinds={
        "job": Kind(
            schema=teamtailor.Resource,
            get="/jobs/{id}",
            at="data",
            changed="attributes.updated-at",
            changes=changes("/jobs", "job.update", whole=True),
            means=throttled,
        ),
        # No more of a person than is written: https://jsonapi.org/format/#fetching-sparse-fieldsets
        "application": Kind(
            schema=teamtailor.Application,
            get="/job-applications/{id}?include={application_include}"
            "&fields%5Bjob-applications%5D=updated-at,rejected-at,job,stage,candidate"
            "&fields%5Bcandidates%5D=first-name,last-name,email,phone"
            "&fields%5Bjobs%5D=title,internal,company-name&fields%5Bstages%5D=name",
            changed="data.attributes.updated-at",
            changes=changes("/job-applications", "job_application.update", whole=False),
            means=throttled,
        ),
        "candidate": Kind(
            schema=teamtailor.Resource,
            get="/candidates/{id}?fields%5Bcandidates%5D=updated-at",
            at="data",
            means=throttled,
        ),
    },
    # https://docs.teamtailor.com/#rate-limit
    limits=(Limit(50, 10),),
    # Nothing is sent again: https://partner.teamtailor.com/company_webhooks/#retry-mechanism
    catch_up="1h",
    unread=True,
)

JOB = (Get("job", id=ID),)
APPLICATION = (Get("application", id=ID),)
CANDIDATE = (Get("candidate", id=ID),)
