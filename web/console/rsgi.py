"""Puts the front before the console: `web.console.rsgi:front`, which granian serves."""

from __future__ import annotations

from web.console.served import front_of
from web.console.wsgi import app
from web.listeners import accept_no_more_when_told
from web.unread import give_up_on_silent_peers

accept_no_more_when_told()
give_up_on_silent_peers()
front = front_of(app)
