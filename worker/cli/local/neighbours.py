"""Runs the neighbours of an installation: fakes of the APIs that its connections read.

`python -m worker.cli.local.neighbours PORT`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from worker.cli.local.network import HOST
from worker.devkit.neighbour import Neighbour, neighbour_of
from worker.devkit.neighbour.serving import make_server, street
from worker.settings import Settings, load


def has_any(settings: Settings) -> bool:
    """Whether a connection reads its sender's API."""
    return any(each.connector.source is not None for each in settings.connections.values())


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


def of(settings: Settings) -> Mapping[str, Neighbour]:
    """By connection. They know what the cases recorded, and take any token."""
    return {
        name: neighbour_of(each.connector)
        for name, each in settings.connections.items()
        if each.connector.source is not None
    }


def main() -> None:
    make_server(street(of(load(os.environ))), int(sys.argv[1])).serve_forever()


if __name__ == "__main__":
    main()
