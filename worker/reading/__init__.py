"""Everything a connector says of a request and its events, asked in one place."""

from worker.reading.body import BadBody, bounded
from worker.reading.events import Reading, instant, read
from worker.reading.rules import NO_RULE, named, plan_event, rule_for, schema_of

__all__ = [
    "NO_RULE",
    "BadBody",
    "Reading",
    "bounded",
    "instant",
    "named",
    "plan_event",
    "read",
    "rule_for",
    "schema_of",
]
