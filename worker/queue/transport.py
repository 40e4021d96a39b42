"""Takes messages from Redis, and throws away what is none: it would end the worker."""

from __future__ import annotations

from collections.abc import Sequence
from queue import Empty
from typing import Any

import structlog
from kombu.transport import redis

TRANSPORT = f"{__name__}:Transport"

log = structlog.get_logger()


class Channel(redis.Channel):
    def _brpop_read(self, **options: Any) -> Any:
        """The item has left its queue by the time it is read."""
        try:
            return super()._brpop_read(**options)  # type: ignore[misc] # its stubs leave it out
        except (ValueError, RecursionError) as error:
            thrown_away(error)
            raise Empty from None


class Transport(redis.Transport):
    Channel = Channel

    def _deliver(self, message: Any, queue: str | None) -> None:
        fault = _fault(message, self.channels)
        if fault is None:
            super()._deliver(message, queue)
        else:
            thrown_away(fault)


def _fault(message: Any, channels: Sequence[Any] | None) -> Exception | None:
    """What would be raised where kombu keeps it until it is acknowledged."""
    try:
        read = Channel.Message(message, channel=next(iter(channels or ())))
        _ = read.delivery_tag + read.delivery_info["exchange"] + read.delivery_info["routing_key"]
        _ = read.headers.keys()
    except Exception as error:  # noqa: BLE001 - whatever a stranger's message makes kombu raise
        return error
    return None


def thrown_away(error: Exception) -> None:
    """It may hold anything, so it is not shown."""
    log.error("what stood in a queue was no message of ours, and was thrown away", error=error.__class__.__name__)
