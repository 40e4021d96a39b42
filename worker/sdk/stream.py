"""Declares how a sender is listened to that posts nothing: over a WebSocket, with offsets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

LISTEN = "LISTEN"
"""The method of a stored request that a sender told over its stream. Its body is the message, as a webhook's would be."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer of the sender's who is told of: the connection, and the headers with which its API is asked now, the access token in them."""

    connection: str
    signed: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a listener knows when it opens a stream.

    `tenants`: whom it tells of: the connection itself, and those that are received by it (`route`). `token`: what is kept for them, such as
    `client id:client secret`. `offsets`: of each topic that told something before, the last that is stored for all of them, exactly as it came.
    """

    settings: Any
    topics: Sequence[str]
    offsets: Mapping[str, str]
    tenants: Sequence[Tenant] = ()
    token: str = field(default="", repr=False)

    @property
    def signed(self) -> Mapping[str, str]:
        """Of the first tenant."""
        return self.tenants[0].signed if self.tenants else {}


@dataclass(frozen=True, slots=True)
class Command:
    """One message to the sender. `answered`: the next command is not sent before something that was heard `answers` this.

    `tenant`: the connection whose token it holds. If that is refused, it concerns this connection alone.
    """

    message: Any = field(repr=False)
    answered: str = ""
    tenant: str = ""


Trouble: TypeAlias = Literal["token", "forbidden", "again"]
"""token: it is not accepted any more; once more with a fresh one. forbidden: a fresh one is of no use. again: open the stream again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a message means; nothing, by default.

    `events`: it holds events, which the connector's `split`, `event_id` and the like read as they read a webhook. `offsets`: what is stored
    with them, by topic; opaque, never compared. `answers`: which command it answers. `refused`: topics that it will tell nothing of, and why.
    `trouble`: what is wrong with the stream, and `why`, one line without personal data. `replies`: sent once all of it is stored.
    """

    events: bool = False
    offsets: Mapping[str, str] = field(default_factory=dict)
    answers: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None
    why: str = ""
    replies: Sequence[Any] = ()


NOTHING = Heard()


def no_headers(_session: Session) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A sender's WebSocket. All functions are pure; messages are JSON.

    `url`: wss alone; settings of the connection go in by name. Nothing else is connected to. `topics`: which ones the settings ask for.
    `opening`: the commands that begin it, in order. `on_message`: what a message means. `headers`: of the request that opens it.
    `renewing`: commands after each `renew_every` seconds, with a token of that moment. `keep_alive`: seconds between two pings.
    `answer_within`: seconds in which a command is answered. `reach`: for how many days the sender tells what a listener missed.
    """

    url: str
    topics: Callable[[Any], Sequence[str]]
    opening: Callable[[Session], Sequence[Command]]
    on_message: Callable[[Any], Heard]
    headers: Callable[[Session], Mapping[str, str]] = no_headers
    renewing: Callable[[Session], Sequence[Command]] | None = None
    renew_every: float | None = None
    keep_alive: float = 30.0
    answer_within: float = 30.0
    most_bytes: int = 1024 * 1024
    reach: int | None = None
