"""A Chromium of the system, and the console on a port, for it to look at."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.axe import PLACE
from tests.integration.conftest import Databases
from tests.integration.web.console.stage import OPERATOR, Silent, Stage
from tests.integration.web.console.walk import NOTHING, Filled, filled

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-first-run",
)  # fmt: skip
PATIENCE = 15_000
"""Milliseconds. A busy machine is slow, and no test waits for it to be fast."""

if CHROMIUM is None:
    sys.stderr.write("no Chromium is found: the console's pages are not looked at in a browser\n")
    collect_ignore_glob = ["test_*.py"]
elif not PLACE.exists():
    sys.stderr.write(
        "no axe-core is found (`python3 tests/axe.py` brings it): pages are not looked at for accessibility\n"
    )
    collect_ignore_glob = ["test_accessibility.py"]


@dataclass
class Seen:
    """A page in a window of its own. `faults`: what the browser complained of."""

    page: Page
    home: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        answer = self.page.goto(f"{self.home}{path}")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)

    def sign_in(self, token: str = OPERATOR) -> None:
        self.go("/sign-in?next=/events")
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.home}/events")

    def shows(self, path: str) -> bool:
        """Whether it is a page, be it of an error, and no file to download."""
        try:
            self.page.goto(f"{self.home}{path}")
        except Error as error:
            assert "Download is starting" in error.message  # noqa: PT017 - it is what is asked for
            return False
        return True

    def sideways(self) -> int:
        """Pixels by which the page is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """One kind is enough: what is looked at is the page."""
    return sqlite_databases


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def full(stage: Stage) -> Filled:
    return filled(stage)


@dataclass(frozen=True)
class Opened:
    """A console in one of its states, and what its pages are asked with."""

    stage: Stage
    addresses: Filled


@pytest.fixture
def state() -> str:
    """`full`, `empty`, or `silent`: the database answers no question in time."""
    return "empty"


@pytest.fixture
def opened(stage: Stage, state: str) -> Iterator[Opened]:
    addresses = filled(stage) if state != "empty" else NOTHING
    if state != "silent":
        yield Opened(stage, addresses)
        return
    silent = Silent(stage.settings, stage.environ)
    yield Opened(silent, addresses)
    silent.store.close()


@pytest.fixture
def home(opened: Opened) -> Iterator[str]:
    """Where the console is reached."""
    server = make_server("127.0.0.1", 0, opened.stage.app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def look(chromium: Browser, home: str) -> Iterator[Callable[..., Seen]]:
    """Opens a window: `look(width=400, color_scheme="dark", java_script_enabled=False)`."""
    with ExitStack() as opened:

        def open_window(width: int = 1400, **options: Any) -> Seen:
            return opened.enter_context(
                _window(chromium, home, {"viewport": {"width": width, "height": 900}, **options})
            )

        yield open_window


@contextmanager
def _window(chromium: Browser, home: str, options: dict[str, Any]) -> Iterator[Seen]:
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE)
    seen = Seen(context.new_page(), home)
    seen.page.on("pageerror", lambda error: seen.faults.append(f"{seen.page.url}: {error}"))
    seen.page.on(
        "console",
        lambda told: seen.faults.append(f"{seen.page.url}: {told.text}") if told.type in ("error", "warning") else None,
    )
    yield seen
    context.close()
