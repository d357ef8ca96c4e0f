"""A synthetic catalogue that the reference queries find their answers in: N datasets in 20 catalogues of 5 countries.

Every twelfth dataset is of high value, with licences, services and categories enough for the reporting queries. The
statements come by origin, as the store keeps them: named graphs, most of them merged into the default graph too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Store

B = "https://data.example.org/"
DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
FOAF, SKOS = "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2004/02/skos/core#"
VCARD, R5R = "http://www.w3.org/2006/vcard/ns#", "http://data.europa.eu/r5r/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD, DQV = "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/ns/dqv#"
VOC, EU = "https://piveau.eu/ns/voc#", "http://publications.europa.eu/resource/authority/"
HVD, ELI = "http://data.europa.eu/bna/asd487ae75", "http://data.europa.eu/eli/reg_impl/2023/138/oj"

COUNTRIES = ("FRA", "BEL", "ESP", "DEU", "ITA")
LICENCES = ("CC_BY_4_0", "CC0", "ODBL", "ETALAB_2_0")
FORMATS = ("CSV", "JSON", "XML", "GEOJSON", "SHP", "XLSX", "PDF", "KML", "GPKG", "RDF_TURTLE")
THEMES = ("AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "REGI", "SOCI", "TRAN")
WORDS = ("velo", "arbre", "eau", "budget", "cantine", "piscine", "toilettes", "fontaine", "bruit", "voirie", "musee")
SCORES = ("scoring", "findabilityScoring", "accessibilityScoring", "interoperabilityScoring", "reusabilityScoring")
PUBLISHERS, CATALOGUES = 120, 20

Graph = tuple[str, bool, list[str]]
"""A named graph: its name, whether the default graph holds its statements too, and these in N-Triples."""


def iri(value: str) -> str:
    """An IRI in N-Triples."""
    return f"<{value}>"


def text(value: str, language: str = "", datatype: str = "") -> str:
    """A literal in N-Triples."""
    return f'"{value}"' + (f"@{language}" if language else "") + (f"^^<{XSD}{datatype}>" if datatype else "")


class Lines:
    """The statements of one graph, being written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def about(self, subject: str, *pairs: tuple[str, str]) -> None:
        """State these properties of a subject."""
        self.lines += [f"<{subject}> <{p}> {o} ." for p, o in pairs]


def graphs(datasets: int, seed: int = 1) -> Iterator[Graph]:
    """Every named graph of the catalogue, the same for the same arguments."""
    yield from _vocabularies()
    yield B + "graph/agents", True, _agents()
    for n in range(CATALOGUES):
        yield B + f"graph/{n}", True, _catalogue(n, datasets)
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    for n in range(datasets):
        yield B + f"record/{n}", True, _dataset(n, dice)
        yield B + f"quality/{n}", False, _quality(n, dice)


def _vocabularies() -> Iterator[Graph]:
    countries, licences, categories = Lines(), Lines(), Lines()
    for code in COUNTRIES:
        name = EU + "country/" + code
        countries.about(name, (SKOS + "prefLabel", text(code, "en")), (SKOS + "prefLabel", text(code.lower(), "fr")))
    for code in LICENCES:
        licences.about(EU + "licence/" + code, (SKOS + "prefLabel", text(code, "en")))
    licences.about(EU + "licence/ETALAB_2_0", (SKOS + "closeMatch", iri(EU + "licence/CC_BY_4_0")))
    for code in LICENCES:
        licences.about(B + "licence/" + code, (SKOS + "exactMatch", iri(EU + "licence/" + code)))
    for n in range(6):
        top = f"{HVD}/c{n}"
        pairs = [(SKOS + "inScheme", iri(HVD)), (SKOS + "prefLabel", text(f"Category {n}", "en"))]
        categories.about(top, *pairs)
        for m in range(8):
            name = f"{top}_{m}"
            label = (SKOS + "prefLabel", text(f"Category {n}.{m}", "en"))
            categories.about(name, (SKOS + "inScheme", iri(HVD)), label, (SKOS + "broader", iri(top)))
    yield EU + "country", True, countries.lines
    yield EU + "licence", True, licences.lines
    yield HVD, True, categories.lines


