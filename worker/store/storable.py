"""Text from outside, in a form that every database takes."""

from __future__ import annotations

import hashlib

LONGEST_KEY = 255
LONGEST_TEXT = 4000


def storable(text: str | None) -> str | None:
    """For people to read: what can't be stored is replaced, and it ends somewhere."""
    if text is None:
        return None
    return text[:LONGEST_TEXT].replace("\x00", "\ufffd").encode(errors="replace").decode()


def storable_key(text: str) -> str:
    """To be compared: a hash stands for what is too long or can't be stored."""
    encoded = text.encode(errors="surrogatepass")
    if len(text) <= LONGEST_KEY and "\x00" not in text and encoded.decode(errors="ignore") == text:
        return text
    return hashlib.sha256(encoded).hexdigest()
