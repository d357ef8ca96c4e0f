"""What the catalogue states about the controlled terms it uses: their class, names and place in their vocabulary.

The classes are those that DCAT-AP 3.0.1 gives as ranges (`sh:class` in its SHACL files); every description also
types and names its concept scheme, because the shapes for places, publisher types and statuses ask for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pyoxigraph import Literal, NamedNode, Triple

from .namespaces import DCT, RDF, RDFS, SKOS, SPDX
from .terms import SCHEMES, Term, table, term

_CLASSES: dict[str, NamedNode] = {
    "access-right": DCT.RightsStatement,
    "checksum-algorithm": SPDX.ChecksumAlgorithm,
    "cld-frequency": DCT.Frequency,
    "continent": DCT.Location,
    "country": DCT.Location,
    "file-type": DCT.MediaTypeOrExtent,
    "frequency": DCT.Frequency,
    "language": DCT.LinguisticSystem,
    "licence": DCT.LicenseDocument,
    "media-type": DCT.MediaType,
    "place": DCT.Location,
}
"""The class of a table's terms; `skos:Concept` where none is named here."""

WHOLE_GRAPHS: tuple[str, ...] = ("country", "hvd-category", "licence")
"""The vocabularies that the reporting queries on high-value datasets read whole, under their own graph IRIs."""

_CLOSE_MATCHES = {
    "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0": (
        "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"
    ),
}
"""Licences that say in their own text that they are compatible with another one."""


_KNOWN_TITLES = {
    "CC0": "Creative Commons CCZero",
    "CC_BYSA_4_0": "Creative Commons Attribution Share-Alike",
    "CC_BY_4_0": "Creative Commons Attribution",
    "ETALAB_2_0": "Licence Ouverte / Open Licence version 2.0",
    "ODC_BL": "Open Data Commons Open Database License (ODbL)",
    "ODC_BY": "Open Data Commons Attribution License",
    "ODC_PDDL": "Open Data Commons Public Domain Dedication and Licence (PDDL)",
}
"""What the licence registers of data.gouv.fr and of CKAN call a licence, by its EU code; they compare titles."""


def describe(iri: str) -> tuple[Triple, ...]:
    """What to state about the controlled term `iri`, always in the same order; nothing for an IRI in no table."""
    one = term(iri)
    return () if one is None else _described(one)


@cache
def _described(one: Term) -> tuple[Triple, ...]:
    return (*_of_term(one), *describe_scheme(one.scheme))


@cache
def describe_scheme(name: str) -> tuple[Triple, ...]:
    """The concept scheme of a table: its class and its title in French and English."""
    known = table(name)
    scheme = NamedNode(known.iri)
    return (
        Triple(scheme, RDF.type, SKOS.ConceptScheme),
        Triple(scheme, DCT.title, Literal(known.fr, language="fr")),
        Triple(scheme, DCT.title, Literal(known.en, language="en")),
    )


def vocabulary_graphs() -> Iterator[tuple[str, tuple[Triple, ...]]]:
    """The graph IRI and all triples of each vocabulary in `WHOLE_GRAPHS`, one vocabulary after the other."""
    for name in WHOLE_GRAPHS:
        described = (triple for one in table(name) for triple in _of_term(one))
        yield SCHEMES[name].iri, (*describe_scheme(name), *described)


def _of_term(one: Term) -> tuple[Triple, ...]:
    node = NamedNode(one.iri)
    return (
        Triple(node, RDF.type, _CLASSES.get(one.scheme, SKOS.Concept)),
        Triple(node, SKOS.prefLabel, Literal(one.fr, language="fr")),
        Triple(node, SKOS.prefLabel, Literal(one.en, language="en")),
        Triple(node, SKOS.inScheme, NamedNode(SCHEMES[one.scheme].iri)),
        *_links(one, node),
        *_for_harvesters(one, node),
    )


def _links(one: Term, node: NamedNode) -> Iterator[Triple]:
    if one.broader:
        yield Triple(node, SKOS.broader, NamedNode(one.broader))
    elif one.scheme == "hvd-category":
        yield Triple(node, SKOS.topConceptOf, NamedNode(SCHEMES[one.scheme].iri))
    if one.replaced_by:
        yield Triple(node, DCT.isReplacedBy, NamedNode(one.replaced_by))
    if one.scheme == "licence":
        for alias in one.aliases:
            if alias.startswith(("http://", "https://")):
                yield Triple(node, SKOS.exactMatch, NamedNode(alias))
    if one.iri in _CLOSE_MATCHES:
        yield Triple(node, SKOS.closeMatch, NamedNode(_CLOSE_MATCHES[one.iri]))


def _for_harvesters(one: Term, node: NamedNode) -> Iterator[Triple]:
    """udata shows `rdfs:label` before anything else: a format must be its short code, a licence a known title.

    CKAN compares a licence's `dct:title`, the English one by default, with its own register.
    """
    if one.scheme == "file-type":
        yield Triple(node, RDFS.label, Literal(one.code))
    if one.scheme == "licence":
        yield Triple(node, RDFS.label, Literal(_KNOWN_TITLES.get(one.code, one.fr), language="fr"))
        yield Triple(node, DCT.title, Literal(one.fr, language="fr"))
        yield Triple(node, DCT.title, Literal(_KNOWN_TITLES.get(one.code, one.en), language="en"))
