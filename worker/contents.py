"""What events say: read again, on delivery, from the requests that brought them."""

from __future__ import annotations

from collections.abc import Sequence

from worker.connector import Connector, Event
from worker.errors import Rejected
from worker.reading import Reading, read
from worker.store import Store, events
from worker.store.pending import Pending


class Requests:
    """The requests of some waiting events, each fetched and parsed once."""

    def __init__(self, store: Store, connector: Connector, waiting: Sequence[Pending]) -> None:
        self._connector = connector
        self._readings: dict[str, Sequence[Reading]] = {}
        with store.read() as conn:
            self._requests = events.requests_of(conn, {event.request_id for event in waiting})

    def event(self, waiting: Pending, connection: str) -> Event:
        """Raises Rejected when the request is gone or no longer reads as it did."""
        try:
            payload = self._read(waiting.request_id)[waiting.position].payload
        except (KeyError, IndexError):
            raise Rejected("its request is no longer stored, or holds fewer events than it did") from None
        return Event(
            id=waiting.event_id,
            type=waiting.type,
            subject=waiting.subject,
            time=waiting.time,
            payload=payload,
            connection=connection,
        )

    def _read(self, request_id: str) -> Sequence[Reading]:
        if request_id not in self._readings:
            self._readings[request_id] = read(self._connector, self._requests[request_id])
        return self._readings[request_id]
