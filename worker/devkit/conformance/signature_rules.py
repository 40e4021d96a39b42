"""Checks that a request counts only as its sender signed it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.secrets import NOW, PUBLIC_KEYS, usable_pair
from worker.devkit.conformance.subject import Subject
from worker.errors import did_you_mean
from worker.sdk.connector import Connector
from worker.sdk.request import Request
from worker.sdk.signatures import (
    AnyOf,
    Basic,
    BodyField,
    BodySignature,
    Hmac,
    NotPublic,
    Scheme,
    StaticHeader,
    Timestamped,
    UrlAndBodyField,
    UrlToken,
    body,
)

NOT_OURS = ("", "å", "\udc80", "0" * 10_000, "v1,", "sha256=", "=" * 44, "v1,AAAA v1,åäö")
"""Header values that are no signatures."""

SEE = "see worker/sdk/signatures: `sign` and `verify` must be each other's inverse, and `verify` must be total"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of a case, before and after signing."""

    plain: Request
    request: Request
    secret: str
    other: str

    @property
    def headers(self) -> list[str]:
        """Those that signing added."""
        return sorted({name for name, _ in self.request.headers} - {name for name, _ in self.plain.headers})


def signed(subject: Subject) -> Signed:
    plain, scheme = subject.posted[0].case.request, subject.connector.signature
    secret, other = usable_pair(scheme, plain)
    return Signed(plain, scheme.sign(plain, secret, NOW), secret, other)


def signed_request_is_valid(subject: Subject) -> Iterator[Problem]:
    """`verify` says which of several secrets was used; that is how a rotation is seen."""
    try:
        found = signed(subject)
    except ValueError:
        what = "no secret was found that a request can be signed and verified with"
        yield Problem(subject.posted[0].name, what, SEE)
        return
    index = subject.connector.signature.verify(found.request, [found.other, found.secret], NOW)
    if index != 1:
        what = f"signed with the second of two secrets, `verify` answers {index} instead of 1"
        yield Problem("signature", what, SEE)


def changed_body_is_refused(subject: Subject) -> Iterator[Problem]:
    """This holds where the scheme covers the body. A token or a signed field does not."""
    if not covers_body(subject.connector.signature):
        return
    found = signed(subject)
    for attack, changed in (("a blank after the body", found.request.body + b" "), ("an empty body", b"")):
        if _accepts(subject.connector, replace(found.request, body=changed), [found.secret]):
            yield _accepted(f"a signed request with {attack}")


def other_secrets_are_refused(subject: Subject) -> Iterator[Problem]:
    found = signed(subject)
    for name, secrets in (("another", [found.other]), ("no", []), ("an empty", [""]), ("a blank", [" "])):
        if _accepts(subject.connector, found.request, secrets):
            yield _accepted(f"a request, where ours is {name} secret,")


def unsigned_request_is_refused(subject: Subject) -> Iterator[Problem]:
    if not subject.connector.signature.needs_secret:
        return
    found = signed(subject)
    if _accepts(subject.connector, found.plain, [found.secret]):
        what = "the request of this case counts as signed before it is"
        mend = f"leave out of its headers what signing adds: {', '.join(found.headers) or 'the signature'}"
        yield Problem(subject.posted[0].name, what, mend)


def other_signature_headers_are_refused(subject: Subject) -> Iterator[Problem]:
    found = signed(subject)
    for header in found.headers:
        for value in NOT_OURS:
            changed = replace(found.request, headers=(*_without(found.request, header), (header, value)))
            if _accepts(subject.connector, changed, [found.secret]):
                yield _accepted(f"a request whose {header} is {value[:20]!r}")


def missing_and_repeated_signature_headers_are_refused(subject: Subject) -> Iterator[Problem]:
    """Of two values, a proxy may have checked the one and the relay the other."""
    found = signed(subject)
    for header in found.headers:
        repeated = (*found.request.headers, (header, found.request.header(header) or ""))
        for what, headers in (("without", _without(found.request, header)), ("with two of", repeated)):
            if _accepts(subject.connector, replace(found.request, headers=tuple(headers)), [found.secret]):
                yield _accepted(f"a request {what} {header}")


def public_key_is_no_secret(subject: Subject) -> Iterator[Problem]:
    """Where a scheme stands beside others: what one takes for a public key must not pass another as token or HMAC key."""
    scheme, plain = subject.connector.signature, subject.posted[0].case.request
    keys = [key for key in PUBLIC_KEYS if isinstance(scheme, AnyOf) and scheme.is_key(key)]
    for each, key in itertools.product(scheme.schemes if isinstance(scheme, AnyOf) else (), keys):
        forged = _forged(each, plain, key)
        if forged is not None and _accepts(subject.connector, forged, [key]):
            what = f"where ours is a public key, a request that carries it or is keyed with it ({type(each).__name__}) is accepted"
            mend = "show a public key to the scheme that verifies with it, and to no other: see worker/sdk/signatures/any_of.py"
            yield Problem("signature", what, mend)


def _forged(scheme: Scheme, plain: Request, key: str) -> Request | None:
    """As somebody would send it who knows the public key and nothing else."""
    try:
        return scheme.sign(plain, key, NOW)
    except ValueError:
        return None


def signature_is_where_the_captured_request_has_it(subject: Subject) -> Iterator[Problem]:
    """A case made of a captured request names the headers that proved it."""
    added = [name for name in signed(subject).headers if not name.endswith("-id")]
    for filed in subject.posted:
        there = {name.lower(): name for name in filed.case.proof}
        for name in added if there else ():
            if name not in there:
                what = f"the connector looks for {name}, and the captured request was proved by {', '.join(there.values())}"
                yield Problem(f"{filed.name}, signature", what, did_you_mean(name, there.values()))
        if there:
            return


def covers_body(scheme: Scheme) -> bool:
    match scheme:
        case AnyOf(schemes=schemes):
            return covers_body(schemes[0])
        case NotPublic(scheme=inner):
            return covers_body(inner)
        case Hmac(signed=pieces):
            return body in pieces
        case Timestamped(signed=piece):
            return piece is body
        case _:
            tokens = StaticHeader | Basic | UrlToken | BodyField | UrlAndBodyField
            return not isinstance(scheme, tokens | BodySignature)


def _without(request: Request, header: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in request.headers if pair[0] != header)


def _accepts(connector: Connector, request: Request, secrets: Sequence[str]) -> bool:
    return connector.signature.verify(request, secrets, NOW) is not None


def _accepted(what: str) -> Problem:
    return Problem("signature", f"{what} is accepted", SEE)
