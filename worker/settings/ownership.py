"""Tells whether somebody else could have put a file where it was found, or changed it."""

from __future__ import annotations

import grp
import pwd
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Owner, group and mode of a file or folder."""

    owner: int
    group: int
    mode: int


def facts(path: Path) -> Facts:
    found = path.stat()
    return Facts(found.st_uid, found.st_gid, found.st_mode)


def is_alone(owner: int, group: int) -> bool:
    """Whether the group holds nobody but the owner: where a user's files belong to a group of the same name, it may write them by default."""
    try:
        name, found = pwd.getpwuid(owner).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == name and set(found.gr_mem) <= {name}


def others_may_write(
    file: Path,
    us: int,
    *,
    look: Callable[[Path], Facts] = facts,
    is_alone: Callable[[int, int], bool] = is_alone,
) -> Path | None:
    """What on the way to a file, given by its real path, is neither ours nor root's, or may be written by somebody else.

    In a sticky folder, such as /tmp, anybody may put a file, but nobody may put another folder in the place of ours.
    """

    def is_open(path: Path) -> bool:
        found = look(path)
        if found.owner not in {us, ROOT}:
            return True
        by_group = found.mode & stat.S_IWGRP and not is_alone(found.owner, found.group)
        keeps = found.mode & stat.S_ISVTX and path not in {file, file.parent}
        return bool((found.mode & stat.S_IWOTH or by_group) and not keeps)

    return next((path for path in reversed((file, *file.parents)) if is_open(path)), None)
