"""Says where another integration wrote the numbers of orders that it made."""

from __future__ import annotations

from dataclasses import dataclass

from worker.plan import Match

CUSTOM = "custom."
NUMBER = "{number}"
"""Stands for the number in a pattern."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """`field`: `description`, `notes` or `custom.ALIAS`. `pattern`: how the number is written there, such as `#{number}`.

    In a text it stands among other words; a custom field holds nothing else.
    """

    field: str
    pattern: str

    def match(self, number: str) -> Match:
        value = self.pattern.replace(NUMBER, number)
        return Match(self.field, value, within=not self.field.startswith(CUSTOM))
