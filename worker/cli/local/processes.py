"""Names the processes of one installation, as commands without secrets.

Secrets reach them through the environment only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from worker.cli.local import console as console_server
from worker.cli.local import receiver
from worker.cli.local.network import HOST
from worker.instruments.listening import streams
from worker.settings import Settings

SHOWN_TASKS = 5000
COLUMNS = "name,uuid,state,result,args,received,runtime,worker"


@dataclass(frozen=True, slots=True)
class Program:
    """`restarts`: when it ends by itself. What holds everything in memory had better not."""

    name: str
    command: Sequence[str]
    restarts: bool = True


def web(settings: Settings) -> Program:
    return Program("web", receiver.command(HOST, settings.port))


def worker(settings: Settings) -> Program:
    # The name is the same after a restart, and no other `relay up` of this machine has it.
    return _celery(
        "worker", "worker", "-n", f"worker-{os.getpid()}@%h", "-P", "threads", "-c", str(settings.delivery.threads), "-Q", "priority,default",
        "--without-gossip", "--without-mingle", "-E",
    )  # fmt: skip


def beat() -> Program:
    return _celery("beat", "beat", "--pidfile=")


def flower(settings: Settings) -> Program:
    return _module(
        "flower", "worker.flower", f"--address={HOST}", f"--port={settings.flower_port}", "--read_only",
        f"--max_tasks={SHOWN_TASKS}", "--purge_offline_workers=60", f"--tasks_columns={COLUMNS}", "--logging=none",
    )  # fmt: skip


def console(settings: Settings) -> Program:
    return Program("console", console_server.command(HOST, settings.console_port))


def sandbox(settings: Settings, options: Sequence[str] = ()) -> Program:
    started = _module("sandbox", "web.sandbox", "--port", str(settings.sandbox_port), *options)
    return replace(started, restarts=False)


def neighbours(port: int) -> Program:
    return replace(_module("neighbours", "worker.cli.local.neighbours", str(port)), restarts=False)


def listeners(settings: Settings) -> Iterator[Program]:
    """One for each connection that is listened to."""
    for name in streams(settings):
        yield _module(f"listen-{name}", "worker.cli", "listen", name)


def programs(
    settings: Settings,
    *,
    with_sandbox: bool,
    sandbox_options: Sequence[str] = (),
    neighbours_port: int | None = None,
) -> Iterator[Program]:
    """A sandbox has no senders that tell anything: nobody listens beside it."""
    if with_sandbox:
        yield sandbox(settings, sandbox_options)
    if neighbours_port is not None:
        yield neighbours(neighbours_port)
    yield from (web(settings), worker(settings), beat(), flower(settings), console(settings))
    if not with_sandbox:
        yield from listeners(settings)


def _celery(name: str, *arguments: str) -> Program:
    return _module(name, "celery", "-A", "worker.app", "--skip-checks", "--quiet", *arguments)


def _module(name: str, module: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments))
