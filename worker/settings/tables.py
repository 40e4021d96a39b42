"""Reads the tables of relay.toml but for connections; a wrong setting is one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from worker.errors import ConfigError, did_you_mean
from worker.settings.values import ALERT_KINDS, Delivery, Upsales, Window
from worker.sync.matching import RULES, Rule

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
WINDOW = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,5})([smhd])")


class _Number(fields.Float):
    """A number as TOML writes it, never a text that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError(f"{value!r} is not a number")
        return super()._deserialize(value, attr, data, **kwargs)


class _Flag(fields.Boolean):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return super()._deserialize(value, attr, data, **kwargs)


class _Windows(fields.Field[tuple[Window, ...]]):
    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **kwargs: Any,  # noqa: ARG002 - marshmallow's signature
    ) -> tuple[Window, ...]:
        if not isinstance(value, list) or not value:
            raise ValidationError('must be a list such as ["200/10s", "6000/10m"]')
        return tuple(sorted((_window(each) for each in value), key=lambda window: window.seconds))


class _Rules(fields.Field[tuple[Rule, ...]]):
    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **kwargs: Any,  # noqa: ARG002 - marshmallow's signature
    ) -> tuple[Rule, ...]:
        if not isinstance(value, list):
            raise ValidationError('must be a list such as ["link", "number", "name"]')
        rules = tuple(map(_rule, value))
        if len(set(rules)) < len(rules):
            raise ValidationError("names a rule twice")
        if rules[:1] != ("link",):
            raise ValidationError("must begin with link: what a sender's own id is linked to stays so")
        return rules


def _rule(text: Any) -> Rule:
    rule = next((rule for rule in RULES if rule == text), None)
    if rule is None:
        raise ValidationError(f"{text!r} is no rule; {did_you_mean(str(text), RULES)}")
    return rule


def _window(text: Any) -> Window:
    found = WINDOW.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValidationError(f'{text!r} is no window; write calls/time such as "200/10s", "6000/10m" or "20000/1h"')
    return Window(int(found[1]), float(found[2]) * UNITS[found[3]])


def _seconds(*, above: float = 0, least: float | None = None) -> fields.Field[Any]:
    if least is not None:
        return _Number(validate=validate.Range(min=least, error="must be at least {min}"))
    return _Number(validate=validate.Range(min=above, min_inclusive=False, error="must be more than {min}"))


def _count(*, least: int = 1) -> fields.Field[Any]:
    return fields.Integer(
        strict=True,
        validate=validate.Range(min=least, error="must be at least {min}"),
        error_messages={"invalid": "must be a whole number"},
    )


def _text(**kwargs: Any) -> fields.Field[Any]:
    return fields.String(error_messages={"invalid": "must be a text"}, **kwargs)


def _choice(*words: str) -> fields.Field[Any]:
    return _text(validate=validate.OneOf(words, error="must be one of: {choices}"))


class _UpsalesTable(Schema):
    class Meta:
        unknown = RAISE

    base_url = _text()
    auth = _choice("query", "cookie")
    search_lag = _seconds(least=0)
    commit_horizon = _seconds(least=0)
    call_timeout = _seconds()
    calls = _Windows()
    writes = _Windows()
    daily = _count()
    at_daily_limit = _choice("continue", "slow", "priority")
    external_id = _text(validate=validate.Length(min=1, error="must not be empty"))
    make_fields = _Flag()
    org_no = _text(validate=validate.Length(min=1, error="must not be empty"))
    recreate_deleted = _Flag()


class _DeliveryTable(Schema):
    class Meta:
        unknown = RAISE

    threads = _count()
    lease = _seconds()
    batch = _count()
    sweep_every = _seconds()
    ring_again = _seconds()
    queue_bound = _count()
    retry_first = _seconds()
    retry_longest = _seconds()
    give_up = _seconds()
    server_error_tries = _count()
    # The first two may be other events' doing: see SUSPECT in worker.store.lanes.lanes.
    claims = _count(least=3)
    # What comes before the record it needs.
    keep_early = _seconds(least=0)
    breaker_lanes = _count()
    breaker_pause = _seconds()
    # What is sent again later than that is taken for something new.
    keep_delivered = _seconds(least=86400)
    keep_payloads = _seconds(least=86400)
    keep_dead = _seconds(least=86400)
    keep_review = _seconds(least=86400)
    # Budgets are rebuilt from the journal of calls when Redis lost them.
    keep_calls = _seconds(least=86400)
    keep_records = _seconds(least=86400)
    keep_audit = _seconds(least=86400)


class _MatchingTable(Schema):
    class Meta:
        unknown = RAISE

    order = _Rules()
    name = _choice("exact", "legal_form")
    ambiguous = _choice("review", "as_upsales")
    fallback_company = _text(validate=validate.Length(min=1, error="must not be empty"))


class _AlertsTable(Schema):
    class Meta:
        unknown = RAISE

    late = _seconds()
    refused = _count()
    settle = _seconds(least=0)
    off = fields.List(_choice(*ALERT_KINDS), error_messages={"invalid": 'must be a list such as ["sender_silent"]'})
    email_to = fields.List(
        fields.Email(error_messages={"invalid": "{input} is no e-mail address"}),
        error_messages={"invalid": 'must be a list such as ["jour@example.com"]'},
    )
    email_from = fields.Email(error_messages={"invalid": "{input} is no e-mail address"})


def alerts_table(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    return _loaded(_AlertsTable(), table, where)


def matching_table(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    return _loaded(_MatchingTable(), table, where)


def upsales_table(table: Mapping[str, Any], where: str) -> Upsales:
    return Upsales(**_loaded(_UpsalesTable(), table, where))


def delivery_table(table: Mapping[str, Any], where: str) -> Delivery:
    return Delivery(**_loaded(_DeliveryTable(), table, where))


def _loaded(schema: Schema, table: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name in table:
        if name not in schema.fields:
            raise ConfigError(f"{where} {name}: no such setting; {did_you_mean(name, schema.fields)}")
    try:
        loaded: dict[str, Any] = schema.load(table)
    except ValidationError as error:
        problems: dict[str, Any] = error.messages_dict
        name = next(each for each in table if each in problems)
        raise ConfigError(f"{where} {name}: {_first(problems[name])}") from None
    return loaded


def _first(problems: Any) -> str:
    """Of a list there are problems by place."""
    while isinstance(problems, Mapping):
        problems = next(iter(problems.values()))
    return str(problems[0])
