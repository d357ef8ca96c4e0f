"""The IRIs and slugs that the catalogue mints: DESIGN.md, "Graph model"."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass

_LOCAL = re.compile(r"(?!\.+(?:/|$))[\w.~-]+(?:/(?!\.+(?:/|$))[\w.~-]+)*", re.ASCII)


def slugify(text: str, *, limit: int = 100) -> str:
    """A slug of lower-case ASCII letters, digits and hyphens; "sans-nom" when nothing of the text is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:limit].rstrip("-") or "sans-nom"


def package_id(iri: str) -> str:
    """What CKAN's clients call a thing: the UUID of its IRI (RFC 9562, version 5), alike wherever it is published."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, iri))


@dataclass(frozen=True, slots=True)
class Minter:
    """Builds IRIs under one base, which ends in a slash."""

    base: str

    @property
    def catalog(self) -> str:
        """The catalogue."""
        return self.base + "catalog"

    def publisher_catalog(self, slug: str) -> str:
        """The catalogue of one publisher's datasets."""
        return f"{self.base}catalog/{slug}"

    def dataset(self, slug: str) -> str:
        """A dataset."""
        return f"{self.base}dataset/{slug}"

    def record(self, slug: str) -> str:
        """A dataset's catalogue record, which is also the named graph that describes it."""
        return f"{self.base}record/{slug}"

    def quality(self, slug: str) -> str:
        """The findings about a dataset; also their named graph."""
        return f"{self.base}quality/{slug}"

    def run(self, n: int) -> str:
        """A harvest run."""
        return f"{self.base}run/{n}"

    def graph(self, name: str) -> str:
        """A shared named graph: catalog, agents, concepts, vocabulary, runs."""
        return f"{self.base}graph/{name}"

    def local(self, name: str) -> str:
        """A local graph: no source owns it, and it is written over HTTP."""
        return f"{self.base}graph/local/{name}"

    def local_name(self, iri: str) -> str:
        """The name of a local graph; empty when this IRI is not that of one."""
        name = iri.removeprefix(self.local(""))
        return name if name != iri and _LOCAL.fullmatch(name) else ""
