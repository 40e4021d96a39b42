"""Describes comments on companies: `/comments`."""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.fields import Flag, Reference, Text


class Comment(Schema):
    description = Text(required=True)
    user = Reference()
    client = Reference()
    isPinned = Flag()
