"""Describes an entry of Gravity Forms, and the form that it was made with.

https://docs.gravityforms.com/entry-object
"""

from __future__ import annotations

from schemas.web_form import FormOfOwnNames
from schemas.wire import Extras, Id, Payload, Words


class Entry(FormOfOwnNames):
    """Its answers stand under the ids of fields (`3`) and of their parts (`1.3`), or under names of the feed's own."""

    id = Id(required=True)
    form_id = Id(required=True)
    form_title = Words()
    date_created = Words()
    source_url = Words()
    status = Words()


class Input(Payload):
    """A part of a field, such as the first name."""

    id = Words()
    label = Words()


class Field(Payload):
    id = Words()
    type = Words()
    label = Words()
    inputs = Extras(Input)


class Form(Payload):
    title = Words()
    fields_ = Extras(Field, data_key="fields")
