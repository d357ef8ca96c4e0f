"""Sources: CKAN packages from a portal to a release, and a large RDF/XML catalogue read and mapped, beside others."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.machine import GARONNE, ROOT, Cost, cost, described, today
from tests.bench.page import merge_rows

TITLE = "Sources"
PEERS = {
    "rdflib": """
import sys, rdflib
from rdflib.namespace import DCAT, RDF
graph = rdflib.Graph().parse(sys.argv[1], format="xml")
print(len(set(graph.subjects(RDF.type, DCAT.Dataset))))
""",
    "ckanext-dcat": """
import sys
from ckanext.dcat.processors import RDFParser
parser = RDFParser()
parser.parse(open(sys.argv[1], "rb").read(), _format="xml")
print(sum(1 for _ in parser.datasets()))
""",
}
"""What the others do with the same file: parse it, and find or make its datasets."""


def options(parser: argparse.ArgumentParser) -> None:
    """`--packages`, `--rdf`, `--peers`."""
    parser.add_argument("--packages", type=int, default=10_000, help="sources: CKAN packages; 0 for none")
    parser.add_argument("--rdf", default="20,200", help="sources: megabytes of RDF/XML, with commas; empty for none")
    parser.add_argument("--peers", type=int, default=20, help="sources: megabytes up to which the others are run too")


def measure(args: argparse.Namespace, kept: str) -> str:
    """The portal, then every size of catalogue, each once."""
    rows = {f"{args.packages:,} CKAN packages, harvested": _ckan(args.packages)} if args.packages else {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name:
        for size in map(int, filter(None, args.rdf.split(","))):
            file = Path(name) / f"{size}.rdf"
            datasets = _catalogue(file, size)
            rows |= _rdf(file, size, datasets, peers=size <= args.peers)
            file.unlink()
    return "\n".join(
        [
            f"{described()} Rates are by processor time. The CKAN portal is a process of its own and not counted; its",
            "packages go all the way to a release, without SHACL. The catalogue in RDF/XML is spooled, cut into",
            "closures and mapped; rdflib only parses it, the parser of ckanext-dcat also makes its packages",
            "(`GARONNE_CKAN_PYTHON` names a Python that has it).",
            "",
            "| what | by | datasets/s | processor time | peak memory | on |",
            "|---|---|---:|---:|---:|---|",
            *merge_rows(kept, rows),
        ]
    )


def _row(what: str, by: str, datasets: int, spent: Cost) -> str:
    rate = datasets / spent.cpu if spent.cpu else 0
    return f"| {what} | {by} | {rate:.0f} | {spent.cpu:.1f} s | {spent.peak} MB | {today()} |"


# ── CKAN ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ckan(packages: int) -> str:
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name:
        portal = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.sources", "serve", str(packages)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        try:
            assert portal.stdout is not None
            url = portal.stdout.readline().strip()
            config = Path(name) / "garonne.toml"
            config.write_text(
                f'[catalog]\nbase = "http://127.0.0.1:8099/"\n[validation]\nprofiles = []\n'
                f'[[source]]\nid = "portal"\nkind = "ckan"\nurl = "{url}"\nallow_private = true\n',
                encoding="utf-8",
            )
            spent = cost([GARONNE, "--config", config, "harvest", "run", "--json"])
        finally:
            portal.kill()
            portal.wait()
    return _row(f"{packages:,} CKAN packages, harvested", "Garonne", packages, spent)


def serve(packages: int) -> None:
    """A CKAN portal with so many packages, until its input ends."""
    from tests.fakes.ckan import Portal, package, portal

    listed = [_package(package(f"jeu-{i:06}"), i) for i in range(packages)]
    with portal(Portal(listed)) as running:
        print(running.address, flush=True)
        sys.stdin.read()


def _package(data: dict[str, object], i: int) -> dict[str, object]:
    """A package with what packages of a city have: four files, extras, a contact, an extent."""
    resources = [
        {
            "id": f"r-{i}-{fmt}",
            "name": f"Fichier {fmt}",
            "description": "Tous les enregistrements.",
            "url": f"https://ville.example.org/fichiers/{i}.{fmt}",
            "format": fmt.upper(),
            "size": 1000 + i,
            "created": "2024-05-06T07:08:09",
        }
        for fmt in ("csv", "json", "geojson", "zip")
    ]
    extras = {
        "frequency": "annual",
        "language": "fr",
        "spatial": '{"type": "Polygon", "coordinates": [[[1, 43], [2, 43], [2, 44], [1, 44], [1, 43]]]}',
        "temporal_start": "2010-01-01",
        "temporal_end": "2020-12-31",
    }
    return {
        **data,
        "notes": f"<p>Jeu de données numéro {i}, avec une description <b>assez longue</b> pour être vraisemblable.</p>"
        * 3,
        "maintainer": "Service des données",
        "maintainer_email": "donnees@ville.example.org",
        "tags": [{"name": f"mot-{(i + k) % 500}"} for k in range(5)],
        "extras": [{"key": k, "value": v} for k, v in extras.items()],
        "resources": resources,
    }


# ── RDF ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
  xmlns:dct="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/"
  xmlns:vcard="http://www.w3.org/2006/vcard/ns#">
<dcat:Catalog rdf:about="https://data.ville.fr/catalog"><dct:title xml:lang="fr">Catalogue</dct:title></dcat:Catalog>
"""
_DATASET = """<dcat:Dataset rdf:about="https://data.ville.fr/dataset/{i}">
<dct:title xml:lang="fr">Jeu numéro {i}</dct:title>
<dct:description xml:lang="fr">Une description assez longue pour être vraisemblable, du jeu de données numéro {i}, qui
dit ce que l’on y trouve, d’où cela vient, comment cela fut relevé, et à quoi cela sert à ceux qui vivent dans la ville,
en plusieurs lignes, comme on en voit partout.</dct:description>
<dct:identifier>jeu-{i}</dct:identifier><dcat:keyword xml:lang="fr">mot-{k}</dcat:keyword>
<dcat:keyword>ville</dcat:keyword><dct:language>fr</dct:language>
<dct:issued rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2019-03-12</dct:issued>
<dct:accrualPeriodicity rdf:resource="http://publications.europa.eu/resource/authority/frequency/ANNUAL"/>
<dcat:theme rdf:resource="http://publications.europa.eu/resource/authority/data-theme/ENVI"/>
<dct:publisher><foaf:Agent rdf:about="https://data.ville.fr/org/{k}"><foaf:name>Service {k}</foaf:name></foaf:Agent>
</dct:publisher>
<dcat:contactPoint><vcard:Organization><vcard:fn>Service {k}</vcard:fn>
<vcard:hasEmail rdf:resource="mailto:s{k}@ville.fr"/></vcard:Organization></dcat:contactPoint>
"""
_FILE = """<dcat:distribution><dcat:Distribution rdf:about="https://data.ville.fr/dataset/{i}/{f}">
<dct:title>Fichier {f}</dct:title>
<dcat:accessURL rdf:resource="https://data.ville.fr/fichiers/{i}.{f}"/><dct:format>{f}</dct:format>
<dcat:byteSize rdf:datatype="http://www.w3.org/2001/XMLSchema#decimal">1{i}</dcat:byteSize>
<dct:license rdf:resource="http://creativecommons.org/licenses/by/4.0/"/></dcat:Distribution></dcat:distribution>
"""


