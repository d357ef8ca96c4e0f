"""Reads a feed as CKAN's harvester does, with its own parser; run where `ckan[requirements]` and `ckanext-dcat` are.

`python ckanext_dcat.py SERVER BASE PATH FORMAT` writes the packages as JSON. The harvester's own loop needs a CKAN with
its database; this is that loop around the parser: HEAD, GET, `RDFParser`, `next_page`, and the page whose digest is
the first one's ends it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from urllib.request import Request, urlopen


def packages(server: str, base: str, path: str, fmt: str) -> list[dict[str, object]]:
    """The packages of all pages, as the parser makes them."""
    from ckanext.dcat.processors import RDFParser

    found: list[dict[str, object]] = []
    first, following = "", base + path
    while following:
        address = f"{server}/{following.removeprefix(base)}"
        urlopen(Request(address, method="HEAD")).read()
        body = urlopen(address).read()
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if digest == first:
            break
        first = first or digest
        parser = RDFParser(profiles=["euro_dcat_ap_3"])
        parser.parse(body.decode("utf-8"), _format=fmt)
        found += parser.datasets()
        following = str(parser.next_page() or "")
    return found


def plain(package: dict[str, object]) -> dict[str, object]:
    """What is compared of a package."""
    extras = {e["key"]: e["value"] for e in package["extras"]} | package  # type: ignore[attr-defined]  # CKAN's shape
    return {
        "title": package["title"],
        "identifier": extras.get("identifier"),
        "uri": extras.get("uri"),
        "resources": len(package["resources"]),  # type: ignore[arg-type]
    }


if __name__ == "__main__":
    json.dump([plain(p) for p in packages(*sys.argv[1:5])], sys.stdout)
