"""Sends wake-ups: Celery messages that name an event which waits in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final

from kombu.exceptions import KombuError
from redis.exceptions import RedisError, ResponseError

from worker.queue.broker import impatient, sender
from worker.queue.fate import shown_args, shown_name
from worker.queue.inflight import InFlight, Quota
from worker.tracing import Trace

TASK: Final = "relay.deliver"
PRIORITY: Final = "priority"
DEFAULT: Final = "default"
QUEUES: Final = (PRIORITY, DEFAULT)

LOST_WHILE_IDLE = 10
LOST_WHILE_BUSY = 120
SHORT_BOUND = 20
SHORT_LONGEST = 15.0

UNREACHABLE: Final = (RedisError, KombuError, OSError)
"""What `ring` and `taken` raise when Redis is away."""

_EPOCH = "relay:epoch"
_SINCE = """
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then redis.call('HSET', KEYS[1], 'run', ARGV[1], 'since', ARGV[2]) end
return redis.call('HGET', KEYS[1], 'since')
"""


@dataclass(frozen=True, slots=True)
class Wakeup:
    """One event that waits to be delivered. `type`, `sender_id` and `subject` are only shown.

    `trace`: of the request that brought it, for who has that at hand.
    """

    event: str
    connection: str
    type: str
    priority: bool = False
    sender_id: str = ""
    subject: str = ""
    trace: Trace | None = field(default=None, compare=False)


class Wakeups:
    """Rings events, within the bound of each queue; never waits long for Redis. Safe to share between threads."""

    def __init__(self, redis_url: str, bound: int) -> None:
        self._bound = bound
        self._redis = impatient(redis_url)
        self._places = InFlight(self._redis)
        self._since = self._redis.register_script(_SINCE)
        self._celery = sender(redis_url)

    def ring(self, wakeups: Sequence[Wakeup]) -> Collection[str]:
        """Send those for which there is room and which aren't on their way yet; answers which events those were.

        As many of one connection as it has places in a queue may not be all that wait.
        """
        placed: list[tuple[Quota, Sequence[str]]] = []
        try:
            for quota, events in self._by_shelf(wakeups):
                placed.append((quota, self._places.take(quota, events, more=len(events) >= self._bound)))
            sent = frozenset(event for _, events in placed for event in events)
            self._send([wakeup for wakeup in wakeups if wakeup.event in sent])
        except Exception:
            with suppress(RedisError):
                for quota, events in placed:
                    self._places.give_back(quota, events)
            raise
        return sent

    def taken(self, event: str, *connections: str) -> bool:
        """A worker has this event's message in hand: its place is free, whichever of these connections it is of.

        True when half of the places are free and lanes wait for them: the caller has them rung.
        """
        return self._places.free([self._quota(name, queue) for name in connections for queue in QUEUES], event)

    def pass_over(self, wakeup: Wakeup) -> None:
        """Send it to the end of its queue. It keeps its place."""
        self._send([wakeup])

    def waiting(self, connections: Iterable[str], *, priority: bool) -> Collection[str]:
        """Those of the connections that have messages in one of the queues."""
        queue = PRIORITY if priority else DEFAULT
        return self._places.taking(self._quota(name, queue) for name in connections)

    def in_vain(self, event: str, *connections: str) -> None:
        """A message was taken and nothing could come of it, the database being away: what was rung is to be rung again."""
        self.taken(event, *connections)
        self._redis.delete(_EPOCH)

    def since(self, now: datetime) -> datetime:
        """The time before which all wake-ups are lost: Redis was started or wiped, or its messages were taken in vain. `now` if that was just found."""
        answer = self._since(keys=[_EPOCH], args=[self._run_id(), now.isoformat()])
        return datetime.fromisoformat(str(answer))

    def room(self, connection: str, *, priority: bool = False) -> int:
        """How many more of a connection's events may be on their way. While its budget is short: a few, to use what there is."""
        return self._places.room(self._quota(connection, PRIORITY if priority else DEFAULT))

    def short(self, connection: str, seconds: float) -> None:
        """The connection's calls are used up for so long: more wake-ups would come in vain. Never raises: it only saves work."""
        with suppress(RedisError):
            key = self._quota(connection, DEFAULT).short
            self._redis.set(key, "1", px=max(int(min(seconds, SHORT_LONGEST) * 1000), 1))

    def ping(self) -> None:
        self._redis.ping()

    def _send(self, wakeups: Sequence[Wakeup]) -> None:
        if not wakeups:
            return
        with self._celery.producer_or_acquire() as producer, producer.batch():
            for wakeup in wakeups:
                self._celery.send_task(
                    TASK,
                    args=(wakeup.event,),
                    queue=PRIORITY if wakeup.priority else DEFAULT,
                    task_id=wakeup.event,
                    shadow=shown_name(wakeup.connection, wakeup.type),
                    argsrepr=shown_args(wakeup.event, wakeup.sender_id, wakeup.subject),
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                )

    def _by_shelf(self, wakeups: Iterable[Wakeup]) -> Iterable[tuple[Quota, Sequence[str]]]:
        ordered = sorted(wakeups, key=lambda wakeup: (not wakeup.priority, wakeup.connection))
        for (priority, name), group in groupby(ordered, lambda wakeup: (wakeup.priority, wakeup.connection)):
            yield self._quota(name, PRIORITY if priority else DEFAULT), [wakeup.event for wakeup in group]

    def _quota(self, connection: str, queue: str) -> Quota:
        return Quota(connection, queue, self._bound, SHORT_BOUND, LOST_WHILE_IDLE, LOST_WHILE_BUSY)

    def _run_id(self) -> str:
        """Another one after each start of Redis; empty where it may not be asked."""
        with suppress(ResponseError):
            return str(self._redis.info("server").get("run_id", ""))
        return ""
