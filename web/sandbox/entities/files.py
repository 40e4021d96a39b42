"""Describes files, as far as recorded answers show them."""

from __future__ import annotations

from web.sandbox.entities.entity import Entity
from web.sandbox.fields import Kind, date, flag, free, integer, ref, text

FILES: tuple[Entity, ...] = (
    Entity(
        "files",
        {
            "filename": text(required=True, ours=True),
            "extension": text(ours=True),
            "type": text(default="File", ours=True),
            "mimetype": text(ours=True),
            "size": integer(ours=True),
            "uploadDate": date(Kind.INSTANT, ours=True),
            "user": ref("users", ours=True),
            "encryptedCustomerId": text(default="0", ours=True),
            "entity": text(),
            "entityId": integer(),
            "client": ref("accounts"),
            "private": flag(0),
            "public": flag(0),
            "driveFolderId": integer(),
            "labels": free((), ours=True),
        },
        nested=("id", "filename"),
        methods=frozenset({"list", "get", "update", "delete"}),
        other_names={"clientId": "client"},
    ),
)
