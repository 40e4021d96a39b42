"""Describes support tickets: `/tickets`, an add-on."""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.fields import Flag, Reference, Text, Whole


class Ticket(Schema):
    title = Text(150, required=True)
    status = Reference()
    type = Reference()
    client = Reference()
    contact = Reference()
    user = Reference()
    priority = Whole(0, 3)
    isArchived = Flag()
    isPending = Flag()
    isRead = Flag()
