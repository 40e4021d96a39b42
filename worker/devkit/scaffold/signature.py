"""Guesses the signature scheme of a captured request from its headers."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from worker.devkit.capture.capture import Capture
from worker.devkit.conformance.secrets import NOW, PAIRS
from worker.devkit.scaffold.guess import Guess
from worker.devkit.scaffold.source import call, quoted
from worker.devkit.scaffold.tried import number_of_schemes, verified
from worker.sdk.request import Request
from worker.sdk.signatures import Scheme, senders

NAMES_A_SIGNATURE = re.compile(r"signature|hmac|digest|(^|-)sign($|-)")
NAMES_A_TOKEN = re.compile(r"api-?key|token|secret|passw")
PREFIX = re.compile(r"^([A-Za-z0-9]{1,12}[=,:]|)(.+)$")
STAMPED = re.compile(r"^t=\d+,\s*v\d+=")
BITS = {160: "sha1", 256: "sha256", 512: "sha512"}
CARRIED = "captures hold no such secret, so there was nothing to try"
GENERAL = frozenset({"authorization"})

PROBE = Request(
    "POST",
    "https://relay.example/webhooks/probe",
    (("content-type", "application/json"),),
    b'{"callback_id": "1", "partner-event": {"id": "1"}}',
)


def proof(headers: Mapping[str, str], connector: str) -> Guess:
    """The signature scheme of a sender who sends these headers."""
    found = _known(headers, connector) or _signature(headers) or _token(headers)
    why = "no header looks like a signature or a token, so the secret is the last part of the URL"
    return found or Guess("signature", "the URL", call("UrlToken"), why)


def proved(captures: Sequence[Capture], connector: str, secret: str | None) -> Guess:
    """Told from the headers; with the secret, tried."""
    told = proof(captures[0].headers, connector)
    if secret is None or told.code.startswith(("StaticHeader(", "Basic(", "UrlToken(")):
        return told if secret is None else replace(told, why=f"{told.why}; {CARRIED}")
    found = verified(captures, secret)
    if found is not None:
        return found
    tried = f"none of {number_of_schemes(captures[0].headers)} schemes verifies it with the secret that was given"
    return replace(
        told, why=f"{told.why}; {tried}: is it the secret of this webhook, and was nothing changed in the file?"
    )


def added_headers(guess: Guess, headers: Mapping[str, str]) -> frozenset[str]:
    """The headers that signing adds. A case is kept without them, but for the message's id."""
    name = guess.shown.lower()
    family = name.rpartition("-")[0] + "-"
    known = catalogue().get(guess.code, frozenset())
    stamps = {each.lower() for each in headers if each.lower() == f"{family}timestamp"}
    return frozenset(each for each in {name} | known | stamps if not each.endswith("-id"))


@cache
def catalogue() -> Mapping[str, frozenset[str]]:
    """For each sender of worker/sdk/signatures/senders.py: the headers of a request that it signs."""
    schemes = {name: value for name, value in vars(senders).items() if name.isupper() and hasattr(value, "sign")}
    return {f"senders.{name}": _adds(scheme) for name, scheme in schemes.items()}


def _adds(scheme: Scheme) -> frozenset[str]:
    for secret, _ in PAIRS:
        try:
            signed = scheme.sign(PROBE, secret, NOW)
        except ValueError:
            continue
        return frozenset(name for name, _ in signed.headers) - {"content-type"}
    return frozenset()


def _known(headers: Mapping[str, str], connector: str) -> Guess | None:
    """All of the headers must be there; of several senders, the one that is called like the connector, else the first."""
    there = {name.lower(): name for name in headers}
    fitting = [code for code, added in catalogue().items() if added and added <= there.keys() and not added & GENERAL]
    if not fitting:
        return None
    named = [code for code in fitting if code.removeprefix("senders.").lower() in connector]
    code = (named or sorted(fitting, key=lambda each: -len(catalogue()[each])))[0]
    added = sorted(catalogue()[code])
    shown = there[next((name for name in added if NAMES_A_SIGNATURE.search(name)), added[0])]
    sender = code.removeprefix("senders.").replace("_", " ").title()
    return Guess("signature", shown, code, f"the header {shown} is signed as {sender} signs it")


def _signature(headers: Mapping[str, str]) -> Guess | None:
    for name, value in headers.items():
        if not NAMES_A_SIGNATURE.search(name.lower()):
            continue
        if STAMPED.match(value):
            why = f"the header {name} holds a time and a signature, as Stripe's does"
            return Guess("signature", name, call("Timestamped", quoted(name)), why)
        for prefix, digest, encoding in _readings(value):
            return _hmac(name, prefix, digest, encoding, headers)
    return None


def _readings(value: str) -> Iterator[tuple[str, str, str]]:
    """Prefix, digest and encoding, if the value is a digest."""
    match = PREFIX.match(value.strip())
    for prefix, rest in ((match[1], match[2]), ("", value.strip())) if match else ():
        if re.fullmatch(r"[0-9a-fA-F]+", rest) and len(rest) * 4 in BITS:
            yield prefix, BITS[len(rest) * 4], "hex"
        elif (size := _base64_bits(rest)) in BITS:
            yield prefix, BITS[size], "base64"


def _base64_bits(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True)) * 8
    except (binascii.Error, ValueError):
        return 0


def _hmac(name: str, prefix: str, digest: str, encoding: str, headers: Mapping[str, str]) -> Guess:
    named = {"prefix": quoted(prefix)} if prefix else {}
    named |= {"encoding": quoted(encoding)} if encoding != "hex" else {}
    why = f"the header {name} holds {digest.upper()} as {encoding}{f' after {prefix}' if prefix else ''}: taken for an HMAC of the body"
    family = name.lower().rpartition("-")[0]
    stamp = next((each for each in headers if each.lower() in (f"{family}-timestamp", f"{family}-time")), None)
    if stamp:
        why += f"; {stamp} may be signed as well, see worker/sdk/signatures/senders.py for how Slack or Zendesk do it"
    if digest == "sha256":
        return Guess("signature", name, call("HmacSha256", quoted(name), **named), why)
    code = call("Hmac", header=quoted(name), **named, digest=quoted(digest))
    return Guess("signature", name, code, why)


def _token(headers: Mapping[str, str]) -> Guess | None:
    for name, value in headers.items():
        scheme = value.partition(" ")[0].lower()
        if name.lower() == "authorization" and scheme == "basic":
            why = "the header Authorization is HTTP Basic; the secret is user:password"
            return Guess("signature", name, call("Basic"), why)
        if name.lower() == "authorization":
            prefix = {"prefix": quoted(value.partition(" ")[0] + " ")} if " " in value else {}
            why = "the header Authorization carries the secret itself"
            return Guess("signature", name, call("StaticHeader", quoted(name), **prefix), why)
    for name in headers:
        if NAMES_A_TOKEN.search(name.lower()):
            why = f"the header {name} is called like a secret, and is one for all requests"
            return Guess("signature", name, call("StaticHeader", quoted(name)), why)
    return None
