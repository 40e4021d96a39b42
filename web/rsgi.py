"""Puts the front before the application: `web.rsgi:front`, which granian serves."""

from __future__ import annotations

from web.doors import accept_no_more_when_told
from web.front import front_of
from web.orphan import end_with_parent
from web.unread import give_up_on_silent_peers
from web.wsgi import app, settings

accept_no_more_when_told()
end_with_parent()
give_up_on_silent_peers()
front = front_of(app, settings.connections)
