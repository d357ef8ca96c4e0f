"""Profiles: named sets of shapes. Ours and other people's are found by the entry point group `garonne.profiles`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pyoxigraph import Triple

from shapes.read import LIMIT, Document, read
from shapes.text import Text
from vocab.errors import GaronneError, InputInvalid, unknown_choice
from vocab.namespaces import SH

GROUP = "garonne.profiles"
DEFAULT = "dcat-ap-3"
DEFAULTS = (DEFAULT,)
"""What is validated against where nobody says."""


@dataclass(frozen=True)
class Profile:
    """A set of shapes files under one name.

    `files` are paths; the files are read when `triples` is first asked for, and raise `InputInvalid` then.
    """

    name: str
    title: Text
    files: tuple[str, ...]

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The files as read, each once."""
        return tuple(self._read(place) for place in self.files)

    def _read(self, place: str) -> Document:
        digest = hashlib.sha256(Path(place).name.encode() + self.name.encode()).hexdigest()
        found = read(place, limit=LIMIT, blank=f"s{digest[:8]}")  # files share no blank node
        if not any(t.predicate == SH.path or t.object == SH.NodeShape for t in found.triples):
            raise InputInvalid("it is RDF, and holds no SHACL shape.", what=place, hint="Give a file of shapes.")
        return found

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """The statements of all files together. `owl:imports` are not followed."""
        return tuple(dict.fromkeys(t for document in self.documents for t in document.triples))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the statements: two profiles with the same one find the same faults."""
        lines = sorted(str(t) for t in self.triples)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def dcat_ap_3() -> Profile:
    """DCAT-AP 3.0.1: mandatory and recommended properties, ranges, cardinalities and controlled vocabularies."""
    return _own("dcat-ap-3", "DCAT-AP 3.0.1", "DCAT-AP 3.0.1")


def _own(name: str, fr: str, en: str) -> Profile:
    file = resources.files("shapes").joinpath("files", f"{name}.ttl")
    return Profile(name, Text(fr, en), (str(file),))


def hvd() -> Profile:
    """DCAT-AP HVD 3.0.1: the resources that cite Regulation (EU) 2023/138, and those that look as if they should."""
    return _own("hvd", "DCAT-AP HVD 3.0.1, jeux de données de forte valeur", "DCAT-AP HVD 3.0.1, high-value datasets")


def geodcat_ap_3() -> Profile:
    """GeoDCAT-AP 3.0.0: what it adds to DCAT-AP 3."""
    return _own("geodcat-ap-3", "GeoDCAT-AP 3.0.0", "GeoDCAT-AP 3.0.0")


def garonne() -> Profile:
    """What a good catalogue of a French city has beyond DCAT-AP. Warnings and remarks only."""
    return _own("garonne", "Un bon catalogue de ville", "A good city catalogue")


def profile(name: str) -> Profile:
    """The installed profile of this name; `UsageError` lists what is installed."""
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            return _loaded(entry)
    raise unknown_choice("Profile", name, names())


def _loaded(entry: EntryPoint) -> Profile:
    try:
        found = entry.load()()
    except (ImportError, AttributeError, TypeError) as error:
        raise GaronneError(
            f"the profile `{entry.name}` is installed and cannot be loaded ({error}).", what=entry.value
        ) from error
    if not isinstance(found, Profile):
        raise GaronneError(f"what is installed as profile `{entry.name}` is none.", what=entry.value)
    return found


def names() -> tuple[str, ...]:
    """The names of the installed profiles."""
    return tuple(sorted(entry.name for entry in entry_points(group=GROUP)))


def from_file(place: str) -> Profile:
    """A profile of one shapes file, named after it."""
    name = Path(place).name
    return Profile(name, Text(f"Formes de {name}", f"Shapes of {name}"), (place,))
