"""Describes a form of Elementor Pro, as its webhook posts it: plain, or with advanced data.

https://elementor.com/help/form-widget-pro/
"""

from __future__ import annotations

from marshmallow import fields

from schemas.web_form import FormOfOwnNames
from schemas.wire import Payload, Words


class Form(Payload):
    id = Words()
    name = Words()


class Field(Payload):
    """`value`: as people read it. What was chosen is joined in it; `raw_value` has it apart, and is not needed."""

    type = Words()
    title = Words()
    value = fields.Raw()


class Meta(Payload):
    value = Words()


class Submission(FormOfOwnNames):
    """Plain: `form_id`, `form_name`, and each answer under its label. With advanced data: `form`, `fields`, `meta`."""

    form_id = Words()
    form_name = Words()
    form = fields.Nested(Form)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Nested(Field), data_key="fields")
    meta = fields.Dict(keys=fields.String(), values=fields.Nested(Meta))
