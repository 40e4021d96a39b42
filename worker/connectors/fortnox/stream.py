"""Declares how Fortnox tells what happened: over one WebSocket for all customers.

https://www.fortnox.se/developer/guides-and-good-to-know/websockets
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.connectors.fortnox.settings import TOPICS, Settings
from worker.sdk.stream import NOTHING, Command, Heard, Session, Stream, Tenant

ADD_TENANTS, ADD_TOPICS, SUBSCRIBE = "add-tenants-v1", "add-topics-v1", "subscribe-v1"


def opening(session: Session) -> Sequence[Command]:
    topics = [_topic(name, session.offsets) for name in session.topics]
    return [
        *adding(session),
        Command({"command": ADD_TOPICS, "topics": topics}, answered=ADD_TOPICS),
        Command({"command": SUBSCRIBE}, answered=SUBSCRIBE),
    ]


def adding(session: Session) -> Sequence[Command]:
    """One command for each customer: whatever Fortnox makes of the others in a command that holds a wrong token, no other is in it."""
    return [_added(tenant, session.token.partition(":")[2]) for tenant in session.tenants]


def _added(tenant: Tenant, secret: str) -> Command:
    tokens = [tenant.signed["Authorization"]]
    return Command(
        {"command": ADD_TENANTS, "clientSecret": secret, "accessTokens": tokens},
        answered=ADD_TENANTS,
        tenant=tenant.connection,
    )


def _topic(name: str, offsets: Mapping[str, str]) -> dict[str, str]:
    return {"topic": name} | ({"offset": offsets[name]} if name in offsets else {})


def on_message(message: Any) -> Heard:
    if not isinstance(message, dict):
        return NOTHING
    if "response" in message:
        return _answered(message)
    topic, offset = message.get("topic"), message.get("offset")
    if not isinstance(topic, str) or not isinstance(offset, str | int):
        return NOTHING
    return Heard(events=True, offsets={topic: str(offset)})


def _answered(message: Mapping[str, Any]) -> Heard:
    command = str(message["response"]).removesuffix("-v1") + "-v1"
    if message.get("invalidTokens"):
        return Heard(answers=command, trouble="token", why="Fortnox does not know the token")
    refused = dict.fromkeys(_texts(message.get("invalidTopics")), "not in the scopes or the customer's licence")
    if message.get("result") not in ("ok", None) and not refused:
        return Heard(answers=command, trouble="again", why=f"Fortnox did not accept {command}")
    return Heard(answers=command, refused=refused)


def _texts(value: Any) -> Iterator[str]:
    """Topics as texts, or as they were asked for: an object each."""
    for each in value if isinstance(value, list) else ():
        name = each.get("topic") if isinstance(each, dict) else each
        if isinstance(name, str):
            yield name


def topics(settings: Settings) -> Sequence[str]:
    return [topic for topic in TOPICS if topic not in settings.without]


STREAM = Stream(
    url="wss://ws.fortnox.se/topics-v1",
    topics=topics,
    opening=opening,
    on_message=on_message,
    # Whether a customer is told of once the token has ended (an hour) is not documented. A token is replaced after 54 minutes at
    # the latest; so often as this none of those that Fortnox was told ends.
    renewing=adding,
    renew_every=5 * 60.0,
    keep_alive=30.0,
    reach=14,
)
