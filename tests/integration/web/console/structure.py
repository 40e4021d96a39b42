"""Reads a page as a browser and a screen reader do, and says what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser

EMPTY = frozenset({"meta", "link", "input", "br", "hr", "img", "line", "polyline", "rect", "path"})
LABELLED = frozenset({"input", "select", "textarea"})
UNSEEN = frozenset({"hidden", "submit"})


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.labels: set[str] = set()
        self.fields: list[tuple[str, str]] = []
        self.described: set[str] = set()
        self.faults: list[str] = []
        self.title = ""
        self._open: list[str] = []
        self._form: dict[str, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        if tag not in EMPTY:
            self._open.append(tag)
        self._attributes(tag, given)
        if tag == "form":
            self._form = {"post": given.get("method", "get").lower() == "post", "token": False}
        if tag in LABELLED:
            self._field(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._attributes(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes what is not open")
        if tag == "form" and self._form is not None:
            if self._form["post"] and not self._form["token"]:
                self.faults.append("a POST form has no token")
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data

    def _attributes(self, tag: str, given: dict[str, str]) -> None:
        if "style" in given:
            self.faults.append(f"<{tag}> has a style attribute")
        self.faults += [f"<{tag}> has {name}" for name in given if name.startswith("on")]
        if "id" in given:
            self.ids[given["id"]] += 1
        if tag == "label" and "for" in given:
            self.labels.add(given["for"])
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.faults.append("a <th> has no scope")
        if tag == "a" and not given.get("href"):
            self.faults.append("an <a> leads nowhere")
        if tag in ("script", "style") and "src" not in given:
            self.faults.append(f"<{tag}> stands in the page")
        self.described |= set(given.get("aria-describedby", "").split())

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if given.get("name") == "csrf" and given.get("value") and self._form is not None:
            self._form["token"] = True
        if given.get("type") in UNSEEN:
            return
        if "aria-label" not in given and "label" not in self._open:
            self.fields.append((tag, given.get("id", "")))


def faults(html: str) -> Sequence[str]:
    """Empty for a page that is well made. The sign-in form needs no token: nobody is signed in."""
    page = _Page()
    page.feed(html)
    page.close()
    found = list(page.faults)
    if page.tags["h1"] != 1:
        found.append(f"{page.tags['h1']} <h1>")
    if not page.title.strip() or page.title.strip().startswith("·"):
        found.append("no title of its own")
    found += [f"id {name} stands {times} times" for name, times in page.ids.items() if times > 1]
    found += [f"a <{tag}> has no label" for tag, name in page.fields if name not in page.labels]
    found += [f"nothing has the id {name} that describes a field" for name in page.described - page.ids.keys()]
    return found
