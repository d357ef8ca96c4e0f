"""What the real udata makes of the pages of a feed, as JSON lines: run by a Python that has `udata` and `mongomock`.

`python judge_udata.py LICENCES.csv PAGE.ttl…`. Its own harvester reads the pages (`DcatBackend`), into a database in
memory; only the network is left out: the pages are files, and no period is fetched.
"""

from __future__ import annotations

import csv
import json
import logging
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Reads the pages, writes a line for each item of the job."""
    import mongomock
    from udata import settings
    from udata.app import create_app

    class Judge(settings.Testing):
        MONGODB_HOST = MONGODB_HOST_TEST = "mongodb://localhost/judge"
        MONGODB_SETTINGS = {  # noqa: RUF012  as the application reads it
            "host": "mongodb://localhost/judge",
            "mongo_client_class": mongomock.MongoClient,
            "uuidRepresentation": "standard",
        }
        HVD_SUPPORT = INSPIRE_SUPPORT = True
        URLS_ALLOW_LOCAL = False
        URLS_ALLOWED_TLDS = settings.tld_set | {"test", "example", "invalid"}
        PUBLISH_ON_RESOURCE_EVENTS = False

    app = create_app(settings.Defaults, override=Judge)
    logging.disable(logging.CRITICAL)
    with app.app_context():
        _licences(Path(sys.argv[1]))
        for item in _job(sys.argv[2:]).items:
            print(json.dumps(_item(item), default=str))


def _licences(file: Path) -> None:
    from udata.core.dataset.models import License

    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            first, *others = row["urls"].split() or [None]
            titles = [title for title in row["titles"].split("|") if title]
            License(id=row["id"], title=row["title"], url=first, alternate_urls=others, alternate_titles=titles).save()


def _job(files: list[str]) -> Any:
    from rdflib import Graph
    from udata.core.contact_point.models import ContactPoint
    from udata.core.dataset import rdf
    from udata.core.dataset.models import Dataset
    from udata.core.organization.models import Organization
    from udata.harvest.backends.dcat import DcatBackend
    from udata.harvest.models import HarvestSource

    class Files(DcatBackend):
        format = "turtle"

        def walk_paginated_graph(self, url: str) -> Any:
            for number, file in enumerate(files):
                yield Graph().parse(file, format="turtle"), number
                # A database in memory has no index: look-ups read all of it. Services find nothing then.
                for model in (Dataset, ContactPoint) if len(files) > 10 else ():
                    model._get_collection().delete_many({})

        def store_graphs(self) -> None:
            return

        def save_job(self) -> None:
            return

    rdf.Graph = _NoNetwork
    organization = Organization(name="Ville", description="Ville").save()
    source = HarvestSource(
        name="judge", url="https://data.ville.fr/catalog.ttl", backend="dcat", organization=organization
    ).save()
    return Files(source).harvest()


class _NoNetwork:
    """In the place of the graph that udata fetches the IRI of a period with."""

    def parse(self, *_: object) -> None:
        raise OSError


def _item(item: Any) -> dict[str, Any]:
    found = {
        "key": item.remote_id,
        "outcome": {"done": "taken"}.get(item.status, item.status),
        "errors": [e.message for e in item.errors],
    }
    dataset = item.dataset
    if dataset is None:
        return found
    coverage = dataset.temporal_coverage
    return found | {
        "iri": dataset.harvest.uri,
        "title": dataset.title,
        "described": bool(dataset.description),
        "licence": dataset.license.id if dataset.license else None,
        "tags": sorted(dataset.tags),
        "frequency": str(dataset.frequency.value) if dataset.frequency else "",
        "temporal": [str(coverage.start or "")[:10], str(coverage.end or "")[:10]] if coverage else ["", ""],
        "spatial": bool(dataset.spatial),
        "contacts": sorted([c.role, c.name or "", c.email or "", c.contact_form or ""] for c in dataset.contact_points),
        "landing": dataset.harvest.remote_url or "",
        "modified": bool(dataset.harvest.modified_at),
        "resources": sorted(
            [r.url, r.title, r.format or "", r.mime or "", "" if r.filesize is None else str(r.filesize), r.type]
            for r in dataset.resources
        ),
    }


if __name__ == "__main__":
    main()
