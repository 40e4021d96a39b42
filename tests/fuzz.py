"""Random requests against every signature scheme: `python -m tests.fuzz --inputs 1000000 --seed 1`.

An input is a signed request, changed at random or not at all. Verifying must never raise, and what it accepts is put before
the case's judge, which shares no code with it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from tests.signature_cases import CASES, NOW, Case
from worker.sdk.request import Request

Mutation: TypeAlias = Callable[[random.Random, Request], Request]

# Delimiters and digits of signature headers, and what breaks parsers: NUL, other scripts' digits, surrogates, beyond Latin-1.
CHARS = '0149aAfFvt=,. :;+-%_/{}"\x00\r\n\x7fåß\u0142\u0661\uff11\ud800\udcff\U0001f40d'
JUNK = (
    "",
    " ",
    "=",
    ",",
    "v1,",
    "t=,v1=",
    "nan",
    "-1",
    "1e9",
    "9" * 40,
    "whsec_",
    "whpk_AAAA",
    "whsk_AAAA",
    "å:ö",
    "\ud800",
)
SHIFTS = tuple(
    timedelta(seconds=seconds) for seconds in (0, 0, 0, 0, 1, -1, 299, -299, 300, -300, 301, -301, 86_400, -86_400)
)
MOST_FAILURES_SHOWN = 10


@dataclass
class Tally:
    accepted: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)


def bodies(rng: random.Random, case: Case) -> list[bytes]:
    """JSON stays JSON where the proof, or what is signed, is one of its fields."""
    if not case.covers_body:
        return [case.body]
    return [case.body, b"", rng.randbytes(40), "å=ä&ö=%C3%9F+&%ff".encode(), b'{"a":1}\r\n']


def signed_requests(rng: random.Random, case: Case) -> list[Request]:
    return [case.scheme.sign(replace(case.unsigned, body=body), case.secret, NOW) for body in bodies(rng, case)]


def changed_bytes(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    match rng.randrange(4):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        case 1:
            return data[:at] + rng.randbytes(rng.randrange(1, 4)) + data[at:]
        case 2:
            return data[:at]
        case _:
            return data[:at] + data[at + 1 :]


def changed_text(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    match rng.randrange(5):
        case 0:
            return rng.choice(JUNK)
        case 1:
            return text[:at] + rng.choice(CHARS) + text[at:]
        case 2:
            return text[:at] + rng.choice(CHARS) + text[at + 1 :]
        case 3:
            return text[:at]
        case _:
            return text + rng.choice((" ", ",")) + text


def change_body(rng: random.Random, request: Request) -> Request:
    return replace(request, body=changed_bytes(rng, request.body))


def change_header(rng: random.Random, request: Request) -> Request:
    headers = list(request.headers) or [("a", "")]
    at = rng.randrange(len(headers))
    headers[at] = (headers[at][0], changed_text(rng, headers[at][1]))
    return replace(request, headers=tuple(headers))


def move_headers(rng: random.Random, request: Request) -> Request:
    """Dropped, repeated, in another order, or with each other's values."""
    headers = list(request.headers) or [("a", "")]
    one, other = rng.choice(headers), rng.choice(headers)
    match rng.randrange(4):
        case 0:
            headers.remove(one)
        case 1:
            headers.append(one)
        case 2:
            rng.shuffle(headers)
        case _:
            headers.append((one[0], other[1]))
    return replace(request, headers=tuple(headers))


def change_line(rng: random.Random, request: Request) -> Request:
    match rng.randrange(3):
        case 0:
            return replace(request, method=changed_text(rng, request.method))
        case 1:
            return replace(request, url=changed_text(rng, request.url))
        case _:
            return replace(request, token=rng.choice((None, changed_text(rng, request.token or ""))))


MUTATIONS: tuple[Mutation, ...] = (change_body, change_header, change_header, move_headers, change_line)


def secrets_for(rng: random.Random, case: Case) -> Sequence[str]:
    return rng.choice(
        (
            [case.secret],
            [case.secret],
            ["", case.other_secret, case.secret],
            [changed_text(rng, case.other_secret), case.secret],
            [rng.choice(JUNK)],
            [],
        )
    )


def check(case: Case, request: Request, secrets: Sequence[str], now: datetime, tally: Tally) -> None:
    try:
        index = case.scheme.verify(request, secrets, now)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        tally.failures.append(f"{case.name} raised {error!r} on {request!r}, {secrets!r}, {now}")
        return
    if index is None:
        tally.refused += 1
        return
    tally.accepted += 1
    if not convinced(case, request, secrets[index], now):
        tally.failures.append(f"{case.name} wrongly accepted {request!r}, {secrets!r}, {now}")


def convinced(case: Case, request: Request, secret: str, now: datetime) -> bool:
    try:
        return bool(secret.strip()) and case.judge(request, secret, now)
    except (ValueError, LookupError):  # a judge need not be total
        return False


def fuzz(inputs: int, seed: int) -> Tally:
    rng = random.Random(seed)
    pools = [(case, signed_requests(rng, case)) for case in CASES]
    tally = Tally()
    for number in range(inputs):
        case, requests = pools[number % len(pools)]
        request = rng.choice(requests)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 4))):
            request = rng.choice(MUTATIONS)(rng, request)
        check(case, request, secrets_for(rng, case), NOW + rng.choice(SHIFTS), tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    started = time.monotonic()
    tally = fuzz(options.inputs, options.seed)
    sys.stdout.write(
        f"{options.inputs} inputs, {len(CASES)} schemes, seed {options.seed}, {time.monotonic() - started:.0f} s: "
        f"{tally.refused} refused, {tally.accepted} accepted, {len(tally.failures)} raised or wrongly accepted\n"
    )
    sys.stdout.writelines(f"{failure!a}\n" for failure in tally.failures[:MOST_FAILURES_SHOWN])
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
