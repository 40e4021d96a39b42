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


CONTRAST = "color-contrast"
ALL, CONTRAST_ONLY = "{}", f"{{runOnly: ['{CONTRAST}']}}"
BUT_CONTRAST = f"{{rules: {{'{CONTRAST}': {{enabled: false}}}}}}"


def violations(seen: Seen, rules: str = ALL) -> list[str]:
    seen.page.evaluate(f"if (!window.axe) {{ {PLACE.read_text('utf-8')} }}; 0")
    found: dict[str, Any] = seen.page.evaluate(f"axe.run({rules})")
    return [
        f"{seen.page.url}: {each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']][:3]}"
        for each in found["violations"]
    ]


def in_the_other_theme(seen: Seen, width: int, theme: str) -> list[str]:
    """Of a page that is open: themes differ in colours alone, and widths in what stands where."""
    other = {"light": "dark", "dark": "light"}[theme]
    seen.page.emulate_media(color_scheme=other)  # type: ignore[arg-type] # one of two words
    seen.page.set_viewport_size({"width": 1800 - width, "height": 900})
    found = violations(seen, CONTRAST_ONLY)
    seen.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type] # one of two words
    seen.page.set_viewport_size({"width": width, "height": 900})
    return found


@pytest.mark.parametrize(
    ("state", "width", "theme"), [("full", 400, "dark"), ("empty", 1400, "dark"), ("silent", 400, "light")]
)
def test_axe_finds_nothing(opened: Opened, look: Callable[..., Seen], state: str, width: int, theme: str) -> None:
    seen = look(width, color_scheme=theme, bypass_csp=True)
    seen.go("/sign-in")
    found = violations(seen)
    seen.sign_in()
    for route in pages(opened.stage.app):
        if seen.shows(opened.addresses.address(route)):
            found += violations(seen)
            if state == "full":
                found += in_the_other_theme(seen, width, theme)
    for path in WRONG:
        seen.shows(path)
        found += violations(seen)
    assert found == []


@pytest.mark.parametrize("state", ["full"])
def test_axe_finds_nothing_in_what_a_viewer_sees(opened: Opened, look: Callable[..., Seen]) -> None:
    """Who looks changes what there is, and no colour."""
    seen = look(1400, bypass_csp=True)
    seen.sign_in(VIEWER)
    found = []
    for route in pages(opened.stage.app):
        if seen.shows(opened.addresses.address(route)):
            found += violations(seen, BUT_CONTRAST)
    assert found == []


def test_axe_sees_colours_that_are_too_near(opened: Opened, look: Callable[..., Seen]) -> None:
    """In the theme that is looked at second, and only there."""
    seen = look(400, color_scheme="dark", bypass_csp=True)
    seen.go("/sign-in")
    seen.page.add_style_tag(content="@media (prefers-color-scheme: light) { h1 { color: #eee; background: #fff } }")
    assert violations(seen) == []
    (found,) = in_the_other_theme(seen, 400, "dark")
    assert CONTRAST in found
