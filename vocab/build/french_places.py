"""`python -m vocab.build.french_places PACKAGE SIREN`: makes `french-places.csv` and `french-homonyms.csv`.

PACKAGE is the unpacked npm package `@etalab/decoupage-administratif` (INSEE's official geographic code and the
DGCL's list of intercommunalities); SIREN is the intercommunality whose communes are wanted.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from vocab.places import fold
from vocab.terms import table

COLUMNS = ("code", "name", "level", "parent", "iri", "aliases")
TABLES = Path(__file__).parents[1] / "tables"
_EU = Path(__file__).parent / "overlay" / "french-places.csv"


def build(package: Path, siren: str) -> str:
    """The CSV text: regions, departments, the intercommunality and its communes, in this order, by code."""
    regions = [(r["code"], r["nom"], "region", "FRA") for r in _read(package, "regions") if r["zone"] != "com"]
    known = {code for code, *_ in regions}
    departments = _read(package, "departements")
    epci = next(e for e in _read(package, "epci") if e["code"] == siren)
    communes = {c["code"]: c for c in _read(package, "communes") if c["type"] == "commune-actuelle"}
    members = [communes[m["code"]] for m in epci["membres"]]
    rows = [
        *sorted(regions),
        *sorted((d["code"], d["nom"], "departement", d["region"]) for d in departments if d["region"] in known),
        (epci["code"], epci["nom"], "epci", members[0]["departement"]),
        *sorted((c["code"], c["nom"], "commune", siren) for c in members),
    ]
    return _csv(rows)


def homonyms(package: Path) -> str:
    """The CSV text: names that mean more than one place to a French reader.

    A French commune bears the name of a country or of a town elsewhere (Grenade, Valence), or several communes bear
    the name of a French town of the EU table (Saint-Denis).
    """
    names = Counter(fold(c["nom"]) for c in _read(package, "communes") if c["type"] == "commune-actuelle")
    shared = set()
    for one in (*table("country"), *table("place")):
        at_least = 2 if one.code.startswith("FRA_") else 1
        shared |= {fold(name) for name in (one.fr, one.en) if names[fold(name)] >= at_least and one.code != "FRA"}
    return "name\n" + "".join(f"{name}\n" for name in sorted(shared))


def _read(package: Path, name: str) -> Any:
    return json.loads((package / "data" / f"{name}.json").read_text(encoding="utf-8"))


def _csv(rows: list[tuple[str, str, str, str]]) -> str:
    with _EU.open(encoding="utf-8", newline="") as lines:
        extra = {(row["level"], row["code"]): (row["iri"], row["aliases"]) for row in csv.DictReader(lines)}
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for code, name, level, parent in rows:
        writer.writerow([code, name.replace("'", "’"), level, parent, *extra.get((level, code), ("", ""))])
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Writes the two tables."""
    if len(arguments) != len(("PACKAGE", "SIREN")):
        sys.stderr.write("usage: python -m vocab.build.french_places PACKAGE SIREN\n")
        return 2
    package = Path(arguments[0])
    (TABLES / "french-places.csv").write_text(build(package, arguments[1]), encoding="utf-8", newline="\n")
    (TABLES / "french-homonyms.csv").write_text(homonyms(package), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
