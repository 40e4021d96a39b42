"""Remembers which of many keys were seen, in eight bytes each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import blake2b


class Seen:
    """Of millions of keys one in some billions is taken for another: then a finding is missed, and none is made up."""

    def __init__(self) -> None:
        self._digests = array("Q")
        self._sorted = True

    def add(self, *parts: str) -> None:
        self._digests.append(_digest(parts))
        self._sorted = False

    def __contains__(self, parts: tuple[str, ...]) -> bool:
        if not self._sorted:
            self._digests = array("Q", sorted(set(self._digests)))
            self._sorted = True
        wanted = _digest(parts)
        place = bisect_left(self._digests, wanted)
        return place < len(self._digests) and self._digests[place] == wanted


def _digest(parts: tuple[str, ...]) -> int:
    return int.from_bytes(blake2b("\n".join(parts).encode(), digest_size=8).digest())
