"""Tells the demo's story to the relay and to a script at once, with three mishaps."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from worker.cli.local import demo_report, naive_script
from worker.cli.local.demo_comparison import briefly
from worker.cli.local.demo_story import ACCOUNT, CUT, KILLED, SCRIPT_ACCOUNT, TWICE, Step, Story, order_step
from worker.cli.local.naive_script import ORDER_NAME
from worker.cli.local.samples import Accepted, post, signed
from worker.cli.local.sandbox_control import SandboxControl
from worker.cli.local.stack import Stack
from worker.cli.output import say
from worker.errors import RelayError
from worker.store import Store

SCRIPT = "script"
LOOK = 0.05
PATIENCE = 40.0
SHOWN_AFTER = 1.1
ANSWER_HELD = 3.0
"""Seconds for which an answer is held back, so that a process can be killed after its call took effect and before it hears of it."""


class TookTooLong(RelayError):
    """Something of the demo did not come about."""


@dataclass(frozen=True, slots=True)
class Script:
    """The script's key, and how one of its runs is begun."""

    api: str
    key: str = field(repr=False)

    def begin(self, step: Step) -> subprocess.Popen[str]:
        run = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", naive_script.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, naive_script.API: self.api, naive_script.KEY: self.key},
        )
        assert run.stdin is not None
        run.stdin.write(step.told.as_json())
        run.stdin.close()
        return run


def script_key() -> str:
    return secrets.token_hex(16)


@dataclass(slots=True)
class Contest:
    """`sent`: how many webhooks the relay got."""

    stack: Stack
    store: Store
    story: Story
    script: Script
    sandbox: SandboxControl
    sent: int = 0

    def tell(self) -> None:
        """The story, and what it has made after each webhook."""
        for step in self.story.steps:
            # Weeks lie between them, but for the payment: the search shows what was made, also to the script.
            time.sleep(0.0 if step.told.paid else SHOWN_AFTER)
            self._both(step)
            say(f"  {step.says:<58} {briefly(self.sandbox.holding(ACCOUNT))}")

    def twice(self) -> None:
        step = order_step(TWICE, "")
        with ThreadPoolExecutor(2) as threads:
            answers = [threads.submit(self._post, step) for _ in range(2)]
            runs = [self.script.begin(step) for _ in range(2)]
            statuses = sorted({str(answer.result().status) for answer in answers})
        _ended(runs)
        self._settled()
        say(f"  The shop sends one order twice at once (both are answered {' or '.join(statuses)})")

    def cut(self) -> None:
        for key in ("shop", SCRIPT):
            self.sandbox.fault("drop_after_commit", key=key, resource="orders")
        self._both(order_step(CUT, ""))
        say("  Upsales makes an order, and its answer is cut off")

    def killed(self) -> None:
        """The relay needs some seconds until it may look what became of the call: what it holds is looked at later."""
        for key in ("shop", SCRIPT):
            self.sandbox.fault("delay_after_commit", key=key, resource="orders", seconds=ANSWER_HELD)
        step = order_step(KILLED, "")
        self._post(step)
        self._until(lambda: self._has(ACCOUNT, KILLED), "the order is made")
        os.kill(self.stack.supervisor.pid_of("worker"), signal.SIGKILL)
        run = self.script.begin(step)
        self._until(lambda: self._has(SCRIPT_ACCOUNT, KILLED), "the script makes the order")
        run.kill()
        run.wait()
        _ended([self.script.begin(step)])
        say("  A worker is killed (kill -9) between an order's POST and its answer, and starts again")

    def _both(self, step: Step) -> None:
        run = self.script.begin(step)
        self._post(step)
        _ended([run])
        self._settled()

    def _post(self, step: Step) -> Accepted:
        to = self.story.connection(step.connection)
        url = f"{self.stack.web}/webhooks/{to.connection}"
        accepted = post(signed(step.case, to.connector, url, to.secret, datetime.now(UTC)))
        self.sent += 1
        return accepted

    def _settled(self) -> None:
        self._until(lambda: not demo_report.unfinished(self.store), "every event has ended")

    def _until(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            self.stack.supervisor.check()
            if time.monotonic() > deadline:
                raise TookTooLong(
                    f"it took more than {PATIENCE:g} s until {what}; see {self.stack.supervisor.directory}"
                )
            time.sleep(LOOK)

    def _has(self, account: int, number: str) -> bool:
        return ORDER_NAME.format(number) in self.sandbox.holding(account).orders


def _ended(runs: Sequence[subprocess.Popen[str]]) -> None:
    for run in runs:
        try:
            run.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
