"""Lets Upsales carry a POST out long after it dropped the connection: the duplicate must be reported."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.arena import opened, say
from tests.chaos.contestant import Enter
from tests.chaos.databases import Kind
from tests.chaos.scaled import Times
from tests.chaos.senders import Senders
from tests.chaos.story import Company, Told
from tests.chaos.supervision import wait_until

TIMES = Times(horizon=4.0)
LATE = 11.0
"""Seconds. From the horizon, the call's timeout and the search lag on, at seven and a half, the record is made again; as long after that both are looked for."""
WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Report:
    """What the event says, and the records that stand in Upsales for one company."""

    status: str
    reason: str
    records: Sequence[int]

    @property
    def told(self) -> bool:
        """Whether the event waits for a person and names both records."""
        return self.status == "review" and len(self.records) == 2 and all(str(n) in self.reason for n in self.records)


def beyond_the_horizon(enter: Enter, database: Kind) -> Report:
    """One create commits late. Another company's, sent just after it, shows that Upsales's search is up to date."""
    late, witness = (_event(number) for number in (1, 2))
    with opened(enter, 1, database, TIMES) as arena:
        arena.sandbox.add_faults(
            [
                {
                    "kind": "late_commit",
                    "method": "POST",
                    "resource": "accounts",
                    "count": 1,
                    "seconds": LATE,
                }
            ]
        )
        for event in (late, witness):
            senders = Senders(arena.place.url, arena.place.secrets, [event], 0.0)
            senders.start()
            senders.finished(WAIT)
            # The second one is not to be the call that is struck.
            wait_until(lambda: bool(arena.sandbox.writes()), WAIT, "a call is made")
        begun = time.monotonic()
        wait_until(
            lambda: arena.sandbox.late_commits() == 0 and arena.contestant.left() == 0,
            WAIT,
            "everything is settled",
        )
        say(f"settled after {time.monotonic() - begun:.0f} s")
        status, reason = (arena.contestant.ended() or {})[late.id]
        accounts = arena.sandbox.state()[1]["accounts"]
        number = Company(1, 1, ()).org_no
        return Report(status, reason, [account["id"] for account in accounts if account["orgNo"] == number])


def _event(number: int) -> Told:
    return Told("shop", number, "account.upsert", Company(number, 1, ("shop",)).as_told("shop"))
