"""Wake-ups: Celery messages that name an event which waits in the database, and how many of them a connection may have on their way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, cast

from celery import Celery
from kombu.exceptions import KombuError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

TASK: Final = "relay.deliver"
PRIORITY: Final = "priority"
DEFAULT: Final = "default"
QUEUES: Final = (PRIORITY, DEFAULT)

CONNECT_TIMEOUT = 0.5
TIMEOUT = 1.0
LOST_WHILE_IDLE = 10
LOST_WHILE_BUSY = 120
SHORT_BOUND = 20
SHORT_LONGEST = 15.0

UNREACHABLE: Final = (RedisError, KombuError, OSError)
"""What `ring` and `taken` raise when Redis is away."""

# An event is on its way from `admit` until a worker takes its message. A message that was lost must not hold its place for ever: with nothing
# queued it is given up after a few seconds, else when workers have long been taking messages that were sent later. While no worker takes any, none is.
_ADMIT = """
local now = tonumber(redis.call('TIME')[1])
local queued = 0
for i = 3, #KEYS do queued = queued + redis.call('LLEN', KEYS[i]) end
local lost_before = now - tonumber(ARGV[2])
if queued > 0 then lost_before = tonumber(redis.call('GET', KEYS[2]) or 0) - tonumber(ARGV[3]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. lost_before)
local room = tonumber(ARGV[1]) - redis.call('ZCARD', KEYS[1])
local admitted = {}
for i = 4, #ARGV do
  if room <= 0 then break end
  if redis.call('ZADD', KEYS[1], 'NX', now, ARGV[i]) == 1 then
    room = room - 1
    admitted[#admitted + 1] = ARGV[i]
  end
end
return admitted
"""

_TAKEN = """
redis.call('SET', KEYS[2], redis.call('TIME')[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
"""


@dataclass(frozen=True, slots=True)
class Wakeup:
    """One event that waits to be delivered. `type` is only shown."""

    event: str
    connection: str
    type: str
    priority: bool = False


class Wakeups:
    """Rings events, within the bound; never waits long for Redis. Safe to share between threads."""

    def __init__(self, redis_url: str, bound: int) -> None:
        self._bound = bound
        self._redis = Redis.from_url(
            redis_url,
            protocol=2,
            socket_connect_timeout=CONNECT_TIMEOUT,
            socket_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._admit = self._redis.register_script(_ADMIT)
        self._taken = self._redis.register_script(_TAKEN)
        self._celery = _sender(redis_url)

    def ring(self, wakeups: Sequence[Wakeup]) -> Collection[str]:
        """Send those for which there is room and which aren't on their way yet, urgent ones first; answers which events those were."""
        admitted = self._admitted(wakeups)
        to_send = [wakeup for wakeup in wakeups if wakeup.event in admitted]
        if to_send:
            self._send(to_send)
        return admitted

    def taken(self, event: str, connection: str) -> None:
        """A worker has this event's message in hand: its place is free."""
        self._taken(keys=[_on_their_way(connection), _LAST_TAKEN], args=[event])

    def room(self, connection: str) -> int:
        """How many more of a connection's events may be on their way. While its budget is short: a few, to use what there is."""
        keys = [_on_their_way(connection), _LAST_TAKEN, *QUEUES]
        self._admit(keys=keys, args=[self._bound, LOST_WHILE_IDLE, LOST_WHILE_BUSY])
        on_their_way = self._redis.zcard(_on_their_way(connection))
        bound = SHORT_BOUND if self._redis.exists(_short(connection)) else self._bound
        return max(bound - on_their_way, 0)

    def short(self, connection: str, seconds: float) -> None:
        """The connection's calls are used up for so long: more wake-ups would come in vain. Never raises: it only saves work."""
        with suppress(RedisError):
            self._redis.set(_short(connection), "1", px=max(int(min(seconds, SHORT_LONGEST) * 1000), 1))

    def ping(self) -> None:
        self._redis.ping()

    def _send(self, wakeups: Sequence[Wakeup]) -> None:
        with self._celery.producer_or_acquire() as producer, producer.batch():
            for wakeup in wakeups:
                self._celery.send_task(
                    TASK,
                    args=(wakeup.event,),
                    queue=PRIORITY if wakeup.priority else DEFAULT,
                    shadow=f"{wakeup.connection}: {wakeup.type}",
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                )

    def _admitted(self, wakeups: Iterable[Wakeup]) -> frozenset[str]:
        admitted: set[str] = set()
        ordered = sorted(wakeups, key=lambda wakeup: (wakeup.connection, not wakeup.priority))
        for connection, group in groupby(ordered, attrgetter("connection")):
            keys = [_on_their_way(connection), _LAST_TAKEN, *QUEUES]
            events = [wakeup.event for wakeup in group]
            answer = self._admit(keys=keys, args=[self._bound, LOST_WHILE_IDLE, LOST_WHILE_BUSY, *events])
            admitted.update(cast("list[str]", answer))
        return frozenset(admitted)


_LAST_TAKEN = "relay:taken"


def _short(connection: str) -> str:
    return f"relay:short:{connection}"


def _on_their_way(connection: str) -> str:
    return f"relay:out:{connection}"


def _sender(redis_url: str) -> Celery:
    """A Celery app that knows no task: it only sends, by name."""
    impatient: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": TIMEOUT,
        "retry_on_timeout": False,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
    app = Celery("relay-wakeups", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        broker_transport_options=impatient,
        broker_connection_retry=False,
        broker_connection_timeout=CONNECT_TIMEOUT,
    )
    return app
