"""Describes Upsales's entities as data: fields, lengths, required and read-only ones."""

from __future__ import annotations

from collections.abc import Mapping

from web.sandbox.entities.companies import COMPANIES
from web.sandbox.entities.entity import FULL, READ, Entity
from web.sandbox.entities.files import FILES
from web.sandbox.entities.sales import SALES
from web.sandbox.entities.service import SERVICE
from web.sandbox.entities.settings import SETTINGS
from web.sandbox.entities.tasks import TASKS

__all__ = ["ENTITIES", "FULL", "READ", "Entity"]

ENTITIES: Mapping[str, Entity] = {
    entity.name: entity for entity in (*COMPANIES, *SALES, *TASKS, *SERVICE, *FILES, *SETTINGS)
}
