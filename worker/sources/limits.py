"""Takes calls from the windows of a sender's token, which all processes share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from worker.errors import SourceThrottled
from worker.sdk.source import Limit

SCRIPT: Final = files(__package__).joinpath("limits.lua").read_text("utf-8")
AWAY: Final = 2.0
"""Seconds to wait when Redis can't be reached."""
SLACK: Final = 0.25
"""By how much longer a window is kept than the sender's: one call may take longer to get there than the next."""
SOONEST: Final = 0.05

log = structlog.get_logger()


class Limits:
    """Of all tokens; `fingerprint` names one. Safe to share between threads. A wiped Redis forgets what was called, and nothing else."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(SCRIPT)

    def take(self, fingerprint: str, limits: Sequence[Limit]) -> None:
        """Take one call out of each window. Raises SourceThrottled, with the seconds after which there may be one."""
        windows = [(limit.calls, round((limit.seconds + SLACK) * 1e6)) for limit in limits]
        try:
            wait = int(self._run(fingerprint, "take", json.dumps(windows)))
        except (RedisError, OSError) as error:
            line = f"nothing is read without its limits: Redis is away ({type(error).__name__})"
            raise SourceThrottled(line, seconds=AWAY) from None
        if wait > 0:
            raise SourceThrottled("the limits of the sender's API are used up", seconds=max(wait / 1e6, SOONEST))

    def close(self, fingerprint: str, seconds: float) -> None:
        """The sender said that nobody is to call for so long. Never raises."""
        try:
            self._run(fingerprint, "close", round(seconds * 1e6))
        except (RedisError, OSError) as error:
            log.warning("source_limit_not_told", error=type(error).__name__)

    def _run(self, fingerprint: str, operation: str, argument: str | int) -> bytes | int:
        key = f"relay:source:{{{fingerprint}}}"
        answer: bytes | int = self._script(keys=[f"{key}:log", f"{key}:closed"], args=[operation, argument])
        return answer
