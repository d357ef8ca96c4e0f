"""A small catalogue with one dataset that has to go: an address, a person and texts of its own, and local graphs."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from catalog.graph_store import Document
from catalog.local import LocalGraphs
from catalog.lock import writing
from catalog.settings import Settings
from catalog.takedown.order import Report, take_down
from tests.catalog.making import BASE, MINT, release, settings
from vocab.namespaces import DCAT, DCT, FOAF, VCARD

SECRET = "Liste nominative des bénéficiaires, avec leurs « allergies »"
PERSON = "Zoé Quelle"
"""Too short a name to be looked for within texts."""
MAIL = "zoe.quelle@ville.example"
FILE = "https://files.ville.example/secret/liste.csv"
CANTINE = f"{BASE}dataset/cantine"
_ABOUT = NamedNode(CANTINE)
_CONTACT, _CSV = NamedNode(f"{CANTINE}/contact"), NamedNode(f"{CANTINE}/distribution/csv")
OWN = (
    Triple(_ABOUT, DCAT.contactPoint, _CONTACT),
    Triple(_CONTACT, VCARD.fn, Literal(PERSON)),
    Triple(_CONTACT, VCARD.hasEmail, NamedNode(f"mailto:{MAIL}")),
    Triple(_ABOUT, DCAT.distribution, _CSV),
    Triple(_CSV, DCAT.downloadURL, NamedNode(FILE)),
    Triple(_ABOUT, FOAF.page, NamedNode("https://ville.example/")),
    Triple(_ABOUT, DCT.description, Literal("Ce que tout le monde dit de soi-même.", language="fr")),
)
SAID = (
    Triple(NamedNode(f"{BASE}dataset/arbres"), FOAF.page, NamedNode("https://ville.example/")),
    Triple(NamedNode(f"{BASE}dataset/arbres"), DCT.description, OWN[-1].object),
)
"""What another dataset says too."""
NOTES = MINT.local("notes")
WORDS = (SECRET, PERSON, MAIL, FILE)


def published(folder: Path) -> Settings:
    """Two releases: in the first the dataset says something else."""
    release(folder, {"arbres": "Arbres"}, extra=SAID)
    release(folder, {"cantine": f"{SECRET} 1"}, extra=OWN)
    release(folder, {"cantine": f"{SECRET} 2"}, extra=OWN)
    return settings(folder)


def write(config: Settings, name: str, turtle: str) -> int:
    """Writes a local graph; the number of the release that has it."""
    with writing(config.store.path):
        graphs = LocalGraphs(config)
        graphs.put(MINT.local(name), [Document("text/turtle", f"{_PREFIXES}{turtle}".encode())])
        return graphs.publish()


_PREFIXES = f"""
@prefix d: <{BASE}dataset/> . @prefix dct: <http://purl.org/dc/terms/> . @prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def taken(config: Settings, name: str = "cantine") -> Report:
    """Takes it down."""
    return take_down(config, name, "ordonnance du 3 mars", lambda _: None)
