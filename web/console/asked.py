"""Refuses what a question of the admin API is asked with and its description lacks."""

from __future__ import annotations

from flask import Blueprint, request

from web.console.describe import Described
from worker.admin.filters import Fault, InvalidParameters
from worker.errors import did_you_mean


def refuse_undescribed(api: Blueprint, described: Described) -> None:
    """What is left out in silence would be answered as if it had not been asked. Of a route that says nothing, nothing is known."""

    @api.before_request
    def known() -> None:
        told = described.get(str(request.endpoint))
        if told is None:
            return
        names = {str(each["name"]) for each in told.query}
        unknown = [name for name in request.args if name not in names]
        if unknown:
            raise InvalidParameters(
                [Fault(name, f"is not known here; {did_you_mean(name, names)}") for name in unknown]
            )
