"""Lists all connectors: the relay's own, and those of other packages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from worker.connectors import (
    aircall,
    calendly,
    contact_form_7,
    elementor,
    fortnox,
    generic,
    getaccept,
    google_ads,
    gravity_forms,
    hubspot,
    jotform,
    linkedin,
    mailchimp,
    meta_lead_ads,
    oneflow,
    scrive,
    shopify,
    stripe,
    teamtailor,
    typeform,
    upsales,
    webflow,
    woocommerce,
    zendesk,
)
from worker.errors import ConfigError
from worker.sdk.connector import Connector

OURS: tuple[Connector, ...] = (
    generic.connector,
    aircall.connector,
    calendly.connector,
    contact_form_7.connector,
    elementor.connector,
    fortnox.connector,
    getaccept.connector,
    google_ads.connector,
    gravity_forms.connector,
    hubspot.connector,
    jotform.connector,
    linkedin.connector,
    mailchimp.connector,
    meta_lead_ads.connector,
    oneflow.connector,
    scrive.connector,
    shopify.connector,
    stripe.connector,
    teamtailor.connector,
    typeform.connector,
    upsales.connector,
    webflow.connector,
    woocommerce.connector,
    zendesk.connector,
)

GROUP = "upsales_relay.connectors"
"""The entry-point group of other packages; each entry leads to a Connector."""


@cache
def all_connectors() -> tuple[Connector, ...]:
    return collected(OURS, entry_points(group=GROUP))


def collected(ours: Iterable[Connector], others: Iterable[EntryPoint]) -> tuple[Connector, ...]:
    """Raises ConfigError for an entry point that can't be used."""
    found = {each.name: each for each in ours}
    for entry in others:
        brought = _loaded(entry)
        if brought.name in found:
            raise ConfigError(
                f"{_of(entry)}: there is another connector called {brought.name!r}; uninstall one of them"
            )
        found[brought.name] = brought
    return tuple(found.values())


def _loaded(entry: EntryPoint) -> Connector:
    try:
        loaded = entry.load()
    except Exception as error:
        raise ConfigError(f"{_of(entry)} can't be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(loaded, Connector):
        raise ConfigError(f"{_of(entry)} is no Connector but {type(loaded).__name__}")
    return loaded


def _of(entry: EntryPoint) -> str:
    package = f" of {entry.dist.name}" if entry.dist else ""
    return f"connector {entry.name}{package} ({entry.value})"
