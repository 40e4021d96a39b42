"""The console as somebody uses it: by keyboard alone, and while it changes under their hands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.browser.conftest import Seen
from tests.integration.web.console.stage import OPERATOR, Stage
from tests.integration.web.console.walk import Filled, pages

OUTLINE = (
    "(({outlineStyle, outlineWidth}) => `${outlineStyle} ${outlineWidth}`)(getComputedStyle(document.activeElement))"
)
WHERE = "document.activeElement.outerHTML.slice(0, 120)"
LIVE = 5_100
"""Milliseconds until the page has looked again."""


@pytest.mark.parametrize("width", [1400])
def test_every_stop_of_the_keyboard_shows(stage: Stage, full: Filled, look: Callable[..., Seen], width: int) -> None:
    seen = look(width)
    seen.sign_in()
    unseen = []
    for route in pages(stage.app):
        if not seen.shows(full.address(route)):
            continue
        stops = 0
        while stops < 200:
            seen.page.keyboard.press("Tab")
            if seen.page.evaluate("document.activeElement === document.body"):
                break
            stops += 1
            if seen.page.evaluate(OUTLINE) != "solid 3px":
                unseen.append((str(route), seen.page.evaluate(WHERE)))
        assert stops > 3, route
    assert unseen == []


def test_the_first_stop_leads_to_the_content(look: Callable[..., Seen]) -> None:
    seen = look(400)
    seen.sign_in()
    seen.page.keyboard.press("Tab")
    skip = seen.page.get_by_role("link", name="To the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("main")).to_be_focused()


def test_signing_in_finding_and_doing_need_no_mouse(stage: Stage, full: Filled, look: Callable[..., Seen]) -> None:
    seen = look()
    seen.go("/sign-in?next=/events")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(OPERATOR)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(f"{seen.home}/events")
    seen.page.get_by_label("From").focus()
    seen.page.keyboard.type("3650d")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(f"{seen.home}/events?since=3650d")
    expect(seen.page.locator(".fate.dead")).to_be_visible()
    seen.go("/probe")
    seen.page.get_by_label("Why").focus()
    seen.page.keyboard.type("med tangentbordet")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(f"{seen.home}/events?done=*")
    assert seen.faults == []


def test_what_is_wrong_stays_typed_and_says_what_to_do(look: Callable[..., Seen]) -> None:
    seen = look(400)
    seen.sign_in()
    seen.page.get_by_label("From").fill("yesterday")
    seen.page.keyboard.press("Enter")
    field = seen.page.get_by_label("From")
    expect(field).to_have_value("yesterday")
    expect(field).to_have_accessible_description("'yesterday' is no time. Use 24h, 7d or 2026-11-26T08:00Z")


def test_what_comes_in_is_shown_and_what_is_typed_stays(stage: Stage, full: Filled, look: Callable[..., Seen]) -> None:
    seen = look()
    seen.page.clock.install()
    seen.sign_in()
    seen.page.get_by_label("Type").fill("order")
    take_in(stage.store, arrival(event("e-new", subject="order:new"), connection="butik"))
    seen.page.clock.run_for(LIVE)
    expect(seen.page.locator(".fate.waiting")).to_have_count(2)
    expect(seen.page.get_by_label("Type")).to_have_value("order")
    assert seen.faults == []


def test_a_form_that_somebody_fills_in_is_not_taken_away(stage: Stage, look: Callable[..., Seen]) -> None:
    seen = look()
    seen.page.clock.install()
    seen.sign_in()
    seen.go("/probe")
    seen.page.get_by_label("Why").fill("för att")
    seen.page.get_by_role("heading", name="Probe").click()
    assert stage.visitor().ask("POST", "/probe/klocka/ring", OPERATOR, {"why": "en annan"}).status_code == 200
    seen.page.clock.run_for(LIVE)
    expect(seen.page.get_by_text("1 times")).to_be_visible()
    expect(seen.page.get_by_label("Why")).to_have_value("för att")
    expect(seen.page.get_by_role("heading", name="Ring, after 0")).to_be_visible()


def test_when_it_can_not_be_updated_it_says_since_when(full: Filled, look: Callable[..., Seen]) -> None:
    seen = look()
    seen.page.clock.install()
    seen.sign_in()
    status = seen.page.locator("footer [role=status]")
    seen.page.route("**/*live=5*", lambda route: route.fulfill(status=503, body="away"))
    seen.page.clock.run_for(LIVE)
    expect(status).to_contain_text("Not updated since")
    expect(seen.page.locator(".fate.dead")).to_be_visible()
    seen.page.unroute_all()
    seen.page.clock.run_for(LIVE)
    expect(status).to_be_empty()


def test_pausing_asks_for_nothing(full: Filled, look: Callable[..., Seen]) -> None:
    seen = look()
    seen.page.clock.install()
    seen.sign_in()
    asked: list[str] = []
    seen.page.on("request", lambda request: asked.append(request.url) if "live=5" in request.url else None)
    seen.page.get_by_role("button", name="Pause").click()
    seen.page.clock.run_for(4 * LIVE)
    expect(seen.page.get_by_role("button", name="Go on")).to_be_visible()
    assert asked == []
    with seen.page.expect_response("**/*live=5*"):
        seen.page.get_by_role("button", name="Go on").click()
        seen.page.clock.run_for(LIVE)


def test_a_menu_is_folded_only_where_it_can_be_opened(look: Callable[..., Seen]) -> None:
    """Without script it stays open, for nobody would find the pages."""
    for script, folded in ((True, True), (False, False)):
        seen = look(400, java_script_enabled=script)
        seen.sign_in()
        link = seen.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Events")
        assert link.is_hidden() == folded
        if folded:
            seen.page.get_by_text("Pages", exact=True).click()
            expect(link).to_be_visible()
