"""Declares how a request to a sender's API is signed with the connection's token.

The token is what `RELAY_<CONNECTION>_TOKEN` holds, or what a grant gave (`relay connections authorize`). It is never part of a URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Header:
    """The token in a header of the sender's own, after `prefix`."""

    name: str
    prefix: str = ""


def bearer() -> Header:
    """RFC 6750."""
    return Header("Authorization", "Bearer ")


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic. The token is `user:password`; with `user`, it is the password alone. `password`: where the token is the user."""

    user: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class OAuth1Plaintext:
    """OAuth 1.0 with the PLAINTEXT method (RFC 5849). The token is client id, client secret, token and token secret, separated by colons.

    `encoded`: in the header as the RFC has it; else as [Scrive](https://support.scrive.com/hc/en-us/articles/360020061559) writes it.
    """

    encoded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """OAuth 2.0 (RFC 6749), and the access token in `header`: as a bearer, unless the sender has a header of its own.

    The connection's token is `client id:client secret`. `plain`: one without a colon is an access token that somebody made at the sender. `grant`: with `client_credentials` that is enough, else a person gives the grant once.
    `client`: where the token endpoint wants the client's id and secret. `rotates`: each refresh token can be used once.
    `tenant_header`: of a request for a token, its value is the connection's setting `tenant`. `fields`: more that it wants.
    `by_tenant`: where that setting is set, and a person has given the grant once, the client alone gets tokens, as with `client_credentials`.
    `refresh_days`: how long a grant lasts that is not refreshed; None for ever.
    """

    token_url: str
    grant: Literal["client_credentials", "refresh_token"]
    authorize_url: str | None = None
    scopes: tuple[str, ...] = ()
    client: Literal["basic", "body"] = "basic"
    rotates: bool = False
    tenant_header: str | None = None
    by_tenant: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    authorize_fields: Mapping[str, str] = field(default_factory=dict)
    refresh_days: int | None = None
    header: Header = field(default_factory=bearer)
    plain: bool = False


Sign: TypeAlias = Header | Basic | OAuth1Plaintext | OAuth2
