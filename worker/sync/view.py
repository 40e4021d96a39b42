"""Reads our fields from a record in Upsales and compares them with what we sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from worker.errors import Rejected
from worker.plan import OPT_OUT
from worker.sync.compare import kept
from worker.sync.fold import empty
from worker.sync.records import Held, Json
from worker.sync.rows import ROWS, shown_rows
from worker.sync.typed import CustomField, as_sent

CUSTOM = "custom."
"""What the name of a custom field begins with; its alias in Upsales follows."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as Upsales shows it, read by the names of our fields.

    `custom` answers the custom field of an alias. It raises Rejected when Upsales has no such field.
    """

    data: Mapping[str, Json]
    custom: Callable[[str], CustomField]

    def value(self, name: str) -> Json:
        """What the field shows, reduced to the form in which we send it."""
        if name.startswith(CUSTOM):
            field = self._field(name)
            return as_sent(field, custom_value(self.data, field.id))
        shown = _reduced(self.data.get(name))
        return shown or None if name == OPT_OUT else shown

    def shows(self, name: str, value: Json, *, rows_before: Json = None) -> bool:
        """Whether the field shows the value, or all of our order rows.

        `rows_before`: the rows that the record held. None of them may be left over.
        """
        if name == ROWS:
            return shown_rows(value or (), self.data.get(ROWS) or (), rows_before or ())
        if name.startswith(CUSTOM):
            value = as_sent(self._field(name), value)
        return kept(name, _trimmed(value), self.value(name))

    def shows_all(self, sent: Mapping[str, Held], *, rows_before: Json = None) -> bool:
        """Whether the record shows everything that a call carried: then the call took effect."""
        return all(self.shows(name, held.value, rows_before=rows_before) for name, held in sent.items())

    def vacant(self, name: str) -> bool:
        """Whether the field shows nothing."""
        return same(self.value(name), None)

    def seen(self, names: Iterable[str]) -> dict[str, Held]:
        """The fields as values that we never sent. Order rows are left out: theirs are not ours."""
        return {name: Held.seen(self.value(name)) for name in names if name != ROWS}

    def carried(self, held: Mapping[str, Held], names: Iterable[str]) -> dict[str, Held]:
        """The fields of ours that a PUT sends back unchanged. They are as old as what is held."""

        def present(name: str) -> Json:
            return held[name].value if name == ROWS else self.value(name)

        return {name: replace(held[name], value=present(name), event=None) for name in self.existing(names)}

    def existing(self, names: Iterable[str]) -> list[str]:
        """The fields that Upsales still has: a custom field can be deleted after we wrote to it."""
        return [name for name in names if self._exists(name)]

    def field_id(self, name: str) -> int:
        """The fieldId of a custom field."""
        return self._field(name).id

    def _field(self, name: str) -> CustomField:
        return self.custom(name.removeprefix(CUSTOM))

    def _exists(self, name: str) -> bool:
        try:
            return not name.startswith(CUSTOM) or self.field_id(name) is not None
        except Rejected:
            return False


def same(held: Json, value: Json) -> bool:
    """Whether Upsales would keep the same for either of two values of ours. It trims text, and row ids are its own."""
    return bool(_kept(held) == _kept(value))


def custom_value(data: Mapping[str, Json], field_id: int) -> Json:
    """What a record's data shows in a custom field."""
    return next((entry.get("value") for entry in data.get("custom") or () if entry.get("fieldId") == field_id), None)


def _kept(value: Json) -> Json:
    """A value as Upsales keeps it."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list) and value and all(isinstance(part, Mapping) and "key" in part for part in value):
        return [{name: part[name] for name in part if name != "id"} for part in value]
    return None if empty(value) else value


def _trimmed(value: Json) -> Json:
    """A value with its texts as Upsales keeps them."""
    if isinstance(value, Mapping):
        return {name: _trimmed(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_trimmed(part) for part in value]
    return value.strip() if isinstance(value, str) else value


def _reduced(value: Json) -> Json:
    if isinstance(value, Mapping) and "id" in value:
        return {"id": value["id"]}
    if isinstance(value, list):
        return [_reduced(part) for part in value]
    return value
