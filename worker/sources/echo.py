"""Takes out of what a sender writes what the request was signed with; pure."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

MASK: Final = "***"
SHORTEST: Final = 8
"""What is shorter stands in a text by chance."""
PIECE: Final = re.compile(r"[^\s\"',=&]+")
WORDS: Final = frozenset(
    {"PLAINTEXT", "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_signature"}
)


class Echo:
    """`signed`: the headers of the request. A debugging page writes them back, or a sender that means ill."""

    def __init__(self, signed: Mapping[str, str]) -> None:
        known = {piece for value in signed.values() for piece in _pieces(value)}
        longest_first = sorted(known, key=lambda piece: (-len(piece), piece))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def stands_in(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def hidden(self, value: Any) -> Any:
        """The JSON value without it."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.hidden(each) for each in value]
        if isinstance(value, dict):
            return {self.without(name): self.hidden(each) for name, each in value.items()}
        return value


def _pieces(header: str) -> Iterator[str]:
    for piece in PIECE.findall(header):
        # OAuth 1 encodes twice what it joins.
        for form in (piece, *_basic(header, piece), *PIECE.findall(unquote(unquote(piece)))):
            if len(form) >= SHORTEST and form not in WORDS:
                yield form


def _basic(header: str, piece: str) -> Iterator[str]:
    """Its two sides. A user that is an e-mail address is somebody, and no secret."""
    if not header.startswith("Basic ") or piece == "Basic":
        return
    try:
        user, _, password = b64decode(piece + "=" * (-len(piece) % 4), validate=True).decode().partition(":")
    except ValueError:
        return
    yield password
    if "@" not in user:
        yield user