def _agents() -> list[str]:
    out = Lines()
    for n in range(PUBLISHERS):
        name = (FOAF + "name", text(f"Direction {n}", "fr"))
        kind = (DCT + "type", iri("http://purl.org/adms/publishertype/LocalAuthority"))
        out.about(B + f"agent/{n}", (TYPE, iri(FOAF + "Agent")), name, kind, (DCT + "identifier", text(f"org-{n:03}")))
        out.about(B + f"agent/{n}", (FOAF + "homepage", iri(f"https://city{n}.example.org/")))
    for n in range(60):
        contact = B + f"contact/{n}"
        out.about(contact, (TYPE, iri(VCARD + "Kind")), (VCARD + "fn", text(f"Equipe {n}", "fr")))
        out.about(contact, (VCARD + "hasEmail", iri(f"mailto:team{n}@example.org")))
    return out.lines


def _catalogue(n: int, datasets: int) -> list[str]:
    out = Lines()
    name = B + f"catalogue/{n}"
    out.about(name, (TYPE, iri(DCAT + "Catalog")), (DCT + "title", text(f"Catalogue {n}", "fr")))
    out.about(name, (DCT + "spatial", iri(EU + "country/" + COUNTRIES[n % len(COUNTRIES)])))
    out.about(name, (DCT + "publisher", iri(B + f"agent/{n}")), (FOAF + "homepage", iri(f"https://c{n}.example.org/")))
    out.about(name, *((DCAT + "dataset", iri(B + f"dataset/{d}")) for d in range(n, datasets, CATALOGUES)))
    return out.lines


def _dataset(n: int, dice: random.Random) -> list[str]:
    out = Lines()
    name, high = B + f"dataset/{n}", n % 12 == 0
    word = WORDS[n % len(WORDS)]
    day = f"20{dice.randrange(10, 26)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
    out.about(name, (TYPE, iri(DCAT + "Dataset")), (DCT + "title", text(f"Jeu {n} {word}", "fr")))
    out.about(name, (DCT + "title", text(f"Dataset {n} {word}", "en")))
    out.about(name, (DCT + "description", text(f"Ce que la ville sait de {word}, jeu {n}, tenu a jour.", "fr")))
    out.about(name, (DCT + "description", text(f"What the city knows about {word}, set {n}.", "en")))
    out.about(name, (DCT + "identifier", text(f"ds-{n}")), (DCT + "modified", text(day, datatype="date")))
    out.about(name, (DCT + "issued", text("2015-05-05", datatype="date")))
    out.about(name, (DCT + "publisher", iri(B + f"agent/{n % PUBLISHERS}")))
    out.about(name, (DCT + "rightsHolder", iri(B + f"agent/{n % 6}")))
    out.about(name, (DCAT + "contactPoint", iri(B + f"contact/{n % 60}")), (DCT + "language", iri(EU + "language/FRA")))
    out.about(name, *((DCAT + "keyword", text(w, "fr")) for w in dice.sample(WORDS, 4)))
    out.about(name, *((DCAT + "theme", iri(EU + "data-theme/" + t)) for t in dice.sample(THEMES, 2)))
    out.about(name, (DCT + "accrualPeriodicity", iri(EU + "frequency/ANNUAL")))
    out.about(name, (DCAT + "landingPage", iri(f"https://portal.example.org/explore/dataset/{n}/")))
    out.about(name, (DCT + "spatial", iri(EU + "country/" + COUNTRIES[n % CATALOGUES % len(COUNTRIES)])))
    out.about(name, (DCT + "accessRights", iri(EU + "access-right/PUBLIC")))
    if high:
        out.about(name, (R5R + "applicableLegislation", iri(ELI)))
        out.about(name, (R5R + "hvdCategory", iri(f"{HVD}/c{n % 6}_{n // 12 % 8}")))
    for m in range(3):
        _distribution(out, n, m, dice, high)
    record = (FOAF + "primaryTopic", iri(name)), (DCT + "identifier", text(f"record-{n}"))
    out.about(B + f"record/{n}", (TYPE, iri(DCAT + "CatalogRecord")), *record)
    out.about(B + f"record/{n}", (DCT + "modified", text(f"{day}T00:00:00Z", datatype="dateTime")))
    if high:
        _service(out, n)
    return out.lines


