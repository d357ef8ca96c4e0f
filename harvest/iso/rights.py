"""Constraints: who may see the resource, and under which licence or conditions it may be used.

INSPIRE's technical guidance (2.0, C.17 and C.18) gives limitations on public access and conditions of use as other
constraints of a legal constraint; older records write them as use limitations in words.
"""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode

from catalog.model import Text
from harvest.graph.model import Value
from harvest.iso.document import Element, code, find, href, value
from harvest.iso.writer import Writer
from harvest.rdf.names import unchecked
from vocab.licences import licence
from vocab.namespaces import DCATAP, DCT, HVD_LEGISLATION, RDFS

_ACCESS = re.compile(
    r"https?://inspire\.ec\.europa\.eu/(?:metadata-codelist|registry/[\w/-]*)/?LimitationsOnPublicAccess/(\w+)"
)
_ACCESS_WORDS = re.compile(
    r"restriction[s]? d.acc[eè]s public|limitations? on public access|no limitations?\b|article 13", re.IGNORECASE
)
_FREE_WORDS = re.compile(r"pas de restriction d.acc[eè]s public|no limitations? (?:on|to) public access", re.IGNORECASE)
_PUBLIC = NamedNode("http://publications.europa.eu/resource/authority/access-right/PUBLIC")
_POINTERS = frozenset(("otherRestrictions", "otherRestrictons"))
UNCLASSIFIED = Text("pas de restriction de sécurité", "no security restriction")
POINTER = Text("renvoie aux autres contraintes", "points to the other constraints")


def rights(w: Writer) -> None:
    """Access rights, licence and other rights of the resource."""
    access: list[tuple[Value, Element]] = []
    use: list[tuple[Value, Element]] = []
    for block in w.find("resourceConstraints/*"):
        for_access = [e for e in find(block, "accessConstraints") if code(e)]
        for_use = [e for e in find(block, "useConstraints") if code(e)]
        for one in find(block, "otherConstraints"):
            for found in _values(w, one):
                only_access = bool(for_access) and not for_use
                (access if _is_access(found, one, only_access=only_access) else use).append((found, one))
        for one in find(block, "useLimitation"):
            for found in _values(w, one):
                (access if _FREE_WORDS.match(value(one)) else use).append((found, one))
        for one in find(block, "reference/*/title"):
            use += [(found, one) for found in _values(w, one)]
        for one in (*for_access, *for_use):
            if code(one) in _POINTERS or find(block, "otherConstraints", "useLimitation"):
                w.view.ignore_element(one, POINTER)
            else:
                use.append((Literal(code(one)), one))
        for one in find(block, "classification"):
            if code(one) == "unclassified":
                w.view.ignore_element(one, UNCLASSIFIED)
            elif code(one):
                use.append((Literal(code(one)), one))
    _access(w, access)
    _use(w, use)


def _values(w: Writer, one: Element) -> list[Value]:
    address = href(one)
    if re.match(r"https?://", address):
        made = unchecked(address)
        if address == HVD_LEGISLATION:
            w.add(w.root, DCATAP.applicableLegislation, made, one)
            return []
        if "inspire.ec.europa.eu/" not in address:
            w.texts(made, RDFS.label, one)
        return [made]
    return [words for words, _ in w.languages.texts(one)[:1]]


def _is_access(found: Value, one: Element, *, only_access: bool) -> bool:
    if isinstance(found, NamedNode) and _ACCESS.match(found.value):
        return True
    if licence(value(one), url=href(one) or None).term:
        return False
    return only_access or bool(_ACCESS_WORDS.search(value(one)) and len(value(one)) < 300)


def _access(w: Writer, found: list[tuple[Value, Element]]) -> None:
    """One `dct:accessRights`, the most certain; the others are rights. No limitation at all is public access."""
    found.sort(key=lambda f: not (isinstance(f[0], NamedNode) and _ACCESS.match(f[0].value)))
    for i, (one, held) in enumerate(found):
        known = _ACCESS.match(one.value) if isinstance(one, NamedNode) else None
        free = (known is not None and known[1] == "noLimitations") or bool(_FREE_WORDS.match(value(held)))
        if i == 0 and free:
            w.add(w.root, DCT.accessRights, _PUBLIC, held)
            w.add(w.root, DCT.rights, one, held)
        else:
            w.add(w.root, DCT.rights if i else DCT.accessRights, one, held)


def _use(w: Writer, found: list[tuple[Value, Element]]) -> None:
    """The licence, which the distributions repeat: the first value that is one, else the first address."""
    chosen = next((f for f in found if _is_licence(f)), None)
    chosen = chosen or next((f for f in found if isinstance(f[0], NamedNode)), None)
    for one, held in found:
        if chosen is not None and held is chosen[1] and one == chosen[0]:
            w.view.take(held)
            w.licence.append((one, held))
        else:
            w.add(w.root, DCT.rights, one, held)


def _is_licence(found: tuple[Value, Element]) -> bool:
    one, held = found
    return bool(licence(value(held) or None, url=one.value if isinstance(one, NamedNode) else None).term)
