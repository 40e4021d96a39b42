"""Names what a comparison of a sender with Upsales may find. No finding holds a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

What: TypeAlias = Literal["missing", "unlinked", "different", "gone", "extra"]
"""missing: the sender has it, and there is no record. unlinked: there is a record, and we don't know that it is the thing's.

different: fields show something else than the sender wants. gone: the record that it was linked to was deleted or merged.
extra: the sender no longer has the thing of a record.
"""

WHATS: Final[tuple[What, ...]] = ("missing", "unlinked", "different", "gone", "extra")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`kind` and `thing`: as the sender calls it. `key`: None where it is kept, or shown, and may name somebody. `fields`: name → who made the difference.

    `newer`: whose change is the later one. `because`: what became of the event that should have made it, or how the record was found.
    `mends`: whether a repair would do something about it.
    """

    what: What
    kind: str
    thing: str
    resource: str
    key: str | None
    record_id: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    newer: str | None = None
    because: str | None = None
    mends: bool = False

    def packed(self) -> dict[str, Any]:
        """As JSON, without what says nothing."""
        return {name: value for name, value in asdict(self).items() if value not in (None, {})}