def _catalogue(file: Path, megabytes: int) -> int:
    """Writes a catalogue of about so many megabytes; returns how many datasets it has."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEAD)
        while out.tell() < megabytes * 1_000_000:
            for _ in range(200):
                out.write(_DATASET.format(i=count, k=count % 300))
                out.writelines(_FILE.format(i=count, f=f) for f in ("csv", "json", "geojson", "zip"))
                out.write("</dcat:Dataset>\n")
                count += 1
        out.write("</rdf:RDF>\n")
    return count


def _rdf(file: Path, size: int, datasets: int, *, peers: bool) -> dict[str, str]:
    what = f"{size} MB of RDF/XML, {datasets:,} datasets"
    commands: dict[str, list[object]] = {"Garonne": [sys.executable, "-m", "tests.bench.sources", "read", file]}
    if peers:
        commands["rdflib"] = [sys.executable, "-c", PEERS["rdflib"], file]
        if other := os.environ.get("GARONNE_CKAN_PYTHON"):
            commands["ckanext-dcat"] = [other, "-c", PEERS["ckanext-dcat"], file]
    rows = {}
    for by, command in commands.items():
        spent = cost(command)
        counted = int(spent.output.split()[-1])
        if counted != datasets:
            sys.exit(f"{by} finds {counted} datasets of {datasets}")
        key = f"{what}{'' if by == 'Garonne' else f' ({by})'}"
        rows[key] = _row(key, by, datasets, spent)
    return rows


def read(file: Path) -> int:
    """Reads and maps every dataset of a catalogue, one at a time; returns how many there were."""
    from catalog.model import Record
    from catalog.settings import HarvestSettings, SourceSettings
    from harvest.coverage import identity
    from harvest.mapping.context import Context
    from harvest.sources.dcat import Dcat

    source = Dcat(SourceSettings(id="rdf", kind="dcat", path=file), HarvestSettings(), lambda _message: None)
    context = Context(base="https://c.example.org/", source="rdf", portal="", now=datetime.now(UTC))

    def mapped() -> Iterator[int]:
        count = 0
        for record in source.records():
            if isinstance(record, Record):
                source.map(record, identity(record), context)
                count += 1
                yield count

    return deque(mapped(), maxlen=1)[0]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        print(read(Path(sys.argv[2])))
