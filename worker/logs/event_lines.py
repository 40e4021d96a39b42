"""Writes the lines about events: one when it ends, one when it is put off."""

from __future__ import annotations

from datetime import datetime

import structlog

from worker.logs.machine_names import made_up, type_name

log = structlog.get_logger("relay.events")


def ended(
    *,
    id: str,  # noqa: A002 - as `relay events list --json` calls it
    event_id: str,
    connection: str,
    type: str,  # noqa: A002 - the event's attribute is called so
    trace_id: str | None,
    fate: str,
    reason: str | None,
    status: int | None = None,
    seconds: float,
    attempts: int = 0,
    calls: int | None = 0,
    records: int | None = 0,
    reads: int = 0,
    together_with: str | None = None,
    replay: bool = False,
) -> None:
    """`reason` is a code. `seconds`: since it was received. `calls`, `records`: made, and written, since it was last put off.

    `reads`: of the sender's API.
    """
    told = {"event_id": made_up(event_id), "reason": reason or None, "status": status, "together_with": together_with}
    log.info(
        "event ended",
        id=id,
        connection=connection,
        type=type_name(type),
        fate=fate,
        seconds=round(max(seconds, 0.0), 3),
        attempts=attempts,
        calls=calls,
        records=records,
        **{name: value for name, value in told.items() if value is not None},
        **({"reads": reads} if reads else {}),
        **({"replay": True} if replay else {}),
        **({} if trace_id is None else {"trace_id": trace_id}),
    )


def put_off(
    *,
    id: str,  # noqa: A002 - as `relay events list --json` calls it
    event_id: str,
    connection: str,
    type: str,  # noqa: A002 - the event's attribute is called so
    trace_id: str | None,
    reason: str,
    status: int | None,
    until: datetime | None,
    attempt: int,
    calls: int | None,
    records: int | None,
    reads: int = 0,
    events: int,
    count: int,
) -> None:
    """`until`: None while nobody can tell. `events`: of its lane, which wait with it. `count`: such lines, this one and those that were left out."""
    told = {"event_id": made_up(event_id), "status": status, "trace_id": trace_id}
    log.info(
        "event put off",
        id=id,
        connection=connection,
        type=type_name(type),
        reason=reason,
        until=None if until is None else until.isoformat(timespec="seconds"),
        attempt=attempt,
        calls=calls,
        records=records,
        events=events,
        **{name: value for name, value in told.items() if value is not None},
        **({"reads": reads} if reads else {}),
        **({"count": count} if count > 1 else {}),
    )
