"""Writes tests/harvest/ckanext_dcat.csv: how many datasets the parser of ckanext-dcat finds in each real RDF document.

Run where `ckan[requirements]` and `ckanext-dcat` are installed; they need an environment of their own:
`python tests/ckanext_dcat.py ../shared/data/real`. What that parser refuses is not in the table.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

FORMATS = {".rdf": "xml", ".xml": "xml", ".ttl": "turtle", ".jsonld": "json-ld", ".nt": "nt", ".trig": "trig"}
TABLE = Path(__file__).parent / "harvest" / "ckanext_dcat.csv"


def counts(folder: Path) -> dict[str, int]:
    """The datasets in each document that the parser reads."""
    from ckanext.dcat.processors import RDFParser

    found = {}
    for file in sorted(f for f in folder.rglob("*") if f.suffix in FORMATS):
        parser = RDFParser()
        try:
            parser.parse(file.read_bytes(), _format=FORMATS[file.suffix])
        except Exception as e:
            print(f"{file.name}: {type(e).__name__}", file=sys.stderr)
        else:
            found[str(file.relative_to(folder))] = len(set(parser._datasets()))
    return found


if __name__ == "__main__":
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "datasets"])
        writer.writerows(counts(Path(sys.argv[1])).items())
