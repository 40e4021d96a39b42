"""Brings axe-core, which looks at pages as people with disabilities use them: `python3 tests/axe.py`.

It is used by the tests, and never shipped. It comes by npm, and is unpacked only if it is byte for byte the one that was looked at.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "axe-core@4.14.1"
INTEGRITY = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""SHA-512, in base64."""
PLACE = Path(__file__).parents[1] / "var" / "tools" / f"{PACKAGE}.js"
PATIENCE = 60


def bring() -> str:
    """What is wrong, if anything is."""
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", name]
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE, cwd=folder)
        except (OSError, subprocess.SubprocessError) as error:
            return f"npm brought nothing: {error}"
        (packed,) = folder.glob("*.tgz")
        if base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() != INTEGRITY:
            return f"npm brought another {PACKAGE} than the one that was looked at"
        with tarfile.open(packed) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            PLACE.parent.mkdir(parents=True, exist_ok=True)
            PLACE.write_bytes(member.read())
    return ""


if __name__ == "__main__":
    problem = "" if PLACE.exists() else bring()
    print(f"axe-core: {problem}" if problem else f"axe-core: {PLACE}")  # noqa: T201 - a program's answer
    sys.exit(bool(problem))
