"""What the operator says for every record of a source, `[source.defaults]`, where the record itself says nothing."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from harvest.graph.model import Node, Statement
from harvest.graph.properties import RULES
from harvest.graph.terms import current
from harvest.graph.work import Group, Work
from harvest.mapping.addresses import emails, mailbox
from harvest.mapping.people import card
from harvest.mapping.statements import iri
from vocab.namespaces import DCAT, DCT
from vocab.themes import themes

_OF_RESOURCES = (
    ("publisher", DCT.publisher, "dct:publisher"),
    ("access_rights", DCT.accessRights, "dct:accessRights"),
)
_OF_DATASETS = (
    ("frequency", DCT.accrualPeriodicity, "dct:accrualPeriodicity"),
    ("language", DCT.language, "dct:language"),
    ("spatial", DCT.spatial, "dct:spatial"),
)


def fill(work: Work) -> None:
    """States the defaults of the source for the resource, each marked on its catalogue record.

    A value that the record states counts as said, even where no rule could use it: the ledger then tells.
    """
    if not work.out.context.defaults:
        return
    root = work.graph.root
    service = work.graph.is_a(root, DCAT.DataService)
    for key, predicate, shown in _OF_RESOURCES + (() if service else _OF_DATASETS):
        if not _says(work, root, predicate) and (value := work.out.default(key, shown)):
            _state(work, root, predicate, value)
    _themes(work)
    _licence(work)
    _contact(work)


def _says(work: Work, one: Node, predicate: NamedNode) -> bool:
    return any((current(s.predicate.value)[0] or s.predicate) == predicate for s in work.graph.about(one))


def _state(work: Work, one: Node, predicate: NamedNode, value: str) -> None:
    """The value goes the way of one that the source states; it has no part in the record's ledger."""
    RULES[predicate.value](work, Group(one, predicate, [Statement(one, predicate, Literal(value))]))


def _themes(work: Work) -> None:
    """The EU data themes alone: words of the operator are no concept of the source's."""
    if not _says(work, work.graph.root, DCAT.theme) and (value := work.out.default("theme", "dcat:theme")):
        for one in themes(value, extra=work.out.context.themes).terms:
            work.add(work.graph.root, DCAT.theme, iri(one.iri))


def _licence(work: Work) -> None:
    """On the resource and on each distribution, where neither it nor any of them states one."""
    found = work.graph.values(work.graph.root, DCAT.distribution)
    holders: list[Node] = [work.graph.root, *(d for d in found if not isinstance(d, Literal))]
    if not any(_says(work, one, DCT.license) for one in holders) and (
        value := work.out.default("licence", "dct:license")
    ):
        for one in holders:
            _state(work, one, DCT.license, value)


def _contact(work: Work) -> None:
    given = work.out.context.defaults
    boxes = emails(given.get("contact_email", ""))
    if boxes and not _says(work, work.graph.root, DCAT.contactPoint):
        work.out.default("contact_email", "dcat:contactPoint")
        card(work.out, given.get("contact_name") or given.get("publisher") or boxes[0], mailbox(boxes[0]))
