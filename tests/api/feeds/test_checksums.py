"""Checksums: in every description, in the feeds only where the operator wants them."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.feeds.page import _of_checksum
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from vocab.namespaces import DCT, RDF, SPDX


@pytest.mark.parametrize("wanted", [False, True])
def test_the_feeds_give_checksums_where_the_operator_wants_them(tmp_path: Path, wanted: bool) -> None:
    settings = settings_in(tmp_path, serve={"checksums": wanted})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        for suffix in ("nt", "rdf"):
            assert ("checksumValue" in server.get(f"/catalog.{suffix}").text) is wanted
        slug = next(iter(TITLES))
        assert "checksumValue" in server.get(f"/dataset/{slug}.nt").text
        assert "nonNegativeInteger" in server.get("/catalog.nt").text


def test_a_text_that_speaks_of_checksums_is_kept() -> None:
    about = f'<urn:a> {DCT.description} "voir {SPDX.checksum} " .'
    assert not _of_checksum(about.encode())
    assert _of_checksum(f"<urn:a> {SPDX.checksum} _:b .".encode())
    assert _of_checksum(f"_:b {RDF.type} {SPDX.Checksum} .".encode())
    assert not _of_checksum(f"_:b {RDF.type} {DCT.PeriodOfTime} .".encode())
