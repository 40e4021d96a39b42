"""Reads the texts that a new connector takes over from the exemplar."""

from __future__ import annotations

import re
from pathlib import Path

from worker.devkit.scaffold.naming import module_name

PACKAGE = "worker.devkit.scaffold.template"
HERE = Path(__file__).parent / "template"
NAME = "exemplar"
TITLE = "Exemplar"


def renamed(file: str, name: str, title: str, package: str) -> str:
    text = (HERE / file).read_text("utf-8").replace(PACKAGE, package)
    text = text.replace(f"relay_{NAME}", f"relay_{module_name(name)}")
    text = text.replace(f"RELAY_{NAME.upper()}_", f"RELAY_{module_name(name).upper()}_")
    text = text.replace(f"/webhooks/{NAME}`", f"/webhooks/{name}`")
    text = text.replace(f"[connections.{NAME}]", f"[connections.{name}]")
    text = re.sub(rf"\b{TITLE}\b", lambda _: title, text)
    text = re.sub(rf"(?<![\w.]){NAME}(?=\W)", lambda _: name, text)
    return text.replace(f"relay-{NAME}", f"relay-{name}")
