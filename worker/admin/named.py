"""Knows whom a request names, so that our own sentences don't."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from worker.admin.plain import is_article, is_plain, kind_of, names_somebody
from worker.admin.shapes import EMAIL, SHORT, shape
from worker.logs.masking import reason_shown
from worker.logs.vocabulary import REASONS
from worker.store.privacy.masking import ERASED

_OURS: Final = frozenset(word.lower() for word in REASONS)
"""Words of our own sentences. None of them is a name too."""
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_LONG_NUMBER: Final = re.compile(
    r"(?<![\w-])(?:(?!(?:19|20)\d\d-\d\d-\d\d)\+?\d[\d ()/-]{7,40}\d(?![\w-])|\d{42,}(?![\w-]))"
)
"""Bounded: a row of digits and strokes without an end would take the square of its length."""
_ARTICLES: Final = re.compile(r"(?<=article number) '([^']{1,80})'")
"""Where our own sentences say one."""


@dataclass(slots=True)
class Named:
    """In small letters. `words`: of names. `texts`: all that stands in fields about people, as a whole. `learnt`: whether a request was read."""

    words: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    learnt: bool = False

    def learn(self, document: Any) -> None:
        """From a JSON value whose objects are lists of members. Goes through all of it, however long it is shown."""
        self.learnt = True
        left: list[tuple[str, Any]] = [("", document)]
        while left:
            name, value = left.pop()
            if isinstance(value, str):
                self.add(name, value)
            elif isinstance(value, list):
                left.extend(each if isinstance(each, tuple) else (name, each) for each in value)

    def add(self, name: str, text: str) -> None:
        kind = kind_of(name)
        if kind not in ("personal", "id") or len(text) < SHORT or (kind == "id" and is_plain(name, text)):
            return
        known = text.strip().lower()
        if text == ERASED or known in _OURS:
            return
        self.texts.add(known)
        if names_somebody(name):
            self.words.update(word for word in _WORD.findall(known) if word not in _OURS)

    def hidden(self, sentence: str) -> str:
        """The sentence with the shape of whatever names somebody in it. Without a request to learn from, our own words are all that is left."""
        made, start = [], 0
        for found in _ARTICLES.finditer(sentence):
            if self._shows(found[1]):
                made += [self._without(sentence[start : found.start()]), found[0]]
                start = found.end()
        return "".join((*made, self._without(sentence[start:])))

    def _shows(self, article: str) -> bool:
        return is_article(article) and article.lower() not in self.texts

    def _without(self, sentence: str) -> str:
        if not self.learnt:
            return reason_shown(sentence)
        small = sentence.lower()
        there = sorted((text for text in self.texts if text in small), key=len, reverse=True)
        known = [rf"(?<!\w)(?:{'|'.join(map(re.escape, there))})(?!\w)"] if there else []
        # In one go: an address of which one word was hidden before would not be seen as one any more.
        whole = "|".join((*known, EMAIL.pattern))
        sentence = re.sub(rf"(?P<whole>{whole})|{_WORD.pattern}", self._hidden, sentence, flags=re.IGNORECASE)
        return _LONG_NUMBER.sub(_shape, sentence)

    def _hidden(self, found: re.Match[str]) -> str:
        return shape(found[0]) if found["whole"] is not None or found[0].lower() in self.words else found[0]


def _shape(found: re.Match[str]) -> str:
    return shape(found[0])
