"""Scene of a member of an audience of Mailchimp's, who leaves it: whatever comes first, they stay opted out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.chaos.own import OwnTold, Said, at_company
from tests.chaos.proofs import mailchimp_signed
from tests.chaos.scaled import LIST
from tests.chaos.scenes.author import AT_ONCE, Author
from tests.chaos.scenes.scene import Scene, Tell
from tests.chaos.story import Sent
from tests.chaos.things import OPTED_OUT, Thing

FORM = {"content-type": "application/x-www-form-urlencoded"}
TYPES = ("subscribe", "unsubscribe", "profile")
FIRST, LAST = "Märta", "Sjögren"


@dataclass(frozen=True, slots=True)
class MemberTold(OwnTold):
    """Its data: the member's `key`."""

    @property
    def id(self) -> str:
        return f"{self.type}:{self._audience}:{self._address}:{self._fired}"

    @property
    def _audience(self) -> str:
        return f"a{self.data['key']}"

    @property
    def _address(self) -> str:
        return f"8a{self.data['key']:08x}"

    @property
    def _fired(self) -> str:
        return f"{self.moment:%Y-%m-%d %H:%M:%S}"

    @property
    def _email(self) -> str:
        return f"marta{self.data['key']}@lista{self.data['key']}.example"

    @property
    def _company(self) -> str:
        return f"Listängen {self.data['key']} AB"

    @property
    def _number(self) -> str:
        return f"+46{90_100_000 + int(self.data['key'])}"

    def sent(self, secret: str) -> Sent:
        """https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/."""
        left = {"data[action]": "unsub", "data[reason]": "manual"} if self.type == "unsubscribe" else {}
        told: Mapping[str, str] = {
            "type": self.type,
            "fired_at": self._fired,
            "data[id]": self._address,
            "data[list_id]": self._audience,
            "data[email]": self._email,
            "data[email_type]": "html",
            "data[merges][EMAIL]": self._email,
            "data[merges][FNAME]": FIRST,
            "data[merges][LNAME]": LAST,
            "data[merges][COMPANY]": self._company,
            **left,
            **({"data[merges][PHONE]": self._number} if self.type == "profile" else {}),
        }
        body = urlencode(told).encode()
        return Sent({**mailchimp_signed(body, secret), **FORM}, body)

    def says(self, account: int) -> Iterator[Said]:
        if self.type == "unsubscribe":
            yield Thing(account, "contacts", self._email), {"unsubscribed": OPTED_OUT}, self.order
            return
        changed = {"phone": self._number} if self.type == "profile" else {}
        yield from at_company(account, self._email, self._company, firstName=FIRST, lastName=LAST, **changed)
        if self.type == "subscribe":
            title = f"Subscribed: Mailchimp audience {self._audience}"
            yield Thing(account, "activities", title), {"client": self._company, "contacts": [self._email]}, self.order


def member(author: Author) -> Scene:
    """The change of the profile is newer than the leave: it opts nobody in."""
    key = next(author.numbers)
    told = [MemberTold(LIST, next(author.numbers), kind, {"key": key}) for kind in TYPES]
    return author.scene("member who leaves", Tell(author.shuffled(told), author.random.choice((0.0, AT_ONCE))))
