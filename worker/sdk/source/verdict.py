"""Names what an answer of a sender's API means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

What: TypeAlias = Literal["early", "never", "gone", "forbidden", "throttled", "unavailable", "unlike"]
"""early: not there yet, again in seconds. never: it never existed. gone: deleted at the sender. forbidden: the credential may not read it.

throttled: the sender's limits are used up. unavailable: try again. unlike: not as declared.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer as it came. Header names are lower-cased. `json`: None where the body is none."""

    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why`: one line without personal data; of `never` the rule's name. `seconds`: when to come again, where the sender says."""

    what: What
    why: str
    seconds: float | None = None
