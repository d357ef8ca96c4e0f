"""Records whose elements are garbled at random: each is mapped or set aside, and never a fault of ours."""

from __future__ import annotations

import copy
import random
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from catalog.errors import RecordInvalid
from catalog.model import Record
from harvest.coverage import identity
from harvest.csw import responses
from harvest.documents import xml
from harvest.iso import records
from harvest.iso.document import Element
from tests.harvest.iso.builder import CONTEXT
from tests.shared import shared

JUNK = (
    "",
    "N/C",
    "http://",
    "http://[::1",
    "http://x y z",
    "javascript:alert(1)",
    "1e999",
    "NaN",
    "-",
    "99999999999999999999",
    "2019-13-45",
    "le 12/03/2019",
    "\u00a0\ufffd",
    "<b>gras</b>",
    "mailto:",
    "EPSG:",
    "2154²",
    "٢٠١٩",
    "http://a:99999999/",
    "%zz",
    "a" * 5000,
)
FILES = (
    "data/real/csw/SEMICeu__iso-19139-to-dcat-ap/tests/test-cases/multilingual-metadata/input.xml",
    "data/real/csw/geopython__OWSLib/tests/resources/iso3_examples/metawal.wallonie.be-srv.xml",
    "data/real/csw/geodatagouv__parsers/test/test-cases/geopicardie-tache-urbaine.xml",
)


def garbled(root: Element, luck: random.Random) -> Element:
    """A copy with some texts, attributes, names and places changed."""
    made = copy.deepcopy(root)
    elements = [e for e in made.iter() if isinstance(e.tag, str)]
    for _ in range(luck.randint(1, 40)):
        one, above = luck.choice(elements), luck.random()
        parent = one.getparent()
        if above < 0.5:
            one.text = luck.choice(JUNK)
        elif above < 0.75:
            for name in list(one.attrib):
                one.set(name, luck.choice(JUNK))
        elif above < 0.85:
            one.tag = luck.choice(elements).tag
        elif parent is not None and above < 0.93:
            parent.remove(one)
        elif parent is not None:
            parent.append(copy.deepcopy(one))
    return made


@pytest.mark.parametrize("file", FILES)
def test_nothing_breaks_the_mapping(file: str) -> None:
    root = xml.tree(Path(shared(file)).read_bytes(), what=file)
    (element,) = responses.page(root, what=file).elements
    luck = random.Random(file)  # noqa: S311  the same luck in every run
    mapped = 0
    for _ in range(100):
        record = records.record_of("geo", garbled(element, luck))
        if not isinstance(record, Record):
            continue
        try:
            found = records.map_record(record, identity(record), CONTEXT)
        except RecordInvalid:
            continue
        mapped += 1
        for one in (found.dataset, *found.others):
            assert list(parse(one.canonical, format=RdfFormat.N_TRIPLES))
        assert len(found.ledger.entries) > 0
    assert mapped >= 80
