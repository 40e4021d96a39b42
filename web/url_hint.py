"""Finds out whether a signature failed because the URL was changed on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import SplitResult, urlsplit

from worker.sdk.request import Request
from worker.sdk.signatures import Advising, Scheme, signs_url

ANOTHER_URL = "it is signed for another URL than it came in with: set RELAY_PUBLIC_URL to what its sender calls"
ANOTHER_PATH = (
    "it is signed for another path than it came in with: a proxy changes it; let the proxy pass it on as it is,"
    " or set RELAY_PUBLIC_URL with what the proxy takes away"
)
WHICH = "its sender signs the URL that it calls: is that RELAY_PUBLIC_URL, and do both sides have the same secret?"

MOST = 12
"""URLs that are tried for one request: each costs a signature, and a stranger may send any headers."""
HOSTS = ("x-forwarded-host", "x-original-host", "host")
PATHS = ("x-original-uri", "x-forwarded-uri", "x-original-url", "x-rewrite-url")
DEFAULT_PORTS = {"https": "443", "http": "80"}


@dataclass(frozen=True, slots=True)
class Hint:
    """What the log says of a signature that is not valid. `is_url`: it would be for another URL, so the secret is right."""

    text: str
    is_url: bool = False


def url_hint(scheme: Scheme, request: Request, verify: Callable[[Request], int | None]) -> Hint:
    """Where the URL is not signed, what the scheme advises. It accepts nothing: anybody can send the headers that it believes."""
    if not signs_url(scheme):
        return Hint(scheme.advice_on(request) if isinstance(scheme, Advising) else "")
    ours = _split(request.url)
    for url in islice(dict.fromkeys(_others(request, ours)), MOST):
        if verify(replace(request, url=url)) is not None:
            same_path = _split(url)[2:] == ours[2:]
            return Hint(ANOTHER_URL if same_path else ANOTHER_PATH, is_url=True)
    return Hint(WHICH)


def _split(url: str) -> SplitResult:
    """All parts empty for what is no URL: a stranger may send anything."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _others(request: Request, ours: SplitResult) -> Iterator[str]:
    """URLs that the sender may have called, as far as a proxy tells; those that only differ in scheme and host first."""
    hosts = list(_hosts(request, ours))
    for path in _paths(request, ours):
        for host in hosts:
            for scheme in ("https", "http"):
                url = f"{scheme}://{host.removesuffix(f':{DEFAULT_PORTS[scheme]}')}{path}"
                if url != request.url:
                    yield url


def _hosts(request: Request, ours: SplitResult) -> Iterator[str]:
    told = [*(request.header(name) or "" for name in HOSTS), _forwarded(request, "host"), ours.netloc]
    # Each proxy of several adds its own behind a comma; the first is the one that the sender called.
    hosts = dict.fromkeys(host for each in told if (host := each.partition(",")[0].strip()))
    port = (request.header("x-forwarded-port") or "").partition(",")[0].strip()
    for host in hosts:
        yield host
        if port.isdecimal() and ":" not in host:
            yield f"{host}:{port}"


def _paths(request: Request, ours: SplitResult) -> Iterator[str]:
    """With their queries."""
    here = f"{ours.path}?{ours.query}" if ours.query else ours.path
    yield here
    prefix = (request.header("x-forwarded-prefix") or "").partition(",")[0].strip().strip("/")
    if prefix:
        yield f"/{prefix}{here}"
    for name in PATHS:
        told = _split(request.header(name) or "")
        if told.path.startswith("/"):
            yield f"{told.path}?{told.query}" if told.query else told.path
    # Some proxies add or drop the last slash.
    path, mark, query = here.partition("?")
    yield (path.rstrip("/") if path.endswith("/") else f"{path}/") + mark + query


def _forwarded(request: Request, name: str) -> str:
    """Of the first proxy, https://www.rfc-editor.org/rfc/rfc7239."""
    first = (request.header("forwarded") or "").partition(",")[0]
    for pair in first.split(";"):
        key, _, value = pair.strip().partition("=")
        if key.lower() == name:
            return value.strip('"')
    return ""
