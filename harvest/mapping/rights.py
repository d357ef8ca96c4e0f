"""Rules on what may be done with a dataset: licence, rights statements, access rights, attributions."""

from __future__ import annotations

import hashlib

from catalog.model import Text
from harvest.mapping import wording
from harvest.mapping.addresses import address
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Term, iri, node, text
from harvest.mapping.text import one_line
from vocab.alignment import Reason
from vocab.licences import licence as find_licence
from vocab.namespaces import AUTHORITY, DCT, RDFS
from vocab.terms import table

LICENCE, RIGHTS, ACCESS = node(DCT.license), node(DCT.rights), node(DCT.accessRights)
STATEMENT, LABEL, SEE_ALSO = node(DCT.RightsStatement), node(RDFS.label), node(RDFS.seeAlso)
PUBLIC = node(AUTHORITY["access-right/PUBLIC"])

_LICENCE_ID, _LICENCE, _URL = "internal.license_id", "default.license", "default.license_url"
OPEN = frozenset(("domain", "public"))


def licence(view: Reader, out: Draft) -> None:
    """`internal.license_id`, `default.license` and `.license_url` → `dct:license` where the EU table has it.

    The words of the source stay as a rights statement, recognised or not, its address as `rdfs:seeAlso`.
    """
    identifier = view.take_text(_LICENCE_ID)
    words = view.take_text(_LICENCE)
    url = view.take_text(_URL)
    if identifier or words or url:
        found = find_licence(words, url=url, license_id=identifier, extra=out.context.licences)
        if found.term:
            out.licence = iri(found.term.iri)
        else:
            _refuse_licence(view, found.reason, bool(words))
        _licence_text(view, out, words or identifier, url)
    elif given := out.default("licence", "dct:license"):
        term = find_licence(given, extra=out.context.licences).term
        out.licence = iri(term.iri) if term else ""
    if out.licence:
        out.add(LICENCE, out.licence)


def _refuse_licence(view: Reader, reason: Reason | None, words: bool) -> None:
    """The first value that is given carries the reason; a city's line that leaves it open on purpose settles it."""
    path = next(p for p in (_LICENCE, _LICENCE_ID, _URL) if view.get(p) is not None)
    why = as_text(reason) if reason else wording.NO_LICENCE
    if reason and reason.code == "deliberate":
        view.ignore(path, why)
    else:
        view.refuse(path, wording.joined(why, wording.KEPT_AS_RIGHTS) if words else why, table="licences")


def as_text(reason: Reason) -> Text:
    """A vocabulary's reason as the ledger keeps it."""
    return Text(reason.fr, reason.en)


def _licence_text(view: Reader, out: Draft, words: str | None, url: str | None) -> None:
    label = one_line(words) if words else ""
    page = address(url) if url else None
    if url and page is None:
        view.refuse(_URL, wording.BAD_ADDRESS)
    if label or page:
        out.rights = _statement(out, label, "rights")
        if page:
            out.statements.add(out.rights, SEE_ALSO, page)


def _statement(out: Draft, label: str, *key: str) -> Term:
    made = out.below(*key)
    out.statements.typed(made, STATEMENT)
    if label:
        out.statements.add(made, LABEL, text(label, out.tag))
    out.add(RIGHTS, made)
    return made


def local_rights(view: Reader, out: Draft) -> None:
    """`dcat_ap_ch.rights`, `dublin_core.rights` → a rights statement of its own."""
    for template in ("dcat_ap_ch", "dublin_core"):
        for i, value in view.take_texts(f"{template}.rights"):
            _attribute(view, out, f"{template}.rights", i, value)


def attributions(view: Reader, out: Draft) -> None:
    """`default.attributions` → `dct:rights` of the dataset, one statement for each line that re-users must show.

    Distributions take one statement at most, and carry that of the licence.
    """
    for i, value in view.take_texts("default.attributions"):
        _attribute(view, out, "default.attributions", i, value)


def _attribute(view: Reader, out: Draft, path: str, item: int, value: str) -> None:
    label = one_line(value)
    if not label:
        view.refuse(path, wording.EMPTY_TEXT, item=item)
        return
    digest = hashlib.sha1(label.encode(), usedforsecurity=False).hexdigest()[:12]
    _statement(out, label, "rights", digest)


def access_rights(view: Reader, out: Draft) -> None:
    """`dcat.accessRights` → `dct:accessRights`; else public, where the portal shows the dataset to everybody.

    What was read without signing in and is stated to be visible to the domain is public.
    """
    value = view.take_text("dcat.accessRights")
    found = table("access-right").find(value) if value else None
    if value and not found:
        view.refuse("dcat.accessRights", wording.NO_ACCESS_RIGHT)
    visible = view.take("visibility")
    if found:
        out.access = iri(found.iri)
    elif value is None and isinstance(visible, str) and visible.strip().lower() in OPEN:
        out.access = PUBLIC
    elif value is None and (given := out.default("access_rights", "dct:accessRights")):
        known = table("access-right").find(given)
        out.access = iri(known.iri) if known else ""
    if out.access:
        out.add(ACCESS, out.access)
