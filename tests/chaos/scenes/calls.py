"""Scene of a phone call of Aircall's, told in any order: one record, with all that is known in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.own import OwnTold, Said, at_company
from tests.chaos.scaled import OWNER, PHONE
from tests.chaos.scenes.author import AT_ONCE, Author
from tests.chaos.scenes.scene import Scene, Tell
from tests.chaos.story import BEGAN, JSON, Sent, written
from tests.chaos.things import Thing

TYPES = ("call.ended", "call.assigned", "call.comm_assets_generated")
FIRST, LAST = "Jürgen", "Öman"
BEGINNING = int(BEGAN.timestamp())


@dataclass(frozen=True, slots=True)
class CallTold(OwnTold):
    """Its data: the call's `key`. The page of the recording is there last."""

    @property
    def id(self) -> str:
        return f"{self.type}:{self._call}:{self._at}"

    @property
    def _at(self) -> int:
        return int(self.moment.timestamp())

    @property
    def _call(self) -> int:
        return 4_000_000 + int(self.data["key"])

    @property
    def _email(self) -> str:
        return f"jurgen{self.data['key']}@samtal{self.data['key']}.example"

    @property
    def _company(self) -> str:
        return f"Samtalsån {self.data['key']} AB"

    @property
    def _page(self) -> str | None:
        generated = self.type == "call.comm_assets_generated"
        return f"https://assets.aircall.io/calls/{self._call}/recording/info" if generated else None

    @property
    def _spoken(self) -> int:
        return 10 + int(self.data["key"])

    def sent(self, secret: str) -> Sent:
        """https://developer.aircall.io/api-references."""
        answered = BEGINNING - 3600
        call = {
            "id": self._call,
            "direction": "inbound",
            "status": "done",
            "started_at": answered - 8,
            "answered_at": answered,
            "ended_at": answered + self._spoken,
            "duration": self._spoken + 8,
            "asset": self._page,
            "raw_digits": f"+4670{1740000 + int(self.data['key'])}",
            "user": {"id": 456, "name": "Åsa Öberg", "email": OWNER},
            "contact": {
                "id": 9_000_000 + int(self.data["key"]),
                "first_name": FIRST,
                "last_name": LAST,
                "company_name": self._company,
                "emails": [{"id": 1, "label": "Work", "value": self._email}],
                "phone_numbers": [],
            },
            "comments": [],
            "tags": [],
        }
        told = {"resource": "call", "event": self.type, "timestamp": self._at, "token": secret, "data": call}
        return Sent(JSON, written(told))

    def says(self, account: int) -> Iterator[Said]:
        yield from at_company(account, self._email, self._company, firstName=FIRST, lastName=LAST)
        fields = {
            "client": self._company,
            "contact": self._email,
            "durationInS": self._spoken,
            "type": "inbound",
            "user": OWNER,
        }
        page = {} if self._page is None else {"conversationUrl": self._page}
        yield Thing(account, "phonecall", f"{PHONE} {self._call}"), fields | page, self.order


def call(author: Author) -> Scene:
    key = next(author.numbers)
    told = [CallTold(PHONE, next(author.numbers), kind, {"key": key}) for kind in TYPES]
    return author.scene("call told in any order", Tell(author.shuffled([*told, *told]), AT_ONCE))
