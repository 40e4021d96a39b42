"""Finds out whether a signature failed because the URL was changed on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from worker.sdk.request import Request
from worker.sdk.signatures import Scheme, signs_url

ANOTHER_URL = "it is signed for another URL than it came in with: set RELAY_PUBLIC_URL to what its sender calls"
WHICH = "its sender signs the URL that it calls: is that RELAY_PUBLIC_URL, and do both sides have the same secret?"


def url_hint(scheme: Scheme, request: Request, verify: Callable[[Request], int | None]) -> str:
    """For the log; empty where the URL is not signed. It accepts nothing: anybody can send the headers that it believes."""
    if not signs_url(scheme):
        return ""
    told = any(verify(replace(request, url=url)) is not None for url in _others(request))
    return ANOTHER_URL if told else WHICH


def _others(request: Request) -> Iterator[str]:
    """URLs that the sender may have called, as far as a proxy tells."""
    url = urlsplit(request.url)
    hosts = (request.header("x-forwarded-host"), request.header("host"), url.netloc)
    for host in dict.fromkeys(each.strip() for each in hosts if each):
        for scheme in ("https", "http"):
            other = url._replace(scheme=scheme, netloc=host).geturl()
            if other != request.url:
                yield other