def _distribution(out: Lines, n: int, m: int, dice: random.Random, high: bool) -> None:
    name = B + f"dataset/{n}/distribution/{m}"
    format_ = FORMATS[dice.randrange(len(FORMATS))]
    out.about(B + f"dataset/{n}", (DCAT + "distribution", iri(name)))
    out.about(name, (TYPE, iri(DCAT + "Distribution")), (DCT + "title", text(f"Jeu {n} en {format_}", "fr")))
    out.about(name, (DCT + "format", iri(EU + "file-type/" + format_)))
    out.about(name, (DCAT + "mediaType", iri("https://www.iana.org/assignments/media-types/text/csv")))
    out.about(name, (DCAT + "accessURL", iri(f"https://portal.example.org/explore/dataset/{n}/{m}")))
    out.about(name, (DCAT + "byteSize", text(str(dice.randrange(10**6)), datatype="nonNegativeInteger")))
    out.about(name, (DCT + "modified", text("2025-01-01", datatype="date")))
    if dice.random() < 0.9:
        out.about(name, (DCAT + "downloadURL", iri(f"https://portal.example.org/files/{n}/{m}.{format_.lower()}")))
    if dice.random() < 0.85:
        where = EU if dice.random() < 0.5 else B
        out.about(name, (DCT + "license", iri(where + "licence/" + LICENCES[dice.randrange(len(LICENCES))])))
    if high and m < 2:
        out.about(name, (R5R + "applicableLegislation", iri(ELI)))
    if high and m == 1:
        out.about(name, (DCAT + "accessService", iri(B + f"service/{n}")))


def _service(out: Lines, n: int) -> None:
    name = B + f"service/{n}"
    out.about(name, (TYPE, iri(DCAT + "DataService")), (R5R + "applicableLegislation", iri(ELI)))
    out.about(name, (DCAT + "endpointURL", iri(f"https://api.example.org/{n}")))
    out.about(name, (DCAT + "servesDataset", iri(B + f"dataset/{n}")), (DCAT + "contactPoint", iri(B + "contact/1")))
    out.about(name, (FOAF + "page", iri(f"https://api.example.org/{n}/doc")), (DCT + "title", text(f"API {n}", "fr")))
    out.about(name, (DCT + "license", iri(EU + "licence/" + LICENCES[n // 12 % len(LICENCES)])))
    out.about(name, (R5R + "hvdCategory", iri(f"{HVD}/c{n % 6}_{n // 12 % 8}")))


def _quality(n: int, dice: random.Random) -> list[str]:
    out = Lines()
    for m, score in enumerate(SCORES):
        name = B + f"quality/{n}/{m}"
        out.about(B + f"dataset/{n}", (DQV + "hasQualityMeasurement", iri(name)))
        value = text(str(dice.randrange(400)), datatype="integer")
        out.about(name, (DQV + "isMeasurementOf", iri(VOC + score)), (DQV + "value", value))
    return out.lines


def nquads(datasets: int, *, merged: bool = True) -> Iterator[bytes]:
    """The catalogue in N-Quads, some graphs at a time; with `merged`, the default graph's statements too."""
    gathered: list[str] = []
    for name, both, lines in graphs(datasets):
        gathered += [f"{line[:-1]}<{name}> ." for line in lines]
        if both and merged:
            gathered += lines
        if len(gathered) > 100_000:
            yield ("\n".join(gathered) + "\n").encode()
            gathered.clear()
    yield ("\n".join(gathered) + "\n").encode()


PIECE = 400_000
"""Statements that are loaded together."""


def build(folder: Path, datasets: int) -> Path:
    """A store in `folder` that holds the catalogue, loaded as a harvest loads it and optimized as a release is."""
    store = Store(str(folder))
    merged: list[str] = []
    named: list[str] = []
    for name, both, lines in graphs(datasets):
        named += [f"{line[:-1]}<{name}> ." for line in lines]
        merged += lines if both else []
        for gathered in (merged, named):
            if len(gathered) >= PIECE:
                _load(store, gathered)
    for gathered in (merged, named):
        _load(store, gathered)
    store.optimize()
    store.flush()
    del store
    return folder


def _load(store: Store, gathered: list[str]) -> None:
    """The default graph and named ones apart: a file has three indexes then, or six, not nine."""
    store.bulk_load("\n".join(gathered).encode(), RdfFormat.N_QUADS)
    gathered.clear()
