"""Checks that handshakes answer their sender, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from worker.devkit import cases
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Subject
from worker.sdk.connector import ByVerifyToken
from worker.sdk.request import Request

URL = "https://relay.example/webhooks/x"
ODD = (
    Request("GET", URL, (), b""),
    Request("GET", f"{URL}?å&=&a=%ff&a=1", (("x", "å"),), b"\xff"),
    Request("HEAD", URL, (), b""),
    Request("POST", URL, (), b""),
    Request("POST", URL, (("content-type", "text/plain"),), b"[1, null]"),
    Request("POST", URL, (), b'{"challenge": {"a": 1}, "type": []}'),
)
OTHERS = ("someone-else",)


def handshakes_never_raise(subject: Subject) -> Iterator[Problem]:
    """A stranger can send anything before it is proved who sent it."""
    for number, handshake in enumerate(subject.connector.handshakes):
        for request in ODD:
            for secrets in ((), ("",), cases.SECRETS):
                problem = _raises(handshake, request, secrets)
                if problem:
                    yield Problem(f"handshakes[{number}]", problem, "answer None to what is no handshake")
                    break


def _raises(handshake: Any, request: Request, secrets: Sequence[str]) -> str:
    try:
        handshake(request, secrets)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        return f"raises {type(error).__name__} at a {request.method} of {request.body!r:.40}"
    return ""


def each_handshake_has_a_case(subject: Subject) -> Iterator[Problem]:
    """Some senders switch a webhook off whose handshake fails."""
    for number, handshake in enumerate(subject.connector.handshakes):
        token = isinstance(handshake, ByVerifyToken)
        known = cases.VERIFY_TOKENS if token else cases.SECRETS
        if not any(handshake(filed.case.request, known) for filed in subject.cases):
            said = f"; where it says its verify token, that is {cases.VERIFY_TOKENS[0]!r}" if token else ""
            mend = f'add one: its request.json has "method": "GET" and "query": {{…}}, or the "body" that asks{said}'
            yield Problem(f"handshakes[{number}]", "no case is answered by it", mend)


def verify_tokens_are_asked_for(subject: Subject) -> Iterator[Problem]:
    """A handshake by token must not answer who doesn't know it."""
    for number, handshake in enumerate(subject.connector.handshakes):
        for filed in subject.cases if isinstance(handshake, ByVerifyToken) else ():
            for tokens in ((), ("",), OTHERS):
                if handshake(filed.case.request, tokens):
                    what = f"it is answered where the token is {tokens or 'not set'}"
                    yield Problem(f"{filed.name}, handshakes[{number}]", what, "compare the token with all of ours")
                    break


def events_are_no_handshakes(subject: Subject) -> Iterator[Problem]:
    """What is answered at the door is not stored: an event would be lost."""
    for filed in subject.samples:
        if filed.answer is not None:
            what = "this sample is answered as a handshake, and would never be stored"
            yield Problem(filed.name, what, "make the handshake tell its question by more: echo_field(…, when={…})")
