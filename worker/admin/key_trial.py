"""Asks Upsales whose an API key is, before it is put in force."""

from __future__ import annotations

from functools import partial

from worker.admin.keys import Trial
from worker.admin.parts import Parts
from worker.admin.refusals import NotNow, Unfit
from worker.errors import ConfigError, Failure, Unauthorized
from worker.settings import Connection
from worker.upsales import Account


def trial(parts: Parts) -> Trial:
    return partial(_tried, parts)


def _tried(parts: Parts, connection: Connection, key: str) -> Account:
    """The account that the connection may be bound to. Raises Refusal."""
    try:
        return parts.runtime.binding.owner(connection, key)
    except Unauthorized as error:
        raise Unfit(f"the key is not kept: {error}", field="value") from None
    except (Failure, ConfigError) as error:
        raise NotNow(f"the key is not kept, it could not be tried: {error}") from None
