"""Encrypts stored secrets under RELAY_MASTER_KEY: several keys, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from worker.errors import ConfigError
from worker.settings.variables import read_secret

VARIABLE = "RELAY_MASTER_KEY"


def cipher_of(environ: Mapping[str, str]) -> MultiFernet | None:
    """None without a master key. Nothing that is wrong with one is told but its position."""
    file = environ.get(f"{VARIABLE}_FILE")
    text = environ.get(VARIABLE) or (read_secret(f"{VARIABLE}_FILE", Path(file)) if file else "")
    keys = [each.strip() for each in text.split(",") if each.strip()]
    return MultiFernet([_fernet(key, place) for place, key in enumerate(keys, 1)]) if keys else None


def new_master_key() -> str:
    return Fernet.generate_key().decode()


def decrypted(cipher: MultiFernet | None, ciphertext: bytes, what: str) -> str:
    if cipher is None:
        raise ConfigError(f"{what} is stored encrypted: set {VARIABLE}, the key it was stored under")
    try:
        return cipher.decrypt(ciphertext).decode()
    except InvalidToken:
        raise ConfigError(
            f"{what} was stored under another {VARIABLE}: add that key, comma-separated, or set it anew"
        ) from None


def _fernet(key: str, place: int) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise ConfigError(f"{VARIABLE}: key {place} is no Fernet key; `relay keys new-master` makes one") from None
