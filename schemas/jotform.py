"""Describes a submission of Jotform: as its webhook posts it, and as its API answers it.

https://api.jotform.com/docs/
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Id, Passing, Payload, Words


class Told(Passing, fields.Dict):
    """Blank where the browser sent nothing that is JSON."""


class Posted(Payload):
    """`rawRequest`: what the browser sent, an answer under `q3_name`. `pretty`: all of it as one line with labels."""

    submissionID = Id(required=True)
    formID = Id(required=True)
    formTitle = Words()
    rawRequest = Told(keys=fields.String(), values=fields.Raw(allow_none=True))
    pretty = Words()


class Answer(Payload):
    """`text`: the question. `prettyFormat`: an answer of several parts as one text."""

    name = Words()
    text = Words()
    type = Words()
    answer = fields.Raw()
    prettyFormat = Words()


class Submission(Payload):
    """`created_at`: without an offset."""

    id = Id()
    form_id = Words()
    created_at = Words()
    answers = fields.Dict(keys=fields.String(), values=fields.Nested(Answer))
