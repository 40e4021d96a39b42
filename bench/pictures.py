"""Makes the pictures of the console that the documentation shows, from the demo.

python -m bench.pictures [--into docs/pictures]

`relay demo` runs in a folder of its own, on ports that are free, and then some things go wrong in it. Chromium opens the pages.
All that they show is made up: the people, the companies, the keys.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from bench.pictures_fill import CONNECTION, LOOK, Place, go_wrong

ROOT = Path(__file__).parents[1]
STARTS = 180.0
LARGEST = 150_000
"""Bytes of a picture."""
WIDTH, HEIGHT = 1200, 760
PORTS: Final = ("PORT", "CONSOLE_PORT", "FLOWER_PORT", "RELAY_SANDBOX_PORT")
READY = "Ctrl-C stops everything."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "pictures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relay-pictures-") as name, _demo(Path(name)) as place:
        go_wrong(place)
        with _browser(place) as page:
            for called, path in _pages(place).items():
                _picture(page, f"{place.console}{path}", options.into / f"console-{called}.png")


def _pages(place: Place) -> Mapping[str, str]:
    dead = _first(place, "dead")
    record = place.ask(f"/api/v1/calls?connection={CONNECTION}")["data"]
    order = next(each for each in record if each["resource"] == "order" and each["record_id"])
    return {
        "overview": "/",
        "events": f"/events?connection={CONNECTION}",
        "event": f"/events/{dead}",
        "review": f"/review/{_first(place, 'review')}",
        "connection": f"/connections/{CONNECTION}",
        "record": f"/records/{order['account']}/order/{order['record_id']}",
    }


def _first(place: Place, fate: str) -> str:
    found: Any = place.ask(f"/api/v1/events?connection={CONNECTION}&fate={fate}")
    return str(found["data"][-1]["id"])


def _picture(page: Page, url: str, into: Path) -> None:
    answer = page.goto(url)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{url} answers {answer.status if answer else 'nothing'}")
    high = page.evaluate("document.querySelector('footer').getBoundingClientRect().top + scrollY")
    page.screenshot(path=into, clip={"x": 0, "y": 0, "width": WIDTH, "height": min(high, HEIGHT)}, full_page=True)
    size = into.stat().st_size
    print(f"{into}: {size / 1000:.0f} kB", flush=True)
    if size > LARGEST:
        raise SystemExit(f"{into} has more than {LARGEST} bytes")


@contextmanager
def _browser(place: Place) -> Iterator[Page]:
    """Signed in, in UTC alone: the picture is the same wherever it is made."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise SystemExit("no Chromium is found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        size = {"width": WIDTH, "height": HEIGHT}
        context = browser.new_context(viewport=size, color_scheme="light", timezone_id="UTC")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{place.console}/sign-in")
        page.get_by_label("Token").fill(place.token)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{place.console}/")
        yield page
        browser.close()


@contextmanager
def _demo(folder: Path) -> Iterator[Place]:
    ports = dict(zip(PORTS, _free(len(PORTS)), strict=True))
    environ = {**os.environ, **{name: str(port) for name, port in ports.items()}}
    log = folder / "demo.log"
    with log.open("w") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "worker.cli", "demo"], cwd=folder, env=environ, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        token = _token(started, log)
        receiver, console, _, sandbox = (f"http://127.0.0.1:{port}" for port in ports.values())
        yield Place(folder / "var" / "demo", receiver, sandbox, console, token)
    finally:
        started.send_signal(signal.SIGINT)
        started.wait(STARTS)


def _token(started: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + STARTS
    while READY not in (told := log.read_text("utf-8")):
        if started.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"the demo did not start:\n{told}")
        time.sleep(LOOK)
    found = re.search(r"^Console .* token ([^;\s]+)", told, re.MULTILINE)
    if found is None:
        raise SystemExit(f"the demo names no token:\n{told}")
    return found[1]


def _free(number: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


if __name__ == "__main__":
    main()
