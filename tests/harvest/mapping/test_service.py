"""The portal's API as a data service."""

from __future__ import annotations

from catalog.model import Kind
from tests.harvest.mapping.support import BASE, PORTAL, mapped

LEAF = "http://data.europa.eu/bna/c_04bf94a3"


def test_one_service_for_a_source_which_serves_no_dataset_by_name() -> None:
    found = mapped()
    (service,) = [o for o in found.mapped.others if o.kind is Kind.SERVICE]
    text = service.canonical.decode()
    assert service.iri == f"{BASE}service/ville"
    assert f"<{PORTAL}/api/explore/v2.1>" in text
    assert "servesDataset" not in text
    assert "arbres" not in text
    assert mapped(settings={"portal": ""}).mapped.others == ()


def test_a_high_value_dataset_has_an_api_of_its_own() -> None:
    fields = {
        "dcat_ap": {"hvd_category": LEAF},
        "dcat": {"contact_email": "a@example.org"},
        "default": {"license": "ODbL"},
    }
    found = mapped(fields, has_records=True)
    service = f"<{BASE}dataset/arbres/service>"
    assert found.objects("accessService", "distribution/api") == [service]
    assert found.objects("downloadURL", "distribution/api") == []
    assert found.objects("hvdCategory", "service") == [f"<{LEAF}>"]
    for predicate in ("applicableLegislation", "contactPoint", "endpointURL", "page", "title", "license"):
        assert found.objects(predicate, "service")
    assert found.objects("servesDataset", "service") == []


def test_no_api_distribution_otherwise() -> None:
    assert mapped(has_records=True).objects("accessService", "distribution/api") == []
    assert mapped({"dcat_ap": {"hvd_category": LEAF}}).objects("accessService", "distribution/api") == []
