"""Previews beside the real harvesters: ckanext-dcat's parser, and udata's whole harvest on a database in memory.

`GARONNE_CKAN_PYTHON` names a Python that has `ckan[requirements]`, `ckanext-dcat` and `ckanext-scheming`,
`GARONNE_UDATA_PYTHON` one that has `udata` and `mongomock`; without, these tests are skipped. `GARONNE_JUDGED` is how
many of the real records are put to them, spread over all of them; 0 for all.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Triple

import api.preview
from api.preview.aggregators import aggregator
from api.preview.model import Held
from api.preview.pages import Walk
from catalog.assembly import labels
from catalog.formats import FORMATS, write
from tests.api.preview import judged
from tests.real import real

HERE = Path(__file__).parent
MANY = int(os.environ.get("GARONNE_JUDGED", "400"))
PAGE = 100
FOLDERS = ("dcat", "opendatasoft", "udata", "ckan")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The real records as pages of a feed: what the catalogue publishes of each, with the labels of what it names."""
    found = {one.mapped.dataset.iri: one.mapped for name in FOLDERS for one in real(name) if one.mapped is not None}
    step = max(1, len(found) // MANY) if MANY else 1
    chosen = [found[iri] for iri in sorted(found)[::step]]
    folder = tmp_path_factory.mktemp("pages")
    files = []
    for start in range(0, len(chosen), PAGE):
        mapped = chosen[start : start + PAGE]
        triples: dict[Triple, None] = dict.fromkeys(
            t for m in mapped for d in (m.dataset, *m.others) for t in d.triples
        )
        triples |= dict.fromkeys(labels(triples))
        files.append(folder / f"{start:05}.ttl")
        files[-1].write_bytes(write(list(triples), FORMATS["ttl"]))
    return files


def ours(name: str, files: list[Path]) -> tuple[Held, ...]:
    """The preview of these pages, one after the other."""
    waiting = iter(files)

    def fetch(_: str) -> tuple[bytes, str]:
        return next(waiting).read_bytes(), "text/turtle; charset=utf-8"

    who = aggregator(name)
    reader = who.reader(datetime.now(UTC), "fr")
    numbers = iter(range(2, len(files) + 1))
    following: Callable[[object], str] = lambda _: next((f"https://ville.fr/{n}.ttl" for n in numbers), "")  # noqa: E731
    return reader.read(Walk("https://ville.fr/1.ttl", fetch, following)).items


def theirs(variable: str, script: str, *arguments: str | Path) -> list[dict[str, Any]]:
    """What the judge says, a line each; the test is skipped where there is none."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python that has the real harvester")
    done = subprocess.run([python, HERE / script, *arguments], capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def moment(value: Any) -> Any:
    """Times as rdflib writes them: it reads a literal's value and forgets how it was written."""
    if isinstance(value, list):
        return [moment(one) for one in value]
    try:
        return datetime.fromisoformat(value.strip()) if isinstance(value, str) and "T" in value else value
    except ValueError:
        return value


def left(found: Iterator[tuple[str, str, Any, Any]]) -> list[tuple[str, str, Any, Any]]:
    """The differences that are not merely in how a time is written."""
    return [one for one in found if moment(one[2]) != moment(one[3]) and not _known(*one)]


def _known(_: str, field: str, mine: Any, judge: Any) -> bool:
    """Differences that docs/preview.md explains: access that INSPIRE limits."""
    return field == "licence" and bool(mine) and judge is None


@pytest.mark.parametrize("profile", ["euro_dcat_ap_3", "euro_dcat_ap_2"])
def test_ckanext_dcat_holds_what_the_preview_says(pages: list[Path], profile: str) -> None:
    said = theirs("GARONNE_CKAN_PYTHON", "judge_ckan.py", profile, *pages)
    mine = [judged.ckan(h) for h in ours("ckan", pages) if h.kind == "dataset" and h.outcome != "skipped"]
    datasets = [one for one in said if "key" in one]
    assert len(datasets) >= 100
    found = left(judged.differences(mine, datasets))
    assert not found, "\n".join(map(str, found[:20]))


def test_udata_holds_what_the_preview_says(pages: list[Path]) -> None:
    table = Path(api.preview.__file__).parent / "tables" / "udata-licences.csv"
    said = theirs("GARONNE_UDATA_PYTHON", "judge_udata.py", table, *pages)
    assert len(said) >= 100
    differ = left(judged.differences([judged.udata(h) for h in ours("data.gouv.fr", pages)], said))
    # udata knows every top-level domain that there is, we do not: `http://url.to.csv.file` (docs/preview.md).
    unknown = {one["key"] for one in said if any("Domaine invalide" in error for error in one["errors"])}
    found = [one for one in differ if one[1] != "outcome" or one[0] not in unknown]
    assert not found, "\n".join(map(str, found[:20]))
