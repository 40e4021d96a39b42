"""Tells events of senders that have a format of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.chaos.story import Told
from tests.chaos.things import Thing

Said: TypeAlias = tuple[Thing, Mapping[str, Any], tuple[int, ...]]
"""The last: what is newer has the larger one."""

MENTIONED = (-1,)
"""What an event says of a company or a contact beside its own thing only fills gaps."""


@dataclass(frozen=True, slots=True)
class OwnTold(Told, ABC):
    @abstractmethod
    def says(self, account: int) -> Iterator[Said]:
        """Of external things of that account, in the values that Upsales shows."""


def at_company(account: int, email: str, company: str, **fields: Any) -> Iterator[Said]:
    """Somebody and the company that they name."""
    yield Thing(account, "accounts", company), {"name": company}, MENTIONED
    yield Thing(account, "contacts", email), {"email": email, "client": company, **fields}, MENTIONED
