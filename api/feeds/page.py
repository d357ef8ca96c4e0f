"""The statements of one page: self-contained, its datasets whole, one page node."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyoxigraph import NamedNode

from api.errors import NotPublished
from api.feeds.catalogues import Catalogue
from api.feeds.hydra import hydra
from api.feeds.sheets import Sheets
from catalog.archive import View
from catalog.assembly import document_lines
from catalog.lines import joined, lines_in, lines_of
from catalog.model import Description
from catalog.settings import Settings
from vocab.namespaces import DCAT, DCT, RDF, SPDX
from vocab.text import Text

_CHECKSUM = {f"<{SPDX[name].value}>".encode() for name in ("checksum", "algorithm", "checksumValue")}
_IS_CHECKSUM = [f"<{RDF.type.value}>".encode(), f"<{SPDX.Checksum.value}> .".encode()]
_SERVICE = f"> <{DCAT.service.value}> <".encode()
_SERVES = f" <{DCAT.servesDataset.value}> <".encode()


def page_lines(
    settings: Settings, catalogue: Catalogue, sheets: Sheets, number: int, at: Callable[[int], str]
) -> list[bytes]:
    """The lines of page `number`, some perhaps twice, whose address and whose neighbours' `at` gives.

    Raises `NotPublished` where a dataset that belongs on the page is not found: a short page would be taken for whole.
    """
    view, extent = sheets.view, sheets.extent
    iris = sheets.page(number)
    described = view.many(iris)
    if len(described) != len(iris):
        raise short(view.release, len(iris), len(described))
    last = number == extent.pages
    services = list(catalogue.services) if last else []
    about = [line for line in catalogue.about if last or _SERVICE not in line]
    if not settings.serve.checksums:
        described = [_without_checksums(d) for d in described]
    found = document_lines(settings, view, [*described, *services], catalogue_iri=catalogue.iri, about=about)
    found += _stubs(view, iris, services)
    found += lines_of(hydra(catalogue.iri, at, number=number, pages=extent.pages, total=extent.datasets))
    return found


def _without_checksums(described: Description) -> Description:
    if b"spdx.org" not in described.canonical:
        return described
    lines = [line for line in lines_in(described.canonical) if b"spdx.org" not in line or not _of_checksum(line)]
    return Description(described.iri, described.kind, described.slug, joined(lines))


def _of_checksum(line: bytes) -> bool:
    """Whether a line is about a checksum: udata cannot store an xsd:hexBinary, and loses the dataset over it."""
    _, predicate, rest = line.split(b" ", 2)
    return predicate in _CHECKSUM or [predicate, rest] == _IS_CHECKSUM


def _stubs(view: View, iris: Sequence[str], services: Sequence[Description]) -> set[bytes]:
    """Identifiers of the datasets that services serve and that other pages describe: readers look them up here."""
    served: set[str] = set()
    for service in services:
        served |= {line.rpartition(b" <")[2][:-3].decode() for line in lines_in(service.canonical) if _SERVES in line}
    found: set[bytes] = set()
    for dataset in view.many(sorted(served - set(iris))):
        start = f"<{dataset.iri}> {NamedNode(DCT.identifier.value)} ".encode()
        found.update(line for line in lines_in(dataset.canonical) if line.startswith(start))
    return found


def short(release: int, stated: int, found: int) -> NotPublished:
    """The error for a release, or a page of it, that has fewer datasets than it should."""
    return NotPublished(
        Text(
            f"L’édition {release} annonce {stated} jeux de données et en retrouve {found}.",
            f"Release {release} states {stated} datasets and finds {found}.",
        ),
        Text("«\u00a0garonne doctor\u00a0» en dit plus.", "`garonne doctor` says more."),
    )
