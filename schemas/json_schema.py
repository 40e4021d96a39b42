"""Makes the JSON Schema (2020-12) of the relay's own event format.

It is made from the schemas that read the format.
"""

from __future__ import annotations

import json
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from schemas import generic

ONE_OF_THESE = {"Company": ("id", "name", "orgNo"), "Person": ("id", "email")}
"""What `validates_schema` asks for in Python."""


EVENT = {"$ref": "#/$defs/Event"}
TRIAL = "^(ping|test\\..*)$"
"""Types of events that only try the connection: whatever else they say, they change nothing."""


def json_schema() -> dict[str, Any]:
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin])
    for envelope in generic.ENVELOPES.values():
        spec.components.schema(envelope.__name__, schema=envelope)
    # An OpenAPI 3.1 schema is a JSON Schema; only the place of its definitions differs.
    moved = json.dumps(spec.components.to_dict()["schemas"]).replace("#/components/schemas/", "#/$defs/")
    definitions = json.loads(moved)
    for definition in definitions.values():
        definition["additionalProperties"] = False  # a field that nobody reads is taken for a slip
    for name, wanted in ONE_OF_THESE.items():
        definitions[name]["anyOf"] = [{"required": [field]} for field in wanted]
    definitions["Trial"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string", "pattern": TRIAL}},
    }
    names = [*(envelope.__name__ for envelope in generic.ENVELOPES.values()), "Trial"]
    definitions["Event"] = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event for the generic connector of upsales-relay",
        "oneOf": [EVENT, {"type": "array", "items": EVENT}],
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def _name(schema: type[Schema] | Schema | str) -> str:
    held = schema if isinstance(schema, type) else type(schema)
    return held.__name__.removesuffix("Schema")
