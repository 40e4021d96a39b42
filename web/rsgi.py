"""Puts the front before the application: `web.rsgi:front`, which granian serves."""

from __future__ import annotations

from functools import partial

from web.front import THREADS, front_of
from web.listeners import accept_no_more_when_told
from web.orphan import end_with_parent
from web.unread import give_up_on_silent_peers
from web.wsgi import app, settings, store, tally, tracer
from worker.instruments.heartbeat import Heartbeat, Who

FLUSH = 1.0
"""Seconds for the last spans."""

accept_no_more_when_told()
end_with_parent()
give_up_on_silent_peers()
front = front_of(app, settings.connections)
heart = Heartbeat(store, Who(kind="receiver", threads=THREADS, busy=front.busy), tally)
front.at_last(heart.end)
front.at_last(partial(tracer.flush, FLUSH))
heart.start()
