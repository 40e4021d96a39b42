"""Every page in a browser: narrow and wide, light and dark, with script and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.web.console.browser.conftest import Seen
from tests.integration.web.console.stage import Stage
from tests.integration.web.console.walk import Filled, pages


@pytest.mark.parametrize("script", ["script", "no script"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_is_complained_of_and_nothing_sticks_out(
    stage: Stage, full: Filled, look: Callable[..., Seen], width: int, theme: str, script: str
) -> None:
    seen = look(width, color_scheme=theme, java_script_enabled=script == "script")
    seen.sign_in()
    wide = {}
    for route in pages(stage.app):
        seen.go(full.address(route))
        wide[str(route)] = seen.sideways()
    assert seen.faults == []
    assert {path: by for path, by in wide.items() if by > 0} == {}


def test_a_theme_that_was_chosen_is_shown(stage: Stage, look: Callable[..., Seen]) -> None:
    """Light and dark differ at all: the page above would be the same in both."""
    backs = set()
    for theme in ("light", "dark"):
        seen = look(color_scheme=theme)
        seen.go("/sign-in")
        backs.add(seen.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(backs) == 2
