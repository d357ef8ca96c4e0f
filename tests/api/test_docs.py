"""What the service does is in its documentation."""

from __future__ import annotations

import re
from pathlib import Path

from api.app import create_app
from api.errors import Bilingual
from api.protocol import OFFERED
from catalog.exactness import TABLE
from tests.api.city import settings_in
from vocab.namespaces import compact

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_route_is_documented(tmp_path: Path) -> None:
    text = (DOCS / "routes.md").read_text()
    for route in create_app(settings_in(tmp_path)).others.routes:
        path = getattr(route, "path", "").replace("{rest:path}", "")
        assert f"`{path}" in text, path


def test_no_route_is_told_twice() -> None:
    rows = re.findall(r"^\| (`/.*?) \|", (DOCS / "routes.md").read_text(), re.MULTILINE)
    routes = [route for row in rows for route in re.findall(r"`(/[^`]*)`", row)]
    assert len(rows) > 30
    assert len(routes) == len(set(routes))


def test_every_status_is_documented() -> None:
    text = (DOCS / "routes.md").read_text()
    for error in Bilingual.__subclasses__():
        assert f"| {error.status} |" in text, error


def test_formats_and_restored_properties_are_documented() -> None:
    text = (DOCS / "sparql.md").read_text()
    assert all(f"`{media_type}`" in text for media_type in OFFERED)
    for iri in TABLE:
        assert compact(iri).replace("http://spdx.org/rdf/terms#", "spdx:") in text, iri
