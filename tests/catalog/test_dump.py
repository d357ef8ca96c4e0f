"""Dumps of a release: whole, exact, the same bytes each time, and gone when the release is."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from catalog import dump
from catalog.archive import Archive
from catalog.assembly import release_quads
from catalog.errors import StoreLocked
from catalog.releases import Release
from tests.api.city import City, settings_in
from vocab.namespaces import DCAT, XSD

READ = {"nq": RdfFormat.N_QUADS, "nt": RdfFormat.N_TRIPLES, "ttl": RdfFormat.TURTLE}


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A city with two releases; both datasets say the same of a page that they share."""
    made = City(settings_in(tmp_path, store={"keep": 2}))
    shared = "<{d}> foaf:page <https://ville.example.org/é> . <https://ville.example.org/é> a foaf:Document ."
    made.publish({"arbres": "Arbres", "écoles": "Écoles « publiques »"}, extra=shared)
    made.publish({"zoo": "Zoo"})
    return made


def made(city: City, release: Release) -> dict[str, bytes]:
    """The dumps of a release, made, decompressed."""
    assert dump.build(city.settings.store.path, city.base, release)
    found = {suffix: dump.find(release, suffix) for suffix in dump.SUFFIXES}
    return {suffix: gzip.decompress(one.path.read_bytes()) for suffix, one in found.items() if one}


def current(city: City) -> Release:
    from catalog.releases import Releases

    found = Releases(city.settings.store.path).current()
    assert found is not None
    return found


def test_every_statement_once_in_each_format(city: City) -> None:
    release = current(city)
    bodies = made(city, release)
    quads = set(release_quads(city.settings, Archive(city.settings.store.path).at(release.number)))
    assert len(quads) > 150
    read = {suffix: list(parse(body, format=READ[suffix])) for suffix, body in bodies.items()}
    assert sorted(map(str, read["nq"])) == sorted(map(str, quads))
    triples = {q.triple for q in quads}
    assert len(triples) < len(quads), "two datasets say the same"
    for suffix in ("nt", "ttl"):
        assert len(read[suffix]) == len(triples), suffix
        assert {q.triple for q in read[suffix]} == triples, suffix


def test_literals_are_exactly_those_of_the_descriptions(city: City) -> None:
    bodies = made(city, current(city))
    size = Triple(
        NamedNode(f"{city.base}dataset/arbres/distribution/csv"),
        DCAT.byteSize,
        Literal("1006", datatype=XSD.nonNegativeInteger),
    )
    for suffix, body in bodies.items():
        assert size in {q.triple for q in parse(body, format=READ[suffix])}, suffix
        assert "Écoles « publiques »" in body.decode(), suffix


def test_rdflib_reads_the_same_number_of_statements(city: City) -> None:
    bodies = made(city, current(city))
    counts = {len(rdflib.Graph().parse(data=bodies[suffix], format=suffix)) for suffix in ("nt", "ttl")}
    assert counts == {bodies["nt"].count(b"\n")}


def test_the_same_release_gives_the_same_bytes_in_any_process(city: City) -> None:
    release = current(city)
    made(city, release)
    digests = {suffix: found.sha256 for suffix in dump.SUFFIXES if (found := dump.find(release, suffix))}
    for seed in ("1", "2"):
        shutil.rmtree(release.path / dump.FOLDER)
        command = [
            sys.executable,
            "-P",
            "-m",
            "api.dumper",
            str(city.settings.store.path),
            city.base,
            str(release.number),
        ]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        for suffix, digest in digests.items():
            found = dump.find(release, suffix)
            assert found is not None
            assert found.sha256 == digest == hashlib.sha256(found.path.read_bytes()).hexdigest()


def test_the_checksum_is_one_that_sha256sum_reads(city: City) -> None:
    release = current(city)
    made(city, release)
    found = dump.find(release, "nq")
    assert found is not None
    checksum = dump.checksum(found.path)
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", checksum.name], cwd=checksum.parent, check=True, capture_output=True)
    assert checksum.read_text() == f"{found.sha256}  dump.nq.gz\n"


def test_made_once_by_one_process_at_a_time(city: City) -> None:
    release, folder = current(city), city.settings.store.path
    with (folder / dump.LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreLocked):
            dump.build(folder, city.base, release)
    assert dump.find(release, "nq") is None
    assert dump.build(folder, city.base, release)
    assert not dump.build(folder, city.base, release)


def test_they_go_when_the_release_goes(city: City) -> None:
    release = current(city)
    made(city, release)
    for n in range(3):
        city.publish({"zoo": f"Zoo {n}"})
    assert dump.find(release, "nq") is None
    assert not release.path.exists()


def test_a_broken_one_is_made_whole(city: City) -> None:
    release = current(city)
    leftover = release.path / f"{dump.FOLDER}.tmp"
    leftover.mkdir()
    (leftover / "dump.nq.gz").write_bytes(b"half")
    assert made(city, release)["nt"]
    assert not leftover.exists()


def test_a_release_that_vanishes_meanwhile_leaves_nothing_behind(city: City) -> None:
    release = current(city)
    shutil.rmtree(release.path)
    program = [sys.executable, "-P", "-m", "api.dumper", str(city.settings.store.path), city.base, str(release.number)]
    ended = subprocess.run(program, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "There is no release" in ended.stderr
    assert "Traceback" not in ended.stderr
