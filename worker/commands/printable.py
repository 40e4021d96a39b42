"""What others wrote, on its way to a terminal: nothing in it moves the cursor, colours, or turns the text around."""

from __future__ import annotations

import re

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters but tab and newline, line ends that don't look like one, and https://www.unicode.org/reports/tr9/'s marks."""


def printable(text: str) -> str:
    """Each such character as its escape."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str) -> str:
    return printable(text.replace("\n", " "))
