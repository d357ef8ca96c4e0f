"""The RDF namespaces in use and their usual prefixes."""

from __future__ import annotations

from functools import cache

from pyoxigraph import NamedNode


class Namespace:
    """Terms of one namespace: `DCT.title` and `DCT["format"]` are both the `NamedNode`, made once and kept."""

    def __init__(self, base: str) -> None:
        self.base = base

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> NamedNode:
        return _term(self.base + name)

    def __str__(self) -> str:
        return self.base


@cache
def _term(iri: str) -> NamedNode:
    return NamedNode(iri)


RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
DCT = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
PROV = Namespace("http://www.w3.org/ns/prov#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
ORG = Namespace("http://www.w3.org/ns/org#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
DQV = Namespace("http://www.w3.org/ns/dqv#")
SH = Namespace("http://www.w3.org/ns/shacl#")
CSVW = Namespace("http://www.w3.org/ns/csvw#")
VOID = Namespace("http://rdfs.org/ns/void#")
SCHEMA = Namespace("http://schema.org/")
TIME = Namespace("http://www.w3.org/2006/time#")
ODRL = Namespace("http://www.w3.org/ns/odrl/2/")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
AS = Namespace("https://www.w3.org/ns/activitystreams#")
GARONNE = Namespace("https://w3id.org/garonne/ns#")
GEODCATAP = Namespace("http://data.europa.eu/930/")
AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
AUTHORITY = Namespace("http://publications.europa.eu/resource/authority/")

PREFIXES: dict[str, str] = {
    "rdf": RDF.base,
    "rdfs": RDFS.base,
    "xsd": XSD.base,
    "owl": OWL.base,
    "dcat": DCAT.base,
    "dcatap": DCATAP.base,
    "dct": DCT.base,
    "foaf": FOAF.base,
    "vcard": VCARD.base,
    "skos": SKOS.base,
    "adms": ADMS.base,
    "spdx": SPDX.base,
    "prov": PROV.base,
    "locn": LOCN.base,
    "geo": GEO.base,
    "org": ORG.base,
    "eli": ELI.base,
    "hydra": HYDRA.base,
    "dqv": DQV.base,
    "geodcatap": GEODCATAP.base,
    "csvw": CSVW.base,
}
"""Prefixes that our serialisations declare."""

HVD_LEGISLATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
"""The implementing regulation on high-value datasets, (EU) 2023/138."""
HVD_SCHEME = "http://data.europa.eu/bna/asd487ae75"
"""The concept scheme of the HVD categories."""


def compact(iri: str) -> str:
    """An IRI with the usual prefix of its namespace, where it has one."""
    for prefix, base in PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}:{iri[len(base) :]}"
    return iri
