"""Counts in Redis the messages that are on their way, and limits them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

FULL = 10_000
"""Messages in one queue, about 9 MB, from which on nobody adds more than `few` of their own."""

# A message that was lost must not hold its place for ever: with nothing queued it is given up after a few seconds, else when workers have
# long been taking messages of that queue that were sent later. While no worker takes any, none is.
_TAKE = """
local now = tonumber(redis.call('TIME')[1])
local queued = redis.call('LLEN', KEYS[3])
local lost_before = now - tonumber(ARGV[4])
if queued > 0 then lost_before = tonumber(redis.call('GET', KEYS[2]) or 0) - tonumber(ARGV[5]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. lost_before)
local bound = tonumber(ARGV[1])
local few = tonumber(ARGV[2])
if few < bound and (queued >= tonumber(ARGV[3]) or redis.call('EXISTS', KEYS[4]) == 1) then bound = few end
local room = math.max(bound - redis.call('ZCARD', KEYS[1]), 0)
local admitted = {}
local more = ARGV[6] == '1'
for i = 7, #ARGV do
  if room <= 0 then
    more = true
    break
  end
  if redis.call('ZADD', KEYS[1], 'NX', now, ARGV[i]) == 1 then
    room = room - 1
    admitted[#admitted + 1] = ARGV[i]
  end
end
if more and bound == tonumber(ARGV[1]) then redis.call('SET', KEYS[5], '1', 'EX', 60) end
return {room, admitted}
"""

_FREE = """
local wanted = 0
for i = 1, #KEYS, 3 do
  if redis.call('ZREM', KEYS[i], ARGV[1]) == 1 then redis.call('SET', KEYS[i + 1], redis.call('TIME')[1]) end
  if redis.call('ZCARD', KEYS[i]) * 2 <= tonumber(ARGV[2]) then wanted = wanted + redis.call('DEL', KEYS[i + 2]) end
end
return wanted
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """The places that one owner has in one queue: `bound`, or a `few` while the queue is full or the `short` key is set. Seconds."""

    owner: str
    queue: str
    bound: int
    few: int
    lost_while_idle: float
    lost_while_busy: float

    @property
    def key(self) -> str:
        return f"relay:out:{self.queue}:{self.owner}"

    @property
    def short(self) -> str:
        return f"relay:short:{self.owner}"

    @property
    def last_taken(self) -> str:
        return f"relay:taken:{self.queue}"

    @property
    def more(self) -> str:
        """Set while something waits that found no place."""
        return f"relay:more:{self.queue}:{self.owner}"


class InFlight:
    """Safe to share between threads. Raises what redis raises."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._free = redis.register_script(_FREE)

    def take(self, quota: Quota, names: Iterable[str], *, more: bool = False) -> Sequence[str]:
        """Those names that get a place: not those that have one, nor those for which there is no room.

        `more`: others may wait for a place, too.
        """
        return [str(name) for name in self._ask(quota, names, more=more)[1]]

    def room(self, quota: Quota) -> int:
        return int(self._ask(quota, ())[0])

    def free(self, quotas: Sequence[Quota], name: str) -> bool:
        """A worker has the message in hand, whichever quota it is from.

        True when half of the places of a quota are free and something waits for them; only one caller is told.
        """
        keys = [key for quota in quotas for key in (quota.key, quota.last_taken, quota.more)]
        bound = min((quota.bound for quota in quotas), default=0)
        return bool(self._free(keys=keys, args=[name, bound]))

    def taking(self, quotas: Iterable[Quota]) -> Collection[str]:
        """The owners that have messages on their way."""
        quotas = tuple(quotas)
        with self._redis.pipeline(transaction=False) as pipe:
            for quota in quotas:
                pipe.zcard(quota.key)
            counts = pipe.execute()
        return {quota.owner for quota, count in zip(quotas, counts, strict=True) if count}

    def give_back(self, quota: Quota, names: Sequence[str]) -> None:
        """They were not sent."""
        if names:
            self._redis.zrem(quota.key, *names)

    def _ask(self, quota: Quota, names: Iterable[str], *, more: bool = False) -> Any:
        keys = [quota.key, quota.last_taken, quota.queue, quota.short, quota.more]
        most = [quota.bound, quota.few, FULL, quota.lost_while_idle, quota.lost_while_busy, int(more)]
        return self._take(keys=keys, args=[*most, *names])
