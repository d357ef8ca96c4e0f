"""What our own harvester makes of our own actions is what they were made from; every real record has its package."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from api.ckan.actions import Actions
from api.oai.repository import Repository
from api.published import Published
from catalog.model import Description
from tests.api.server import Server
from tests.harvest.city import City, city, saved
from tests.shared import shared
from vocab.licences import licence

LINE = re.compile(r"<([^>]*)> <([^>]*)> (.*) \.\n")
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"


@pytest.fixture(scope="module", params=["ckan", "opendatasoft"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city harvested from every real response of a kind."""
    made = city(tmp_path_factory.mktemp("real"), saved(shared(f"data/real/{request.param}")))
    made.run()
    return made


def facts(dataset: Description) -> dict[str, set[str]]:
    """Titles, licences and addresses of a dataset and its distributions."""
    found: dict[str, set[str]] = {name: set() for name in ("title", "licence", "file", "identifier")}
    found["whole"] = {dataset.canonical.decode()}
    statements = [parts.groups() for line in dataset.lines if (parts := LINE.fullmatch(line))]
    parts_of = {dataset.iri, *(o.strip("<>") for _, p, o in statements if p == f"{DCAT}distribution")}
    for subject, predicate, thing in statements:
        if subject not in parts_of:
            continue
        if subject == dataset.iri and predicate == f"{DCT}title":
            found["title"].add(thing)
        elif predicate == f"{DCT}license":
            known = licence(None, url=thing.strip("<>")).term
            found["licence"].add(known.code if known else thing.strip("<>"))
        elif predicate in {f"{DCAT}downloadURL", f"{DCAT}accessURL"}:
            found["file"].add(thing)
        elif subject == dataset.iri and predicate == f"{DCT}identifier":
            found["identifier"].add(thing)
    return found


def test_harvesting_our_own_actions_gives_the_same_datasets(real: City, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    settings = real.settings
    with Server(settings, folder) as running:
        source = (
            f'[[source]]\nid = "ours"\nkind = "ckan"\nurl = "{running.address.rstrip("/")}"\nallow_private = true\n'
        )
        other = city(tmp_path / "second", source, timeout=30)
        other.run()
    before = {next(iter(f["identifier"])): f for f in map(facts, real.datasets().values())}
    after = {next(iter(f["identifier"])): f for f in map(facts, other.datasets().values())}
    assert before.keys() == after.keys()
    for name, one in before.items():
        again = after[name]
        titles = [{t[: t.rindex('"')] for t in found["title"]} for found in (again, one)]  # a language may be found
        assert titles[0] <= titles[1], name
        assert len(titles[0]) == len({t.rpartition('"')[2] for t in one["title"]}), name  # CKAN has one a language
        unknown = one["licence"] - again["licence"]  # an address that is no known licence is read as words on rights
        assert not again["licence"] - one["licence"], name
        assert all(iri in next(iter(again["whole"])) for iri in unknown), (name, unknown)
        more = again["file"] - one["file"]
        assert not one["file"] - again["file"], name
        assert all("/distribution/" in address for address in more), name  # it had no address: its own IRI is one


def test_every_package_is_one_that_udata_takes(real: City) -> None:
    """The types that the schema of udata's CKAN backend asks for, field by field."""
    published = Published(real.settings)
    release = published.required()
    actions = Actions(real.settings, release, published.view(release))
    found = [
        p
        for start in range(0, 100_000, 1000)
        for p in actions.package_search({"rows": 1000, "start": start})["results"]
    ]
    assert len(found) == release.manifest.datasets
    for package in found:
        json.dumps(package)
        assert package["title"]
        assert all(isinstance(package[key], str) for key in ("id", "name", "notes", "license_id", "state"))
        assert all(isinstance(e["value"], str) for e in package["extras"])
        assert len({e["key"] for e in package["extras"]}) == len(package["extras"])
        assert all(re.fullmatch(r"[\w \-.]{2,100}", t["name"]) for t in package["tags"])
        datetime.fromisoformat(package["metadata_created"])
        for resource in package["resources"]:
            UUID(resource["id"])
            datetime.fromisoformat(resource["created"])
            assert re.match(r"(?:https?|ftp)://", resource["url"])
            assert isinstance(resource["format"], str)
            assert resource["resource_type"] in {"file", "api"}
        for extra in package["extras"]:
            if extra["key"] == "spatial":
                assert json.loads(extra["value"])["type"] in {"Polygon", "MultiPolygon"}


def test_every_record_of_the_repository_can_be_read(real: City) -> None:
    from api.oai.arguments import read
    from api.oai.xml import OAI, leaf, tag
    from tests.api.oai.grammar import checked

    published = Published(real.settings)
    for prefix in ("dcat_ap", "oai_dc"):
        given = {"metadataPrefix": prefix}
        met = 0
        while given:
            inner = Repository(real.settings, published, "fr").answer(read([("verb", "ListRecords"), *given.items()]))
            about = leaf("responseDate", "2026-01-01T00:00:00Z"), leaf("request", "https://data.example.org/oai")
            root = checked(tag("OAI-PMH", *about, inner, xmlns=OAI).encode())
            met += len(list(root.iter(f"{{{OAI}}}record")))
            token = root.findtext(f".//{{{OAI}}}resumptionToken")
            given = {"resumptionToken": token} if token else {}
        assert met == real.current().manifest.datasets
