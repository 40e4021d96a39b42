"""Everything that `relay up` starts, started once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.upsales import NO_LIMIT, Sandbox
from tests.integration.whole.traffic import SAMPLES_ACCOUNT, Traffic
from tests.integration.whole.traffic import traffic as made_up
from worker.cli.local import demo_setup
from worker.cli.local.network import free_port
from worker.cli.local.sample_fields import custom_fields
from worker.cli.local.sandbox_control import SandboxControl
from worker.cli.local.signals import interruptible
from worker.cli.local.stack import Stack, started
from worker.connectors import all_connectors
from worker.settings import load

WIDE = 'calls = ["1000000/1h"]\nwrites = ["1000000/1h"]\n'
FLOWER = ("drift", "losenord-4711")


@dataclass(frozen=True)
class Whole:
    stack: Stack
    sandbox: Sandbox
    traffic: Traffic


@pytest.fixture(scope="package")
def traffic() -> Traffic:
    return made_up()


@pytest.fixture(scope="package")
def whole(traffic: Traffic) -> Iterator[Whole]:
    umask = os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="relay-whole-") as name:
        home = Path(name) / "hem åäö"
        demo_setup.install(home, traffic.demo_connections)
        config = home / "relay.toml"
        config.write_text(config.read_text("utf-8").replace("[upsales]\n", f"[upsales]\n{WIDE}"), "utf-8")
        ports = {name: str(free_port()) for name in ("PORT", "FLOWER_PORT", "RELAY_SANDBOX_PORT", "CONSOLE_PORT")}
        environ = demo_setup.environment(home, {"PATH": os.environ["PATH"]}, traffic.demo_connections)
        environ |= ports | {"SANDBOX_KEYS": traffic.sandbox_keys, "FLOWER_BASIC_AUTH": ":".join(FLOWER)}
        options = ("--faults", "--calls", NO_LIMIT, "--writes", NO_LIMIT)
        with interruptible(), started(load(environ), environ, with_sandbox=True, sandbox_options=options) as stack:
            sandbox = Sandbox(stack.settings.sandbox_port)
            sandbox.furnish()
            SandboxControl(stack.sandbox).add_fields(SAMPLES_ACCOUNT, custom_fields(all_connectors()))
            yield Whole(stack, sandbox, traffic)
            sandbox.close()
    os.umask(umask)
