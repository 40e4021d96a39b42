"""Turns text that a sender marked up (HTML) into text that reads well without tags."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr"})
LINES = frozenset({"br", "div", "li", "tr", "dt", "dd", "section", "article", "header", "footer", "caption"})
CELLS = frozenset({"td", "th"})
UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
INLINE = """
    a abbr b big body cite code del em font html i ins kbd mark q s samp small span strike strong sub sup tbody tfoot thead tt u
"""
NAMES = "|".join(sorted({*PARAGRAPHS, *LINES, *CELLS, *UNSEEN, *INLINE.split()}, key=len, reverse=True))
TAG = re.compile(rf"<(/?)({NAMES})((?:\s[^<>]*)?)/?>", re.IGNORECASE)
"""A tag of HTML; `<eva@acme.example>` and `a < b` are none.

Not html.parser: people outside write these texts, and it takes minutes for 50 KB of `<p <p <p`. This takes time in line with the length.
"""
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
ADDRESS = re.compile(r"(?:mailto:|tel:)?((?:https?://|[\w.+-]+@|\+?\d)[^\s]+)", re.IGNORECASE)
"""Where a link leads, as far as a person can follow it from a text."""


def readable(text: str) -> str:
    """The text without tags, with a line for each paragraph and list item. Text without markup stays as it is."""
    if not TAG.search(text):
        return _unescaped(text)
    lines = (" ".join(line.split()) for line in "".join(_pieces(_without_comments(text))).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unescaped(text: str) -> str:
    return ENTITY.sub(lambda found: html.unescape(found[0]).replace("\xa0", " "), text)


def _without_comments(text: str) -> str:
    kept: list[str] = []
    end = 0
    while (begun := text.find("<!--", end)) >= 0 and (ended := text.find("-->", begun)) >= 0:
        kept.append(text[end:begun])
        end = ended + len("-->")
    return "".join([*kept, text[end:]])


def _pieces(text: str) -> Iterator[str]:
    """What is shown: texts, and the breaks and blanks that tags stand for."""
    unseen, link, shown, end = "", "", "", 0
    for tag in TAG.finditer(text):
        if not unseen:
            data = _data(text[end : tag.start()])
            shown += data
            yield data
        end = tag.end()
        closing, name = bool(tag[1]), tag[2].lower()
        if unseen:
            unseen = "" if closing and name == unseen else unseen
            continue
        if name in UNSEEN and not closing:
            unseen = name
        elif name == "a":
            yield "" if not closing or not link or link in shown else f" ({link})"
            link, shown = ("", "") if closing else (_target(tag[3]), "")
        yield _break(name, closing=closing)
    yield "" if unseen else _data(text[end:])


def _data(text: str) -> str:
    return _unescaped(" ".join(text.split("\n")))


def _target(attributes: str) -> str:
    found = HREF.search(attributes)
    address = ADDRESS.fullmatch(_unescaped(next(filter(None, found.groups()), "")).strip()) if found else None
    return address[1] if address else ""


def _break(name: str, *, closing: bool) -> str:
    if name in PARAGRAPHS:
        return "\n\n"
    if name in CELLS:
        return " "
    if name == "li" and not closing:
        return "\n- "
    return "\n" if name in LINES and not closing else ""
