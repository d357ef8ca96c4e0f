"""The page node: Hydra's paging in both of its vocabularies on one node, because readers know one or the other.

udata and CKAN look for `hydra:PartialCollectionView` first, piveau for `hydra:PagedCollection`; all want the totals on
the node that has the links.
"""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import Literal, NamedNode, Triple

from catalog.paging import PAGE
from vocab.namespaces import HYDRA, RDF, XSD

_LINKS = (
    ("first", HYDRA.first, HYDRA.firstPage),
    ("previous", HYDRA.previous, HYDRA.previousPage),
    ("next", HYDRA.next, HYDRA.nextPage),
    ("last", HYDRA.last, HYDRA.lastPage),
)


def hydra(catalogue: str, at: Callable[[int], str], *, number: int, pages: int, total: int) -> list[Triple]:
    """The statements on page `number` of `pages`, whose addresses `at` gives. The last page has no next."""
    node = NamedNode(at(number))
    targets = {"first": 1, "previous": number - 1, "next": number + 1, "last": pages}
    found = [
        Triple(NamedNode(catalogue), HYDRA.view, node),
        Triple(node, RDF.type, HYDRA.PartialCollectionView),
        Triple(node, RDF.type, HYDRA.PagedCollection),
        Triple(node, HYDRA.totalItems, Literal(str(total), datatype=XSD.integer)),
        Triple(node, HYDRA.itemsPerPage, Literal(str(PAGE), datatype=XSD.integer)),
    ]
    for name, view_link, collection_link in _LINKS:
        if 1 <= targets[name] <= pages:
            target = NamedNode(at(targets[name]))
            found += [Triple(node, view_link, target), Triple(node, collection_link, target)]
    return found
