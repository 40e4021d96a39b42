"""Has mutmut write every mutant of a file, and has Python import what it wrote."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutants.targets import module


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the signature of loaders
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, sources: Mapping[str, tuple[Path, str]]) -> None:
        self._sources = sources

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the signature of finders
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname not in self._sources:
            return None
        file, source = self._sources[fullname]
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, str(file), source))


def generate(files: Sequence[Path]) -> dict[Path, list[str]]:
    """The names of the mutants of each file. From now on these files are imported with all their mutants asleep.

    A name is a module, a function and a number: mutmut's trampoline runs the one that MUTANT_UNDER_TEST names.
    """
    from mutmut.mutation.file_mutation import mutate_file_contents

    sources, names = {}, {}
    for file in files:
        name = module(file)
        mutated = mutate_file_contents(str(file), file.read_text("utf-8"))
        sources[name] = (file, mutated.code)
        names[file] = [f"{name}.{mutant}" for mutant in mutated.mutant_names]
    sys.meta_path.insert(0, _Finder(sources))
    return names


def shown(file: Path, mutant: str) -> str:
    """What the mutant changes, as lines taken away and lines added."""
    import difflib

    from mutmut.mutation.file_mutation import mutate_file_contents

    lines = mutate_file_contents(str(file), file.read_text("utf-8")).code.splitlines()
    changed = mutant.rpartition(".")[2]
    original = changed.rpartition("_mutmut_")[0] + "_mutmut_orig"
    before, after = _function(lines, original), _function(lines, changed)
    differing = [line for line in difflib.ndiff(before, after) if line.startswith(("- ", "+ "))]
    return "\n".join(differing)


def _function(lines: Sequence[str], name: str) -> list[str]:
    """The lines of a function, without its head's name."""
    first = next(number for number, line in enumerate(lines) if f"def {name}(" in line)
    indent = len(lines[first]) - len(lines[first].lstrip())
    found = [lines[first].replace(name, "it")]
    for line in lines[first + 1 :]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith(")"):
            break
        found.append(line)
    return found
