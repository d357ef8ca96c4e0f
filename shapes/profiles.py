"""Profiles: named sets of shapes. Ours and other people's are found by the entry point group `garonne.profiles`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pyoxigraph import Triple

from shapes.read import LIMIT, Document, base_of, read
from shapes.text import Text
from vocab.errors import GaronneError, InputInvalid, unknown_choice
from vocab.namespaces import SH

GROUP = "garonne.profiles"
DEFAULTS = ("dcat-ap-3", "dcat-ap-3-recommended", "dcat-ap-3-vocabularies")
"""What is validated against where nobody says: all that DCAT-AP 3 asks for."""


@dataclass(frozen=True)
class Profile:
    """A set of shapes files under one name.

    `files` are paths; the files are read when `triples` is first asked for, and raise `InputInvalid` then. `given`
    tells a file that somebody named from a profile that is installed.
    """

    name: str
    title: Text
    files: tuple[str, ...]
    given: bool = field(default=False, kw_only=True)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The files as read, each once."""
        return tuple(self._read(place) for place in self.files)

    def _read(self, place: str) -> Document:
        found = read(place, limit=LIMIT, blank=mark(place))
        if not holds_shapes(found.triples):
            raise without_shapes(place)
        return found

    @property
    def addresses(self) -> tuple[str, ...]:
        """What an import may call the files."""
        return tuple(base_of(place) for place in self.files)

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """The statements of all files together. `owl:imports` are not followed."""
        return tuple(dict.fromkeys(t for document in self.documents for t in document.triples))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the statements: two profiles with the same one find the same faults."""
        lines = sorted(str(t) for t in self.triples)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def without_shapes(place: str) -> InputInvalid:
    """The error for a file that is RDF, and something else than shapes."""
    return InputInvalid("it is RDF, and holds no SHACL shape.", what=place, hint="Give a file of shapes.")


def mark(place: str) -> str:
    """How the blank nodes of a file begin: files share none, and one file that several profiles name has the same."""
    try:
        return f"s{hashlib.sha256(Path(place).read_bytes()).hexdigest()[:12]}"
    except OSError:  # who reads it says what is wrong
        return "s"


def holds_shapes(triples: Iterable[Triple]) -> bool:
    """Whether there is any shape among the statements."""
    return any(t.predicate == SH.path or t.object == SH.NodeShape for t in triples)


def dcat_ap_3() -> Profile:
    """DCAT-AP 3.0.1: mandatory properties, cardinalities, kinds and classes of values."""
    return _own("dcat-ap-3", "DCAT-AP 3.0.1", "DCAT-AP 3.0.1")


def dcat_ap_3_recommended() -> Profile:
    """DCAT-AP 3.0.1: recommended and outdated properties. Warnings and remarks only."""
    title = Text("DCAT-AP 3.0.1, propriétés recommandées", "DCAT-AP 3.0.1, recommended properties")
    return _own("dcat-ap-3-recommended", *title, lists=True)


def dcat_ap_3_vocabularies() -> Profile:
    """DCAT-AP 3.0.1: the lists that values are taken from."""
    title = Text("DCAT-AP 3.0.1, listes contrôlées", "DCAT-AP 3.0.1, controlled vocabularies")
    return _own("dcat-ap-3-vocabularies", *title, lists=True)


def _own(name: str, fr: str, en: str, *, lists: bool = False) -> Profile:
    files = resources.files("shapes").joinpath("files")
    names = (name, "lists") if lists else (name,)
    return Profile(name, Text(fr, en), tuple(str(files.joinpath(f"{one}.ttl")) for one in names))


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
    """A profile of one shapes file, named after it. `shapes.gathering.profile_of` also reads what it imports."""
    name = Path(place).name
    return Profile(name, Text(f"Formes de {name}", f"Shapes of {name}"), (place,), given=True)
