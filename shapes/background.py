"""What is common knowledge to a validation: the types of the controlled terms that the data name, and a few subclasses.

Without it every correct European term would be a false fault, because its type and its scheme are stated elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from pyoxigraph import NamedNode, Triple

from vocab.describe import describe, describe_scheme
from vocab.namespaces import DCT, FOAF, ORG, PROV, RDFS, VCARD
from vocab.terms import SCHEMES

_SUBCLASSES = (
    (FOAF.Organization, FOAF.Agent),
    (FOAF.Person, FOAF.Agent),
    (FOAF.Group, FOAF.Agent),
    (ORG.Organization, FOAF.Agent),
    (ORG.FormalOrganization, ORG.Organization),
    (ORG.OrganizationalUnit, ORG.Organization),
    (VCARD.Organization, VCARD.Kind),
    (VCARD.Individual, VCARD.Kind),
    (VCARD.Group, VCARD.Kind),
    (VCARD.Location, VCARD.Kind),
    (DCT.FileFormat, DCT.MediaType),
    (DCT.MediaType, DCT.MediaTypeOrExtent),
    (PROV.Location, DCT.Location),
    (FOAF.Image, FOAF.Document),
)
"""Subclasses that their own vocabularies state and that catalogues rely on."""


def background(data: Iterable[Triple]) -> Iterator[Triple]:
    """The descriptions of the controlled terms and lists that `data` has as objects, and the usual subclasses."""
    yield from subclasses()
    for iri in sorted({t.object.value for t in data if isinstance(t.object, NamedNode)}):
        yield from common(iri)


def subclasses() -> Iterator[Triple]:
    """The usual subclasses."""
    for narrow, wide in _SUBCLASSES:
        yield Triple(narrow, RDFS.subClassOf, wide)


def common(iri: str) -> Iterator[Triple]:
    """The description of a controlled term or list; nothing for any other IRI."""
    yield from describe(iri)
    if iri in _lists():
        yield from describe_scheme(_lists()[iri])


@cache
def _lists() -> dict[str, str]:
    """The names of the controlled lists by IRI."""
    return {scheme.iri: name for name, scheme in SCHEMES.items()}
