"""Properties whose values are things with a structure: distributions, services, checksums, identifiers."""

from __future__ import annotations

import re

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.graph.model import Node, Statement
from harvest.graph.values import _link, thing
from harvest.graph.words import clues
from harvest.graph.work import Group, Work, digest
from harvest.mapping import wording
from harvest.mapping.statements import Term, blank, iri, literal, node, text
from harvest.repair import iris, rules
from vocab.namespaces import ADMS, DCAT, PROV, SKOS, SPDX, XSD
from vocab.terms import table
from vocab.terms import term as known_term


def nodes(kind: str, *classes: NamedNode):  # type: ignore[no-untyped-def]  # a handler
    """The rule for a property whose values are things of a class, which the source describes or names."""

    def handle(work: Work, group: Group) -> None:
        for s in group.statements:
            value = s.object
            if isinstance(value, Literal):
                for made in _link(work, group, s):
                    work.typed(made, *classes)
                continue
            if isinstance(value, BlankNode) and value not in work.names:
                work.mint(kind, value)
            if isinstance(value, NamedNode) and not work.graph.describes(value):
                for made in _link(work, group, s):
                    work.typed(made, *classes)
            else:
                work.typed(thing(work, group, s), *classes)

    return handle


# ── distributions ────────────────────────────────────────────────────────────────────────────────────────────────────


def distributions(work: Work, group: Group) -> None:
    """`dcat:distribution`: a name that follows from the addresses, where the source gives no IRI of its own."""
    for s in group.statements:
        value = s.object
        if isinstance(value, Literal) or (isinstance(value, NamedNode) and not work.graph.describes(value)):
            _bare_distribution(work, group, s)
            continue
        if value not in work.names and not _lasting(value):
            work.mint("distribution", value, *_addresses(work, value))
            if list(work.names.values()).count(work.names[value]) > 1:
                work.mint("distribution", value)
        made = thing(work, group, s)
        work.typed(made, DCAT.Distribution)
        downloads = work.graph.values(value, DCAT.downloadURL, DCAT.downloadUrl)
        if not work.graph.values(value, DCAT.accessURL, DCAT.accessUrl, DCAT.accessURI) and downloads:
            for one in downloads:
                for address in iris.web(one.value, work.base).iris if not isinstance(one, BlankNode) else ():
                    work.add(value, DCAT.accessURL, iri(address))


def _lasting(value: Node) -> bool:
    """Whether it is an absolute http(s) IRI, or another that names the thing for good."""
    if isinstance(value, BlankNode) or iris.original(value.value) is not None:
        return False
    return not value.value.startswith("file:") and bool(iris.name(value.value).iris)


def _addresses(work: Work, value: Node) -> tuple[str, ...]:
    found = work.graph.values(value, DCAT.downloadURL, DCAT.accessURL, DCAT.downloadUrl, DCAT.accessUrl)
    return tuple(sorted(v.value for v in found if not isinstance(v, BlankNode)))


def _bare_distribution(work: Work, group: Group, s: Statement) -> None:
    """A distribution of which nothing but its address is known."""
    value = s.object
    fixed = iris.web(value.value, work.base) if not isinstance(value, BlankNode) else iris.NOTHING
    if not fixed.iris:
        work.refuse(s, "bad-address", wording.BAD_ADDRESS)
        return
    made = iri(fixed.iris[0])
    if isinstance(value, Literal):
        made = work.out.below("distribution", digest(fixed.iris[0]))
        work.into.add(made, node(DCAT.accessURL), iri(fixed.iris[0]))
    work.typed(made, DCAT.Distribution)
    work.say(group, s, made, *fixed.rules)


# ── small things ─────────────────────────────────────────────────────────────────────────────────────────────────────


def checksums(work: Work, group: Group) -> None:
    """`spdx:checksum`: a blank node stays one, its label follows from the value."""
    for s in group.statements:
        if isinstance(s.object, Literal):
            work.refuse(s, "checksum", wording.NO_ALGORITHM)
            continue
        if isinstance(s.object, BlankNode):
            work.names[s.object] = blank(work.out.identity.iri, "checksum", work.content(s.object))
        made = work.term(s.object)
        work.say(group, s, made)
        work.typed(made, SPDX.Checksum)
        work.follow(s.object)


def algorithms(work: Work, group: Group) -> None:
    """`spdx:algorithm`: the SPDX term; an IRI of another list stays."""
    for s in group.statements:
        found = next((t for c in clues(work, s) if (t := _algorithm(c))), None)
        if isinstance(s.object, NamedNode) and known_term(s.object.value):
            work.say(group, s, str(s.object))
        elif found:
            work.say(group, s, iri(found), rules.VOCABULARY)
        elif isinstance(s.object, NamedNode) and (fixed := iris.name(s.object.value, work.base)).iris:
            work.say(group, s, iri(fixed.iris[0]), *fixed.rules)
        else:
            work.refuse(s, "checksum", wording.NO_ALGORITHM)


_ALGORITHM = re.compile(r"(md|sha|blake|adler)[^a-z0-9]*(\d[\d-]*)\Z")


def _algorithm(value: str) -> str:
    """The SPDX term of `SHA-256`, `md5`, `…#checksumAlgorithm_sha1`, `…/hashAlgorithms/md/5`."""
    found = _ALGORITHM.search(value.strip().lower())
    known = table("checksum-algorithm").by_code(found[1] + found[2].replace("-", "")) if found else None
    return known.iri if known else ""


def checksum_values(work: Work, group: Group) -> None:
    """`spdx:checksumValue`: `xsd:hexBinary`."""
    for s in group.statements:
        value = s.object.value.strip() if isinstance(s.object, Literal) else ""
        if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", value):
            made = literal(value, XSD.hexBinary)
            work.say(group, s, made, *(() if str(s.object) == made else (rules.NUMBER,)))
        else:
            work.refuse(s, "checksum", wording.BAD_NUMBER)


def other_identifiers(work: Work, group: Group) -> None:
    """`adms:identifier`: an `adms:Identifier` each; a bare text becomes the notation of one."""
    for s in group.statements:
        value = s.object
        if isinstance(value, NamedNode) and work.graph.describes(value):
            work.typed(thing(work, group, s), ADMS.Identifier)
        elif isinstance(value, BlankNode):
            work.mint("identifier", value)
            work.typed(thing(work, group, s), ADMS.Identifier)
        else:
            words = iris.original(value.value) or value.value
            notation = (
                literal(words, value.datatype)
                if isinstance(value, Literal) and value.datatype != XSD.string
                else text(words)
            )
            identifier(work, notation, words)
            work.account.repaired(s, *group.rules, rules.AS_STATEMENT)


def identifier(work: Work, notation: Term, key: str) -> None:
    """One more identifier of the resource."""
    made = work.out.below("identifier", digest(key))
    work.add(work.graph.root, ADMS.identifier, made)
    work.typed(made, ADMS.Identifier)
    work.into.add(made, node(SKOS.notation), notation)


ATTRIBUTION, ACTIVITY = PROV.Attribution, PROV.Activity
