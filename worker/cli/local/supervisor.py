"""Configures, starts and ends supervisord, which keeps the processes running."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from worker.cli.local.processes import Program
from worker.errors import RelayError

STOP_SECONDS = 10
"""For a process to end by itself. All but Valkey are told at once."""
LOG_BYTES = "10MB"
GROUP = "relay"

HEAD = """\
; Written by `relay up` at every start.
[supervisord]
nodaemon=true
umask=077
silent=true
logfile={directory}/supervisord.log
logfile_maxbytes={log_bytes}
logfile_backups=1
pidfile={directory}/supervisord.pid
childlogdir={directory}
identifier=relay
{user}
[group:{group}]
programs={names}
priority=900
"""

PROGRAM = """
[program:{name}]
command={command}
priority={priority}
autorestart={restarts}
startsecs=1
startretries={retries}
stopsignal=TERM
stopwaitsecs={stop}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes={log_bytes}
stdout_logfile_backups=1
"""


class DidNotStart(RelayError):
    """One of the processes ended at once, again and again."""


class Ended(RelayError):
    """One that is not started again has ended."""


class Supervisor:
    """`first` starts before the others and stops after them. Logs lie in the directory, one a process."""

    def __init__(self, directory: Path, home: Path, first: Program | None, programs: Iterable[Program]) -> None:
        self.directory = directory
        self._home = home
        self._first = first
        self._programs = tuple(programs)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def names(self) -> Sequence[str]:
        """Those of our own programs."""
        return [program.name for program in self._programs]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def pid_of(self, name: str) -> int:
        """Of the process that was started last."""
        started = re.findall(rf"spawned: '{re.escape(name)}' with pid (\d+)", self._log())
        return int(started[-1])

    def log_of(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def start(self, environ: Mapping[str, str], keep_open: Sequence[int] = ()) -> None:
        config = self.directory / "supervisord.conf"
        config.write_text(self._config(), "utf-8")
        for log in self.directory.glob("*.log"):
            log.unlink()
        with (self.directory / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-m", "worker.cli.local.supervisord", str(config)],
                cwd=self._home,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=keep_open,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raises DidNotStart when a process was given up, Ended when one ended that is not started again."""
        log = self._log()
        for line in log.splitlines():
            gave_up = line.partition("gave up: ")[2]
            if gave_up:
                name = gave_up.split()[0]
                raise DidNotStart(f"{name} does not start: {self._last_line(name)}; see {self.log_of(name)}")
        for name in (program.name for program in self._programs if not program.restarts):
            ran = log.partition(f"success: {name} entered RUNNING")[2]
            if f"exited: {name} (" in ran:
                raise Ended(f"{name} ended, and what it held is gone: start again; its log is {self.log_of(name)}")
        if self._process is not None and self._process.poll() is not None:
            raise DidNotStart(f"supervisord ended; see {self.directory}/supervisord.log")

    def stop(self) -> None:
        """Within STOP_SECONDS and a little more nothing runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(2 * STOP_SECONDS + 4)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _log(self) -> str:
        try:
            return (self.directory / "supervisord.log").read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def _last_line(self, name: str) -> str:
        try:
            lines = self.log_of(name).read_text("utf-8", "replace").split("\n")
        except FileNotFoundError:
            return "it wrote nothing"
        return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")

    def _config(self) -> str:
        names = ",".join(program.name for program in self._programs)
        head = HEAD.format(
            directory=_escaped(str(self.directory)), user=_user(), group=GROUP, names=names, log_bytes=LOG_BYTES
        )
        first = [self._section(self._first, priority=1)] if self._first else []
        return head + "".join([*first, *(self._section(program, priority=900) for program in self._programs)])

    def _section(self, program: Program, *, priority: int) -> str:
        return PROGRAM.format(
            name=program.name,
            command=_escaped(shlex.join(program.command)),
            log=_escaped(str(self.log_of(program.name))),
            priority=priority,
            restarts=str(program.restarts).lower(),
            retries=5 if program.restarts else 0,
            stop=STOP_SECONDS,
            log_bytes=LOG_BYTES,
        )


def _escaped(text: str) -> str:
    """% begins an expansion in supervisord's configuration, and ` ;` a comment."""
    return text.replace("%", "%%")


def _user() -> str:
    """Said outright for root, or supervisord warns at every start."""
    return f"user={pwd.getpwuid(0).pw_name}\n" if os.geteuid() == 0 else ""
