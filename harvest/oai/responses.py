"""The answers of an OAI-PMH repository: what it is, the formats it has, pages of records, errors (section 3.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.errors import ResponseInvalid
from catalog.model import Text
from harvest.documents import xml
from harvest.iso.document import Element, find, first, local, value

NO_RECORDS = "noRecordsMatch"
ERRORS = {
    "badArgument": Text("un argument manque ou n’est pas admis", "an argument is missing or not allowed"),
    "badResumptionToken": Text(
        "le jeton de reprise est inconnu ou périmé", "the resumption token is unknown or has expired"
    ),
    "badVerb": Text("le verbe n’est pas admis", "the verb is not allowed"),
    "cannotDisseminateFormat": Text(
        "le format de métadonnées demandé n’est pas offert", "the metadata format that was asked for is not offered"
    ),
    "idDoesNotExist": Text("l’identifiant est inconnu", "the identifier is unknown"),
    NO_RECORDS: Text("aucune fiche ne correspond", "no record matches"),
    "noMetadataFormats": Text("aucun format de métadonnées", "no metadata formats"),
    "noSetHierarchy": Text("l’entrepôt n’a pas d’ensembles", "the repository has no sets"),
}
"""The error conditions of the protocol, in words."""


def tree(body: bytes, *, what: str) -> Element:
    """The root of an answer. `ResponseInvalid` for what is no answer of the protocol; faulty XML is read as far as it
    goes only where its list of records ends."""
    try:
        root = xml.tree(body, what=what)
    except ResponseInvalid as e:
        if "well-formed" not in e.message or b"</OAI-PMH>" not in body[-200:]:
            raise
        root = xml.tree(body, what=what, recover=True)
    if local(root) != "OAI-PMH":
        raise ResponseInvalid(
            f"it is no answer of an OAI-PMH repository (its root is «{local(root)}»).",
            what=what,
            hint="Check the address: it is the base URL of the repository, without `?verb=…`.",
        )
    return root


def error(root: Element) -> tuple[str, Text] | None:
    """Code and words of the first error in an answer that says more than that there are no records."""
    for one in find(root, "error"):
        known = one.get("code", "")
        told = ERRORS.get(known, Text("erreur de l’entrepôt", "an error of the repository"))
        own = f" («{(one.text or '').strip()[:200]}»)" if (one.text or "").strip() else ""
        return known, Text(f"{told.fr}\u00a0: {known}{own}", f"{told.en}: {known}{own}")
    return None


def checked(root: Element, *, what: str) -> Element:
    """The root again. `ResponseInvalid`, in words, for an error other than that there are no records."""
    found = error(root)
    if found and found[0] != NO_RECORDS:
        hint = "Start again: it is valid for a while only." if found[0] == "badResumptionToken" else ""
        raise ResponseInvalid(f"the repository answers with an error: {found[1].en}.", what=what, hint=hint)
    return root


@dataclass(frozen=True, slots=True)
class Item:
    """One record: its identifier and datestamp, whether it is deleted, and the element that its metadata is in."""

    id: str
    datestamp: str
    deleted: bool
    metadata: Element | None


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one answer, the token for the next (empty at the end), the size of the whole list if given."""

    items: list[Item]
    token: str
    size: int | None


def page(root: Element) -> Page:
    """The records in the answer to ListRecords or GetRecord."""
    items = []
    for one in find(root, "ListRecords/record", "GetRecord/record"):
        header = first(one, "header")
        deleted = header is not None and header.get("status") == "deleted"
        inside = first(one, "metadata/*")
        items.append(Item(value(first(header, "identifier")), value(first(header, "datestamp")), deleted, inside))
    held = first(root, "ListRecords/resumptionToken")
    size = held.get("completeListSize", "") if held is not None else ""
    return Page(items, value(held), int(size) if re.fullmatch(r"\d{1,12}", size) else None)


@dataclass(frozen=True, slots=True)
class Repository:
    """What Identify says: the name, how deletions are told (`no`, `transient`, `persistent`), how exact times are."""

    name: str
    deletions: str
    granularity: str


def repository(root: Element) -> Repository:
    """The repository that an answer to Identify describes."""
    names = ("repositoryName", "deletedRecord", "granularity")
    return Repository(*(value(first(root, f"Identify/{name}")) for name in names))


def formats(root: Element) -> dict[str, str]:
    """The metadata formats of an answer to ListMetadataFormats: prefix to namespace."""
    return {
        value(first(one, "metadataPrefix")): value(first(one, "metadataNamespace"))
        for one in find(root, "ListMetadataFormats/metadataFormat")
    }


def preferred(offered: dict[str, str]) -> str:
    """The format that says most of a dataset: DCAT, then ISO 19115, then Dublin Core; empty where none is read."""
    for wanted in (r"dcat", r"^rdf$|22-rdf-syntax-ns", r"isotc211|19115/-3|^iso191", r"^oai_dc$"):
        for prefix, namespace in offered.items():
            if re.search(wanted, prefix, re.IGNORECASE) or re.search(wanted, namespace, re.IGNORECASE):
                return prefix
    return ""
