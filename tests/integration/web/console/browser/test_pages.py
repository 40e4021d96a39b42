"""Every page in a browser: narrow and wide, light and dark, with script and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.web.console.browser.conftest import Opened, Seen
from tests.integration.web.console.stage import Stage
from tests.integration.web.console.walk import pages

WIDTHS = (400, 800, 1400)
NO_COMPLAINT = "Failed to load resource: the server responded with a status of"
"""What the browser says of a page that is answered 404 or 503, as it should be."""


@pytest.mark.parametrize(
    ("state", "script"), [("full", "script"), ("full", "no script"), ("empty", "script"), ("silent", "no script")]
)
def test_nothing_is_complained_of_and_nothing_sticks_out(
    opened: Opened, look: Callable[..., Seen], script: str
) -> None:
    seen = look(java_script_enabled=script == "script")
    seen.sign_in()
    wide = {}
    for route in pages(opened.stage.app):
        if seen.shows(opened.addresses.address(route)):
            for width in WIDTHS:
                seen.page.set_viewport_size({"width": width, "height": 900})
                wide[str(route), width] = seen.sideways()
    assert [fault for fault in seen.faults if NO_COMPLAINT not in fault] == []
    assert {page: by for page, by in wide.items() if by > 0} == {}


def test_a_theme_that_was_chosen_is_shown(stage: Stage, look: Callable[..., Seen]) -> None:
    """Light and dark differ at all: the page above would be the same in both."""
    backs = set()
    for theme in ("light", "dark"):
        seen = look(color_scheme=theme)
        seen.go("/sign-in")
        backs.add(seen.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(backs) == 2


def test_an_error_is_a_page_among_the_others(look: Callable[..., Seen]) -> None:
    """Whoever is signed in finds the way on; nobody else is told what there is."""
    seen = look()
    seen.shows("/nothing-is-here")
    assert seen.page.get_by_role("navigation", name="Pages").count() == 0
    seen.sign_in()
    seen.shows("/records/1/nothing/1")
    seen.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Events").click()
    seen.page.wait_for_url(f"{seen.home}/events")


@pytest.mark.parametrize("state", ["full"])
def test_words_of_a_table_are_not_broken_where_there_is_room(opened: Opened, look: Callable[..., Seen]) -> None:
    seen = look(1200)
    seen.sign_in()
    high = seen.page.evaluate("[...document.querySelectorAll('.fate')].map((each) => each.getClientRects().length)")
    assert high
    assert set(high) == {1}
