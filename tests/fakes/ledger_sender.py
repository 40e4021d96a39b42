"""A pretend sender that posts nothing: one WebSocket, tenants, topics, opaque offsets, and a connector for it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from marshmallow import INCLUDE, Schema
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from worker.plan import Ignored
from worker.sdk.connector import Connector, Handles
from worker.sdk.mapping import field, joined
from worker.sdk.signatures import StaticHeader
from worker.sdk.source import Kind, OAuth2, Source
from worker.sdk.stream import NOTHING, Command, Heard, Session, Stream

TENANT = 4711
GOOD = "Bearer good"
TOPICS = ("customers", "orders")


class Message(Schema):
    class Meta:
        unknown = INCLUDE


def opening(session: Session) -> Sequence[Command]:
    topics = [
        {"topic": topic} | ({"offset": session.offsets[topic]} if topic in session.offsets else {})
        for topic in session.topics
    ]
    return [
        *adding(session),
        Command({"command": "add-topics-v1", "topics": topics}, answered="add-topics-v1"),
        Command({"command": "subscribe-v1"}, answered="subscribe-v1"),
    ]


def adding(session: Session) -> Sequence[Command]:
    secret = session.token.partition(":")[2]
    return [
        Command(
            {"command": "add-tenants-v1", "clientSecret": secret, "accessTokens": [tenant.signed["Authorization"]]},
            answered="add-tenants-v1",
            tenant=tenant.connection,
        )
        for tenant in session.tenants
    ]


def on_message(message: Any) -> Heard:
    if "response" in message:
        if message.get("invalidTokens"):
            return Heard(answers=message["response"], trouble="token", why="the sender does not know the token")
        refused = dict.fromkeys(message.get("invalidTopics", ()), "not in the customer's licence")
        return Heard(answers=message["response"], refused=refused)
    if "topic" in message:
        return Heard(events=True, offsets={message["topic"]: message["offset"]})
    return NOTHING


STREAM = Stream(
    url="wss://ws.ledger.example/topics-v1",
    topics=lambda _settings: TOPICS,
    opening=opening,
    on_message=on_message,
    renewing=adding,
    reach=14,
)


CONNECTOR = Connector(
    name="ledger",
    title="Ledger",
    signature=StaticHeader("x-token"),
    event_id=joined(":", field("tenantId"), field("topic"), field("offset")),
    event_type=field("type"),
    tenant=field("tenantId"),
    handles={
        "customer-updated-v2": Handles(
            schema=Message,
            plan=lambda _event, _settings: Ignored("test"),
            subject=field("entityId"),
            time=field("timestamp"),
        )
    },
    writes={},
    source=Source(
        url="https://api.ledger.example",
        sign=OAuth2(token_url="https://auth.ledger.example/token", grant="client_credentials"),
        kinds={"customer": Kind(schema=Message, get="/customers/{id}")},
    ),
    stream=STREAM,
)


@dataclass(frozen=True, slots=True)
class Told:
    topic: str
    offset: str
    text: str
    tenant: int = TENANT


class LedgerSender:
    """At least once, in order within a topic, from the offset that is asked for; an unknown one restarts silently at the earliest."""

    def __init__(self, *, licensed: Sequence[str] = TOPICS) -> None:
        self.token = GOOD
        self.others: dict[str, int] = {}
        self.licensed = licensed
        self.refuse: int | None = None
        self.silent: set[str] = set()
        self.asked: list[Mapping[str, Any]] = []
        self.opened = 0
        self._log: list[Told] = []
        self._lock = threading.Condition()
        self._open: set[ServerConnection] = set()
        self._numbers: Counter[str] = Counter()

    def tell(self, topic: str = "customers", entity: str = "1", tenant: int = TENANT) -> str:
        """Answers the offset."""
        with self._lock:
            self._numbers[topic] += 1
            offset = f"{topic[0]}{(self._numbers[topic] * 7919) % 100_003:x}"
            message = {
                "topic": topic,
                "type": f"{topic[:-1]}-updated-v2",
                "tenantId": tenant,
                "entityId": entity,
                "offset": offset,
                "timestamp": "2026-03-02T08:15:00+01:00",
            }
            self.say(topic, offset, json.dumps(message), tenant)
            return offset

    def say(self, topic: str, offset: str, text: str, tenant: int = TENANT) -> None:
        with self._lock:
            self._log.append(Told(topic, offset, text, tenant))
            self._lock.notify_all()

    def repeat(self, other: LedgerSender, offset: str) -> None:
        """What another one told."""
        for each in other.told(offset):
            self.say(each.topic, each.offset, each.text)

    def told(self, offset: str) -> Sequence[Told]:
        with self._lock:
            return [each for each in self._log if each.offset == offset]

    def drop(self) -> None:
        """The network ends every stream without a word."""
        with self._lock:
            found = list(self._open)
        for each in found:
            with suppress(OSError):
                each.socket.shutdown(2)

    def end_token(self, then: str) -> None:
        """The access token ended: those who listen are told so."""
        with self._lock:
            self.token = then
            found = list(self._open)
        for each in found:
            with suppress(ConnectionClosed):
                each.send(json.dumps({"response": "add-tenants-v1", "result": "error", "invalidTokens": ["x"]}))

    def answer(self, socket: ServerConnection) -> None:
        with self._lock:
            self._open.add(socket)
            self.opened += 1
        try:
            self._serve(socket)
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                self._open.discard(socket)

    def _serve(self, socket: ServerConnection) -> None:
        topics: dict[str, str | None] = {}
        tenants: set[int] = set()
        for raw in socket:
            asked = json.loads(raw)
            self.asked.append(asked)
            command = asked["command"]
            if command in self.silent:
                continue
            reply: dict[str, Any] = {"response": command, "result": "ok"}
            if command == "add-tenants-v1":
                known = {self.token: TENANT, **self.others}
                unknown = [token for token in asked["accessTokens"] if token not in known]
                let_in = {token: known[token] for token in asked["accessTokens"] if token in known}
                tenants |= set(let_in.values())
                reply |= {"invalidTokens": unknown} if unknown else {"tenantIds": let_in}
            if command == "add-topics-v1":
                topics = {t["topic"]: t.get("offset") for t in asked["topics"] if t["topic"] in self.licensed}
                reply["invalidTopics"] = [t["topic"] for t in asked["topics"] if t["topic"] not in self.licensed]
            socket.send(json.dumps(reply))
            if command == "subscribe-v1":
                threading.Thread(target=self._tell_all, args=(socket, topics, tenants), daemon=True).start()

    def _tell_all(self, socket: ServerConnection, topics: Mapping[str, str | None], tenants: set[int]) -> None:
        told = 0
        behind = dict(topics)
        with self._lock:
            known = {(each.topic, each.offset) for each in self._log}
        behind = {topic: offset for topic, offset in topics.items() if offset and (topic, offset) in known}
        with suppress(ConnectionClosed, OSError):
            while True:
                with self._lock:
                    while told >= len(self._log):
                        if socket not in self._open:
                            return
                        self._lock.wait(0.05)
                    each = self._log[told]
                told += 1
                if each.topic not in topics:
                    continue
                if each.topic in behind:
                    # What was asked for is told again: at least once.
                    if behind[each.topic] != each.offset:
                        continue
                    del behind[each.topic]
                if each.tenant in tenants:
                    socket.send(each.text)

    def entrance(self, _socket: ServerConnection, _request: Request) -> Response | None:
        if self.refuse is None:
            return None
        return Response(self.refuse, HTTPStatus(self.refuse).phrase, Headers())


@contextmanager
def serving(sender: LedgerSender) -> Iterator[str]:
    """The root that stands in for the sender."""
    server: Server = serve(
        sender.answer, "127.0.0.1", 0, process_request=sender.entrance, compression=None, close_timeout=1
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        sender.drop()
        server.shutdown()
        thread.join()
