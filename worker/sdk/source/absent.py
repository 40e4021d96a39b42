"""Names what was asked of a sender's API and is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Why: TypeAlias = Literal["gone", "never", "unread"]


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands in `Event.read` for it. gone: deleted at the sender. never: it never existed; `rule` names the rule that says so.

    unread: the connection has no token, and works without one.
    """

    what: Why
    rule: str
