"""Every page as axe-core sees it: contrast, names, roles, order of headings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.axe import PLACE
from tests.integration.web.console.browser.conftest import Seen
from tests.integration.web.console.stage import Stage
from tests.integration.web.console.walk import Filled, pages


def violations(seen: Seen) -> list[str]:
    seen.page.evaluate(PLACE.read_text("utf-8") + ";0")
    found: dict[str, Any] = seen.page.evaluate("axe.run()")
    return [
        f"{seen.page.url}: {each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']][:3]}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_axe_finds_nothing(stage: Stage, full: Filled, look: Callable[..., Seen], width: int, theme: str) -> None:
    seen = look(width, color_scheme=theme, bypass_csp=True)
    seen.go("/sign-in")
    found = violations(seen)
    seen.sign_in()
    for route in pages(stage.app):
        seen.go(full.address(route))
        found += violations(seen)
    seen.page.goto(f"{seen.home}/events?fate=deliverd")
    found += violations(seen)
    assert found == []
