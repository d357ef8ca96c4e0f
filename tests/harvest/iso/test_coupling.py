"""Services find the datasets they operate on among the records of the same catalogue."""

from __future__ import annotations

from contextlib import closing

import pytest

from catalog.model import Record
from harvest.coverage import identity
from harvest.documents import xml
from harvest.iso import records
from harvest.iso.coupling import Coupling, references
from tests.fakes.csw import NAMES, record
from tests.harvest.iso.builder import CONTEXT, ROOT, UUID, element, fates, values


def reference(attributes: str) -> list[str]:
    return references(xml.tree(f"<srv:operatesOn {NAMES} {attributes}/>".encode(), what="a test"))


@pytest.mark.parametrize(
    "attributes",
    [
        f'uuidref="{UUID}"',
        f'xlink:href="https://x.fr/csw?service=CSW&amp;request=GetRecordById&amp;ID={UUID}#x"',
        f'xlink:href="https://x.fr/geonetwork/srv/api/records/{UUID}"',
        f'uuidref="https://x.fr/xml/{UUID}.xml" xlink:href=""',
    ],
)
def test_the_names_in_a_reference(attributes: str) -> None:
    assert UUID in reference(attributes)


def test_odd_references_are_no_names() -> None:
    assert reference('xlink:href="http://[::1"') == ["http://[::1"]
    assert reference("") == []


def test_a_service_is_linked_to_a_dataset_that_comes_after_it() -> None:
    inner = f"<srv:operatesOn uuidref='{UUID.upper()}'/><srv:operatesOn uuidref='inconnu'/>"
    service = xml.tree(record("s-1", "Carte", inner=inner, scope="service").encode(), what="a test")
    with closing(Coupling()) as coupling:
        assert coupling.holds(service)
        assert not coupling.holds(element())
        assert not coupling.holds(xml.tree(record("s-2", scope="service").encode(), what="a test"))
        ((kept, serves),) = coupling.services()
    assert serves == {UUID: ROOT}
    made = records.record_of("geo", kept, serves=serves)
    alone = records.record_of("geo", kept)
    assert isinstance(made, Record)
    assert isinstance(alone, Record)
    assert made.hash != alone.hash, "a link that is found later changes the record"
    found = records.map_record(made, identity(made), CONTEXT)
    assert values(found, "dcat:servesDataset", f"<{found.dataset.iri}>") == {ROOT}
    assert [f for f, _ in fates(found, "operatesOn")] == ["mapped", "unmapped"]
