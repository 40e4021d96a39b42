"""Makes tokens up that look as a connector's way to sign wants them."""

from __future__ import annotations

from collections.abc import Callable

from worker.sdk.source import Basic, OAuth1Plaintext, OAuth2, Sign


def made_up(sign: Sign, letters: Callable[[int], str]) -> str:
    """`letters`: so many of them, drawn."""
    match sign:
        case Basic(user=None, password=None) | OAuth2(plain=False):
            return f"{letters(12)}:{letters(32)}"
        case OAuth1Plaintext():
            return ":".join(letters(16) for _ in range(4))
        case _:
            return letters(32)
