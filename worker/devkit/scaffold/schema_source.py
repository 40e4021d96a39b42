"""Writes marshmallow schemas from the shapes of payloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from worker.devkit.scaffold.naming import attribute, class_name, words
from worker.devkit.scaffold.payload_paths import Path
from worker.devkit.scaffold.shapes import Shape, alike, is_amount, is_table, shape
from worker.devkit.scaffold.source import call, module, quoted
from worker.devkit.scaffold.vocabulary import IDS, PHONES


@dataclass(frozen=True, slots=True)
class Schemas:
    """`classes`: the class of each type. `renamed`: where a loaded field is not called as on the wire, by its path."""

    source: str
    classes: Mapping[str, str]
    renamed: Mapping[Path, str]


@dataclass(slots=True)
class _Writer:
    needed: frozenset[Path]
    amounts: frozenset[Path] = frozenset()
    written: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    renamed: dict[Path, str] = field(default_factory=dict)

    def named(self, found: Shape, name: str, parent: str, path: Path) -> str:
        """The name of the class for an object, written if it is not there yet."""
        wanted = class_name(name)
        if wanted in ("Text", "Id", "Amount", "Payload"):
            wanted += "Part"
        if self._is_another(wanted, found):
            wanted = parent + wanted
        while self._is_another(wanted, found):
            wanted += "Part"
        self.shapes[wanted] = found
        lines = list(self._fields(found, wanted, path)) or ['"""The requests said nothing here."""']
        self.written.setdefault(wanted, f"class {wanted}(Payload):\n" + "".join(f"    {line}\n" for line in lines))
        return wanted

    def _is_another(self, name: str, found: Shape) -> bool:
        return name in self.shapes and self.shapes[name].fields != found.fields

    def _fields(self, found: Shape, owner: str, path: Path) -> Iterator[str]:
        taken: set[str] = set()
        for name, inner in found.fields.items():
            there = (*path, name)
            called = attribute(name, taken)
            taken.add(called)
            options = {"required": "True"} if there in self.needed else {}
            if called != name:
                self.renamed[there] = called
                options["data_key"] = quoted(name)
            yield f"{called} = {self._call(inner, name, owner, there, options)}"

    def _call(self, found: Shape, name: str, owner: str, path: Path, options: Mapping[str, str]) -> str:
        match found.kind:
            case "object" if is_table(found):
                return call("fields.Dict", keys="fields.String()", values=ANYTHING, **options)
            case "object":
                return call("fields.Nested", self.named(found, name, owner, path), **options)
            case "list":
                one = found.items or Shape("anything")
                items = self._call(one, _singular(name), owner, path, NULLABLE if one.nullable else {})
                return call("fields.List", items, **options)
            case _ if path in self.amounts:
                return call("Amount", **options)
            case _:
                return _single(found, name, options)


NULLABLE: Mapping[str, str] = {"allow_none": "True"}
ANYTHING = call("fields.Raw", **NULLABLE)


def _single(found: Shape, name: str, options: Mapping[str, str]) -> str:
    own, kind = words(name), found.kind
    if found.numeral or (kind in ("whole", "number") and is_amount(name)):
        return call("Amount", **options)
    if (
        found.whole_or_text
        or (kind == "whole" and set(own) & PHONES)
        or (kind in ("text", "whole") and own and own[-1] in IDS)
    ):
        return call("Id", **options)
    calls = {"text": "Text", "whole": "fields.Integer", "number": "Amount", "flag": "fields.Boolean"}
    return call(calls[kind], **options) if kind in calls else call("fields.Raw", **{**NULLABLE, **options})


def schemas(
    title: str,
    by_type: Mapping[str, Sequence[Any]],
    needed: Mapping[str, Sequence[Path]],
    amounts: frozenset[Path] = frozenset(),
) -> Schemas:
    """`needed`: for each type the places without which an event can't be told. Amounts may be written as text."""
    shapes = _shared({name: shape(list(enumerate(payloads))) for name, payloads in by_type.items()}, by_type)
    classes: dict[str, str] = {}
    writer = _Writer(frozenset(), amounts)
    for name, found in shapes.items():
        writer.needed = frozenset(path[:size] for path in needed.get(name, ()) for size in range(1, len(path) + 1))
        classes[name] = writer.named(
            found, f"{name} message" if class_name(name) in class_names_inside(shapes.values()) else name, "", ()
        )
    body = "\n\n".join(writer.written.values())
    count = sum(map(len, by_type.values()))
    return Schemas(_module(title, count, body), classes, writer.renamed)


def class_names_inside(shapes: Any) -> set[str]:
    """The names that the objects within will be given."""
    found: set[str] = set()
    for each in shapes:
        for name, inner in each.fields.items():
            one = inner.items if inner.kind == "list" and inner.items else inner
            if one.kind == "object":
                found |= {class_name(_singular(name) if inner.kind == "list" else name)} | class_names_inside([one])
    return found


def _shared(shapes: Mapping[str, Shape], by_type: Mapping[str, Sequence[Any]]) -> dict[str, Shape]:
    """Merges an object that several types have in the same place: it is one object, seen more often."""
    payloads = [payload for some in by_type.values() for payload in some]
    whole = shape(list(enumerate(payloads)))
    result = {}
    for name, found in shapes.items():
        merged = {}
        for key, inner in found.fields.items():
            common = whole.fields[key]
            same = inner.kind == common.kind == "object" and all(
                alike(other.fields[key], common)
                for other in shapes.values()
                if key in other.fields and other.fields[key].fields
            )
            merged[key] = common if same else inner
        result[name] = replace(found, fields=merged)
    return result


def _module(title: str, count: int, body: str) -> str:
    requests = "one captured request shows" if count == 1 else f"{count} captured requests show"
    note = "# required: what an event is told by. Require more only where a mapping can't do without it."
    offered = {"marshmallow": ["fields"], "schemas.wire": ["Amount", "Id", "Payload", "Text"]}
    return module(f"Describes {title}'s webhooks, as {requests} them.", f"{note}\n\n\n{body}", offered)


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and len(name) > 3 and not name.endswith("ss") else name
