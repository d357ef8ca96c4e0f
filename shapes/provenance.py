"""What a report rests on, named so that it can be reproduced: hashes of data, shapes, vocabularies and engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import Any

from shapes.profiles import Profile

_LIBRARIES = {"garonne": ("pyoxigraph",), "pyshacl": ("pyshacl", "rdflib", "pyoxigraph")}


@dataclass(frozen=True)
class Source:
    """A document that was validated: its name (a file, an address, `-`, or `release N`) and the SHA-256 of its bytes.

    Of a release it is the release's fingerprint.
    """

    name: str
    sha256: str
    size: int = 0


@dataclass(frozen=True)
class Provenance:
    """Everything that the findings depend on. `files` are shapes files given by place, beside installed profiles."""

    sources: tuple[Source, ...]
    profiles: tuple[tuple[str, str, str], ...]
    vocabularies: str
    engine: str
    options: tuple[tuple[str, Any], ...] = ()

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "data": [{"name": s.name, "sha256": s.sha256, "bytes": s.size} for s in self.sources],
            "shapes": [{"name": n, "file": file or None, "sha256": digest} for n, file, digest in self.profiles],
            "vocabularies": {"sha256": self.vocabularies},
            "engine": engine_identity(self.engine),
            "options": dict(self.options),
        }


def provenance(
    sources: Sequence[Source],
    profiles: Sequence[Profile],
    known: Iterable[object],
    engine: str,
    **options: Any,
) -> Provenance:
    """What a validation rests on; `known` are the statements of the vocabularies that it took as known.

    A profile that is one file of the same name was given by its place.
    """
    named = tuple((p.name, p.files[0] if p.given else "", p.fingerprint) for p in profiles)
    return Provenance(tuple(sources), named, digest_of(map(str, known)), engine, tuple(options.items()))


def digest_of(lines: Iterable[str]) -> str:
    """SHA-256 of these lines, whatever their order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@cache
def engine_identity(name: str) -> dict[str, Any]:
    """An engine's name and version, the hash of its code and of the table of noise, the versions of what it uses."""
    return {
        "name": name,
        "version": version("garonne"),
        "sha256": _code(),
        "libraries": {library: version(library) for library in _LIBRARIES.get(name, ())},
    }


@cache
def _code() -> str:
    """A digest of every module of `shapes` and of the tables that its verdicts rest on."""
    digest = hashlib.sha256()
    for place, file in sorted(_files(resources.files("shapes"), "")):
        digest.update(f"{place}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(folder: Traversable, place: str) -> Iterable[tuple[str, Traversable]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _files(one, f"{place}{one.name}/")
        elif one.name.endswith((".py", ".csv")):
            yield f"{place}{one.name}", one
