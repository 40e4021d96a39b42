"""The last step before the wire: here, and nowhere above, the key meets a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias
from urllib.parse import quote

import httpx

Auth: TypeAlias = Literal["query", "cookie"]
"""`query` is the documented form; `cookie` works on Upsales's own hosts and keeps the key out of access logs."""


ALLOWED = frozenset({"GET", "POST", "PUT"})
"""A key may do anything in its account; we make and change records, and delete nothing."""


class Keyed(httpx.BaseTransport):
    """Adds the key to a copy of each request, so that no log line, exception or repr made above can show it."""

    def __init__(self, inner: httpx.BaseTransport, key: Callable[[], str], auth: Auth) -> None:
        self._inner = inner
        self._key = key
        self._auth = auth

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ALLOWED:
            raise httpx.UnsupportedProtocol(f"{request.method} is never sent to Upsales")
        url, headers = request.url, request.headers.copy()
        if self._auth == "query":
            url = url.copy_merge_params({"token": self._key()})
        else:
            headers["cookie"] = f"token={quote(self._key(), safe='/+=')}"
        keyed = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(keyed)

    def close(self) -> None:
        self._inner.close()
