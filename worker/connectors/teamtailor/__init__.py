"""Maps Teamtailor: jobs to orders, hires to activities, and applicants to nothing."""

from __future__ import annotations

from schemas import teamtailor
from worker.connectors.teamtailor import hires, jobs, leaving
from worker.connectors.teamtailor.identity import TIME, event_id, event_type, subject
from worker.connectors.teamtailor.settings import Settings
from worker.connectors.teamtailor.source import APPLICATION, CANDIDATE, JOB, SOURCE
from worker.sdk.connector import Connector, Handles
from worker.sdk.signatures import senders

CREATED, CHANGED, DELETED = range(3)
"""The ranks: what happens later in the life of a thing."""

OF_JOB, OF_APPLICATION, OF_CANDIDATE = subject("job"), subject("application"), subject("candidate")

connector = Connector(
    name="teamtailor",
    title="Teamtailor",
    signature=senders.TEAMTAILOR,
    event_id=event_id,
    event_type=event_type,
    handles={
        "job.create": Handles(teamtailor.Webhook, jobs.job, OF_JOB, TIME, rank=CREATED),
        "job.update": Handles(teamtailor.Webhook, jobs.job, OF_JOB, TIME, rank=CHANGED),
        "job.destroy": Handles(teamtailor.Webhook, jobs.deleted, OF_JOB, TIME, rank=DELETED),
        "job_application.create": Handles(
            teamtailor.Webhook, hires.hire, OF_APPLICATION, TIME, rank=CREATED, fetch=APPLICATION
        ),
        "job_application.update": Handles(
            teamtailor.Webhook, hires.hire, OF_APPLICATION, TIME, rank=CHANGED, fetch=APPLICATION
        ),
        "candidate.destroy": Handles(teamtailor.Webhook, leaving.erased, OF_CANDIDATE, TIME, rank=DELETED),
        "v1:job.create": Handles(teamtailor.Webhook, jobs.job, OF_JOB, TIME, rank=CREATED, fetch=JOB),
        "v1:job.update": Handles(teamtailor.Webhook, jobs.job, OF_JOB, TIME, rank=CHANGED, fetch=JOB),
        "v1:job.destroy": Handles(
            teamtailor.Webhook, leaving.unproved, OF_JOB, TIME, rank=DELETED, fetch=JOB, gone=jobs.deleted
        ),
        "v1:job_application.create": Handles(
            teamtailor.Webhook, hires.hire, OF_APPLICATION, TIME, rank=CREATED, fetch=APPLICATION
        ),
        "v1:job_application.update": Handles(
            teamtailor.Webhook, hires.hire, OF_APPLICATION, TIME, rank=CHANGED, fetch=APPLICATION
        ),
        "v1:candidate.destroy": Handles(
            teamtailor.Webhook,
            leaving.unproved,
            OF_CANDIDATE,
            TIME,
            rank=DELETED,
            fetch=CANDIDATE,
            gone=leaving.erased,
        ),
    },
    # Applicants are nobody's business here, and an application that is deleted tells nothing of its job.
    ignores=frozenset(
        {
            "candidate.create",
            "candidate.update",
            "job_application.destroy",
            "v1:candidate.create",
            "v1:candidate.update",
            "v1:job_application.destroy",
        }
    ),
    writes={
        "account": frozenset({"create"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    source=SOURCE,
    accepted_status=200,
)
