"""Every page as axe-core sees it: contrast, names, roles, landmarks, order of headings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.axe import PLACE
from tests.integration.web.console.browser.conftest import Opened, Seen
from tests.integration.web.console.stage import VIEWER
from tests.integration.web.console.walk import pages

WRONG = ("/events?fate=deliverd", "/nothing-is-here", "/records/1/nothing/1")
"""Where a filter is not understood, and where there is nothing."""


def violations(seen: Seen) -> list[str]:
    seen.page.evaluate(PLACE.read_text("utf-8") + ";0")
    found: dict[str, Any] = seen.page.evaluate("axe.run()")
    return [
        f"{seen.page.url}: {each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']][:3]}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize(
    ("state", "width", "theme"),
    [("full", 400, "dark"), ("full", 1400, "light"), ("empty", 1400, "dark"), ("silent", 400, "light")],
)
def test_axe_finds_nothing(opened: Opened, look: Callable[..., Seen], width: int, theme: str) -> None:
    seen = look(width, color_scheme=theme, bypass_csp=True)
    seen.go("/sign-in")
    found = violations(seen)
    seen.sign_in()
    for route in pages(opened.stage.app):
        if seen.shows(opened.addresses.address(route)):
            found += violations(seen)
    for path in WRONG:
        seen.shows(path)
        found += violations(seen)
    assert found == []


@pytest.mark.parametrize("state", ["full"])
def test_axe_finds_nothing_in_what_a_viewer_sees(opened: Opened, look: Callable[..., Seen]) -> None:
    seen = look(400, bypass_csp=True)
    seen.sign_in(VIEWER)
    found = []
    for route in pages(opened.stage.app):
        if seen.shows(opened.addresses.address(route)):
            found += violations(seen)
    assert found == []
