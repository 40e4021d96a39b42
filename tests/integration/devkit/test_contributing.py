"""CONTRIBUTING.md, step by step, in a copy of the source tree."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from worker.cli.local.network import free_port

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
SETTINGS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

KEEPER = {
    "name": "Åkeri & Söner AB",
    "org_number": "599999-0012",
    "contact": {"name": "Åsa Öberg", "email": "asa@akeri.example", "mobile": "070-174 06 05"},
}
TICKET = {"number": "P-1042", "zone": "Södra 3", "fine": {"amount": 600, "currency": "SEK"}}


def posted(kind: str, number: int) -> dict[str, object]:
    notification = {"id": f"n-{number}", "kind": kind, "sent": f"2026-03-0{number}T08:15:02Z"}
    return {"notification": notification, "ticket": TICKET, "vehicle": {"plate": "ÅKE 123", "keeper": KEEPER}}


class Checkout:
    """A copy of what a developer has, and the commands run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("worker", "web", "schemas", "docs"):
            # With what Python made of it: a copy is as old as what it is of, and nothing is compiled again.
            shutil.copytree(ROOT / name, root / name)
        shutil.copy(ROOT / "pyproject.toml", root)
        ports = {name: str(free_port()) for name in ("PORT", "RELAY_SANDBOX_PORT", "FLOWER_PORT", "CONSOLE_PORT")}
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("RELAY_", "DATABASE_", "REDIS_"))
        }
        self.environ = kept | ports | {"PYTHONPATH": str(root)}

    def command(self, line: str) -> list[str]:
        program, *arguments = shlex.split(line)
        assert program == "relay"
        return [sys.executable, "-m", "worker.cli", *arguments]

    def run(self, line: str, *, code: int = 0) -> str:
        done = subprocess.run(
            self.command(line),
            cwd=self.root,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, f"{line}\n{done.stdout}\n{done.stderr}"
        assert done.stderr == "", line
        return done.stdout

    @contextmanager
    def beside(self, line: str) -> Iterator[Callable[[], str]]:
        """Runs a command that mostly waits while others run. What is yielded waits for its end, and answers what it said."""
        with subprocess.Popen(
            self.command(line),
            cwd=self.root,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:

            def said() -> str:
                out, error = running.communicate(timeout=120)
                assert (running.returncode, error) == (0, ""), f"{line}\n{out}\n{error}"
                return out

            try:
                yield said
            finally:
                running.terminate()

    def capture(self, line: str, *bodies: object) -> str:
        """Runs a command that listens, and posts to it."""
        port = str(free_port())
        command = self.command(line.replace("9000", port))
        with subprocess.Popen(command, cwd=self.root, env=self.environ, stdout=subprocess.PIPE, text=True) as listening:
            assert listening.stdout is not None
            assert "Listening on" in listening.stdout.readline()
            for body in bodies:
                answer = httpx.post(
                    f"http://127.0.0.1:{port}/parkering", json=body, headers={"Authorization": "Bearer hemligt"}
                )
                assert answer.status_code == 200
            out, _ = listening.communicate(timeout=30)
        assert listening.returncode == 0
        return out


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_page_is_followed_to_its_end(checkout: Checkout) -> None:
    steps = iter(COMMANDS)

    out = checkout.capture(next(steps), posted("ticket.issued", 1), posted("ticket.paid", 2))
    assert "captured/ticket_issued.json" in out
    assert "captured/ticket_paid.json" in out
    assert "captured/ is not for the repository" in out
    assert "captured/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "hemligt" not in (checkout.root / "captured" / "ticket_issued.json").read_text("utf-8")

    out = checkout.run(next(steps))
    assert "rules" in out
    assert "all well" in out
    assert "notification.id is called like a message's id" in out
    assert "captured/ is not for the repository" in out

    check = next(steps)
    assert "all well" in checkout.run(check)
    module = checkout.root / "worker" / "connectors" / "parking" / "__init__.py"
    page = checkout.root / "docs" / "connectors" / "parking.md"
    assert "it looks like the time of sending: is there one of what happened?" in page.read_text("utf-8")
    module.write_text(module.read_text("utf-8").replace('"Ticket issued"', '"Bot utfärdad"'), "utf-8")
    out = checkout.run(check, code=1)
    assert "Bot utfärdad: Södra 3: 600 SEK" in out
    assert "relay connectors accept parking ticket_issued" in out

    out = checkout.run(next(steps))
    assert '-          "description": "Ticket issued: Södra 3: 600 SEK"' in out
    assert "1 changed." in out

    checkout.capture("relay capture --listen 9000 --count 1", posted("ticket.disputed", 3))
    out = checkout.run(next(steps))
    assert '"ignored": "no rule for type"' in out
    out = checkout.run(check)
    assert "3 cases" in out
    assert "all well" in out

    with checkout.beside(next(steps)) as demo:
        (checkout.root / "relay.toml").write_text(SETTINGS[0], "utf-8")
        checkout.run(next(steps))
        assert "create activity" in checkout.run(next(steps))

        out = checkout.run(next(steps))
        assert "relay_barrier/__init__.py" in out
        assert "barrier: 1 case," in checkout.run(next(steps))

        out = demo()
    assert "Bot utfärdad: Södra 3: 600 SEK" in out
    assert "Åsa Öberg, asa@akeri.example" in out
    assert "2 events sent: 2 delivered." in out

    assert list(steps) == []
