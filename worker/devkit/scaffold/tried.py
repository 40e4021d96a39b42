"""Tries every scheme there is on what was captured, with the sender's secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from worker.devkit import cases
from worker.devkit.capture.capture import Capture
from worker.devkit.scaffold.guess import Guess
from worker.devkit.scaffold.source import call, quoted
from worker.sdk.request import Request
from worker.sdk.signatures import Hmac, Piece, Scheme, StandardWebhooks, Timestamp, Timestamped, body, senders
from worker.sdk.signatures.hmacs import Digest, Encoding

DIGESTS: tuple[Digest, ...] = ("sha256", "sha1", "sha512")
ENCODINGS: tuple[Encoding, ...] = ("hex", "base64", "base64 of hex")
PREFIX = re.compile(r"^([A-Za-z0-9]{1,12}[=,:])")
SIGNATURE = re.compile(r"signature|hmac|digest|(^|-)sign($|-)")
TIME = re.compile(r"time|date|(^|-)ts$")


def verified(captures: Sequence[Capture], secret: str) -> Guess | None:
    """The first scheme by which all of them are signed with the secret; None where none fits."""
    requests = [_request(each) for each in captures]
    for code, header, scheme in _candidates(captures[0].headers):
        if all(_fits(scheme, request, secret, each) for request, each in zip(requests, captures, strict=True)):
            many = "it" if len(captures) == 1 else f"all {len(captures)} of them"
            return Guess("signature", header, code, f"verified: {many} signed so, with the secret that was given")
    return None


def number_of_schemes(headers: Mapping[str, str]) -> int:
    return sum(1 for _ in _candidates(headers))


def _fits(scheme: Scheme, request: Request, secret: str, capture: Capture) -> bool:
    """A scheme looks at the clock: it is that of the capture."""
    return scheme.verify(request, [secret], capture.now) == 0


def _request(capture: Capture) -> Request:
    headers = tuple((name.lower(), value) for name, value in capture.headers.items())
    return Request(
        "POST", capture.url or "https://relay.example/webhooks/x", headers, cases.sent(capture.raw, capture.body)
    )


def _candidates(headers: Mapping[str, str]) -> Iterator[tuple[str, str, Scheme]]:
    """Those of known senders first, then what can be composed of these headers."""
    signatures = [name for name in headers if SIGNATURE.search(name.lower())]
    shown = signatures[0] if signatures else next(iter(headers), "the URL")
    for name, value in vars(senders).items():
        if name.isupper() and hasattr(value, "verify"):
            yield f"senders.{name}", shown, value
    yield "StandardWebhooks()", shown, StandardWebhooks()
    for header in signatures:
        yield call("Timestamped", quoted(header)), header, Timestamped(header)
        yield from _composed(header, headers)


def _composed(header: str, headers: Mapping[str, str]) -> Iterator[tuple[str, str, Scheme]]:
    match = PREFIX.match(headers[header])
    for prefix in dict.fromkeys((match[1] if match else "", "")):
        for digest in DIGESTS:
            for encoding in ENCODINGS:
                for signed, code in _signed(headers):
                    scheme = Hmac(header=header, signed=signed, prefix=prefix, encoding=encoding, digest=digest)
                    yield _code(scheme, code), header, scheme


def _signed(headers: Mapping[str, str]) -> Iterator[tuple[tuple[Piece, ...], str]]:
    yield (body,), ""
    for name in headers:
        if TIME.search(name.lower()):
            stamp, code = Timestamp(name), call("Timestamp", quoted(name))
            yield (stamp, ".", body), f'({code}, ".", body)'
            yield (stamp, body), f"({code}, body)"
            yield (body, stamp), f"(body, {code})"
            yield (stamp, ":", body), f'({code}, ":", body)'
            yield ("v0:", stamp, ":", body), f'("v0:", {code}, ":", body)'


def _code(scheme: Hmac, signed: str) -> str:
    named = {"signed": signed} if signed else {}
    named |= {"prefix": quoted(scheme.prefix)} if scheme.prefix else {}
    named |= {"encoding": quoted(scheme.encoding)} if scheme.encoding != "hex" else {}
    if scheme.digest == "sha256" and not signed:
        return call("HmacSha256", quoted(scheme.header), **named)
    return call("Hmac", header=quoted(scheme.header), **named, digest=quoted(scheme.digest))
