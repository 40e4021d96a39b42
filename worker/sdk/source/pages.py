"""Declares how a sender cuts a list into pages. `worker/sources` turns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class OnePage:
    """Everything comes at once."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """`{page}` in the path, from `first` on. A page with fewer than `size` items is the last."""

    size: int
    first: int = 1


@dataclass(frozen=True, slots=True)
class Offset:
    """`{offset}` in the path counts items. A page with fewer than `size` is the last."""

    size: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """The answer names the next page at `at` (a dotted path), and it goes into the query as `parameter`; nothing there: the last.

    `more`: a dotted path that is false on the last page, where the sender names a next one even there.
    """

    at: str
    parameter: str
    more: str | None = None


@dataclass(frozen=True, slots=True)
class NextLink:
    """The answer holds the whole address of the next page at `at`, a dotted path. It must be on a declared host.

    `last`: a dotted path that is true on the last page, where the sender names a next one even there.
    """

    at: str
    last: str | None = None


@dataclass(frozen=True, slots=True)
class LinkHeader:
    """The header `Link` with `rel="next"` (RFC 8288) holds it."""


@dataclass(frozen=True, slots=True)
class Onward:
    """The next page begins at the time of the last item: `{since}` moves on. A page with fewer than `size` is the last.

    The path asks for the oldest first. What is of that very time comes twice, and counts once.
    """

    size: int


Pages: TypeAlias = OnePage | Numbered | Offset | Cursor | NextLink | LinkHeader | Onward
