"""The tests of /sparql once more, of services whose queries another engine answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api import city
from tests.api.server import Server
from tests.api.test_sparql import *  # noqa: F403  each test of that module, on the server below
from tests.fakes.engines import NAMES, running

GRAPHS = "GRAPH ?g meets the merged graphs of all kept releases"
DIFFERENCES = {
    ("test_graphs_of_the_protocol", "oxigraph"): GRAPHS,
    ("test_graphs_of_the_protocol", "virtuoso"): GRAPHS,
    ("test_construct_and_describe_restore_the_datatypes_that_the_store_rewrites", "virtuoso"): "durations are seconds",
    ("test_a_long_query_is_fine", "virtuoso"): "it takes some thousand values in one VALUES, and says so",
}
"""What docs/scaling.md says of these engines: tests that fail there, and must."""


@pytest.fixture(autouse=True)
def _known(request: pytest.FixtureRequest) -> None:
    reason = DIFFERENCES.get((request.node.originalname, request.node.callspec.params["server"]))
    if reason:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.fixture(scope="module", params=NAMES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """As the shared one, with the engine that is named."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with running(request.param) as engine:
        settings = city.settings_in(folder, store=engine)
        published = city.City(settings)
        published.publish({**city.TITLES, "fontaines": "Fontaines"})
        published.publish({}, withdrawn=["fontaines"], aliases=[("arbre", "arbres")])
        with Server(settings, folder) as made:
            yield made
