"""Tells of which kinds a connection makes records without a marker."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection as Database

from worker.plan import Resource
from worker.settings import Settings
from worker.store.lanes.connections import State
from worker.store.ledger import marker_fields


def without_marker(conn: Database, settings: Settings, state: State) -> Sequence[Resource]:
    """Those whose custom field Upsales does not have, as far as anybody has looked. Of a connection that is set up."""
    makes = settings.connections[state.name].makes
    return sorted(marker_fields.lacking(conn, state.account, settings.upsales.external_id, makes))
