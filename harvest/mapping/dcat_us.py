"""Datasets of a `data.json` written as graphs: DCAT-US 1.1 (Project Open Data) and DCAT-US 3, as found in the wild.

Fields are those of https://resources.data.gov/resources/dcat-us/ and of its successor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pyoxigraph import NamedNode

from catalog.identifiers import Minter, slugify
from catalog.model import Fate, Identity, Mapped, Note, Record, Text
from harvest.graph.mapping import map_graph
from harvest.graph.sketch import Sketch, several
from harvest.mapping import dcat_us_distributions as distributions
from harvest.mapping import dcat_us_extent, wording
from harvest.mapping.context import Context
from harvest.mapping.dcat_us_extent import listed
from harvest.mapping.reader import Fields
from harvest.ods_record import is_empty
from harvest.repair import texts
from vocab.namespaces import ADMS, DCAT, DCT, FOAF, VCARD
from vocab.terms import table

Dataset = Mapping[str, Any]
Rule = Callable[[Dataset, Sketch], None]


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The dataset, series or data service as DCAT-AP 3. Pure."""
    view = Fields(record.data)
    data, holes = without_placeholders(record.data)
    sketch = Sketch(identity.iri, view, language=_language(data, context))
    for rule in RULES:
        view.rule = rule.__name__
        rule(data, sketch)
    _series(data, sketch, context)
    for path, item in holes:
        view.refuse(path, PLACEHOLDER, item=item)
    view.otherwise(_NOTES)
    return map_graph(record, sketch.graph, identity, context, base=context.portal, view=view, language=sketch.language)


def _language(data: Dataset, context: Context) -> str:
    """The only language that the dataset states, else that of the source."""
    stated = {texts.tag(one).tag for one in several(data.get("language"))} - {""}
    return stated.pop() if len(stated) == 1 else context.language


def admission(data: Dataset) -> Text | None:
    """Why it is not published: its `accessLevel` keeps it from the public."""
    level = str(data.get("accessLevel") or "").strip().lower()
    if level in ("", "public", "restricted public", "restricted", "{{access}}"):
        return None
    return Text(
        f"Niveau d’accès «\u00a0{level}\u00a0» à la source\u00a0: il n’est pas public.",
        f"Access level `{level}` at its source: not public.",
    )


_HOLE = re.compile(r"\{\{[^{}]*\}\}")


def without_placeholders(data: Any) -> tuple[Any, list[tuple[str, int | None]]]:
    """The same without texts that hold a placeholder which a template never filled, and where these stood."""
    holes: list[tuple[str, int | None]] = []
    return _filled(data, "", None, holes), holes


def _filled(value: Any, path: str, item: int | None, holes: list[tuple[str, int | None]]) -> Any:
    if isinstance(value, str) and _HOLE.search(value):
        holes.append((path, item))
        return None
    if isinstance(value, dict):
        return {k: _filled(v, f"{path}.{k}" if path else k, item, holes) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, path, i if item is None else item, holes) for i, v in enumerate(value)]
    return value


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


def names(data: Dataset, to: Sketch) -> None:
    """`title`, `description`, `keyword`, `theme`; the class by `@type`."""
    kind = str(data.get("@type") or "").rpartition(":")[2]
    if kind == "DataService":
        to.typed(to.root, DCAT.DataService)
    else:
        to.typed(
            to.root, DCAT.Dataset, *([DCAT.DatasetSeries] if kind == "DatasetSeries" or data.get("isSeries") else [])
        )
    for predicate, key in ((DCT.title, "title"), (DCT.description, "description"), (DCT.alternative, "alternative")):
        say_text(data.get(key), to, predicate, key)
    for i, word in listed(data.get("keyword")):
        say_text(word, to, DCAT.keyword, "keyword", i)
    for key in ("theme", "category"):
        for i, theme in listed(data.get(key)):
            if isinstance(theme, dict):
                label = next((k for k in ("prefLabel", "@id", "notation") if not is_empty(theme.get(k))), "")
                if label:
                    to.text(to.root, DCAT.theme, theme[label], f"{key}.{label}", i)
            else:
                to.text(to.root, DCAT.theme, theme, key, i)


def say_text(value: Any, to: Sketch, predicate: NamedNode, path: str, item: int | None = None) -> None:
    """A text, a number, or JSON-LD's objects with a value and its language."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and "@value" in one:
            lang = str(one.get("@language") or to.language)
            to.say(to.root, predicate, one["@value"], path, item, lang=lang)
        else:
            to.text(to.root, predicate, one, path, item)


def identifiers(data: Dataset, to: Sketch) -> None:
    """`identifier`, in DCAT-US 3 with `otherIdentifier`."""
    for predicate, key in ((DCT.identifier, "identifier"), (ADMS.identifier, "otherIdentifier")):
        for i, one in listed(data.get(key)):
            item = i if isinstance(data.get(key), list) else None
            if isinstance(one, dict):
                part = next((k for k in ("notation", "@id", "@value") if not is_empty(one.get(k))), "")
                to.say(to.root, predicate, one.get(part), f"{key}.{part}", item)
            else:
                to.say(to.root, predicate, one, key, item)
    if not is_empty(data.get("@id")):
        to.say(to.root, DCT.identifier, data["@id"], "@id")


def dates(data: Dataset, to: Sketch) -> None:
    """`issued`, `modified`; a `modified` such as `R/P1D` says how often, not when."""
    to.say(to.root, DCT.issued, data.get("issued"), "issued")
    to.say(to.root, DCT.created, data.get("created"), "created")
    changed = data.get("modified")
    if isinstance(changed, str) and changed.strip().upper().startswith("R/P"):
        if is_empty(data.get("accrualPeriodicity")):
            to.say(to.root, DCT.accrualPeriodicity, changed, "modified")
        else:
            to.view.ignore("modified", wording.SUPERSEDED)
    else:
        to.say(to.root, DCT.modified, changed, "modified")


_PLAIN = (
    (DCT.accrualPeriodicity, "accrualPeriodicity"),
    (DCT.language, "language"),
    (DCAT.landingPage, "landingPage"),
    (FOAF.page, "describedBy"),
    (FOAF.page, "page"),
    (DCT.conformsTo, "conformsTo"),
    (DCT.references, "references"),
    (DCT.relation, "relation"),
    (DCT.relation, "systemOfRecords"),
    (DCT.source, "source"),
    (DCT.isReferencedBy, "isReferencedBy"),
    (DCAT.inSeries, "inSeries"),
    (DCAT.version, "version"),
    (DCAT.hasVersion, "hasVersion"),
    (DCAT.isVersionOf, "isVersionOf"),
    (DCT.replaces, "replaces"),
    (DCAT.temporalResolution, "temporalResolution"),
    (DCAT.spatialResolutionInMeters, "spatialResolutionInMeters"),
    (ADMS.status, "status"),
    (DCAT.endpointURL, "endpointURL"),
    (DCAT.endpointDescription, "endpointDescription"),
    (DCAT.servesDataset, "servesDataset"),
)
"""Codes and addresses: one property each, with one value or several."""


def plain_fields(data: Dataset, to: Sketch) -> None:
    """Fields that are one property each."""
    for predicate, key in _PLAIN:
        for i, one in listed(data.get(key)):
            item = i if isinstance(data.get(key), list) else None
            if isinstance(one, dict):
                part = next((k for k in _NAMES if not is_empty(one.get(k))), "")
                if part:
                    to.say(to.root, predicate, one[part], f"{key}.{part}", item)
            else:
                to.say(to.root, predicate, one, key, item)
    for predicate, key in ((DCT.rights, "rights"), (DCT.provenance, "provenance"), (ADMS.versionNotes, "versionNotes")):
        for i, one in listed(data.get(key)):
            item = i if isinstance(data.get(key), list) else None
            label = (one.get("label") or one.get("rdfs:label")) if isinstance(one, dict) else one
            to.text(to.root, predicate, label, f"{key}.label" if isinstance(one, dict) else key, item)


_NAMES = ("@id", "accessURL", "url", "identifier", "prefLabel", "title", "notation")
"""Under which member an object of DCAT-US 3 has what stands for it, the most telling first."""
_LEVELS = {"public": "PUBLIC", "restricted public": "RESTRICTED", "restricted": "RESTRICTED"}


def access(data: Dataset, to: Sketch) -> None:
    """`accessLevel`, in DCAT-US 3 `accessRights`."""
    level = table("access-right").by_code(_LEVELS.get(str(data.get("accessLevel") or "").strip().lower(), ""))
    if level:
        to.name(to.root, DCT.accessRights, level.iri, "accessLevel")
    given = data.get("accessRights")
    if isinstance(given, dict):
        part = next((k for k in ("@id", "prefLabel", "label") if not is_empty(given.get(k))), "")
        to.say(to.root, DCT.accessRights, given.get(part), f"accessRights.{part}")
    else:
        to.say(to.root, DCT.accessRights, given, "accessRights")


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def agents(data: Dataset, to: Sketch) -> None:
    """`publisher`, `creator` and their kin: a name, or an object with one."""
    for predicate, key in (
        (DCT.publisher, "publisher"),
        (DCT.creator, "creator"),
        (DCT.contributor, "contributor"),
        (DCT.rightsHolder, "rightsHolder"),
    ):
        for i, one in listed(data.get(key)):
            item = i if isinstance(data.get(key), list) else None
            if not isinstance(one, dict):
                to.say(to.root, predicate, one, key, item)
                continue
            part = next((k for k in ("name", "prefLabel", "fn", "title") if not is_empty(one.get(k))), "")
            to.say(to.root, predicate, one.get(part), f"{key}.{part}", item)
            for other in one:
                if other.startswith("subOrganizationOf"):
                    to.view.refuse(f"{key}.{other}", PARENT, item=item)


_CARD = (
    (VCARD.fn, "fn"),
    (VCARD["organization-name"], "organization-name"),
    (VCARD.hasEmail, "hasEmail"),
    (VCARD.hasEmail, "email"),
    (VCARD.hasTelephone, "hasTelephone"),
    (VCARD.hasTelephone, "tel"),
    (VCARD.hasURL, "hasURL"),
    (VCARD.title, "title"),
)


def contacts(data: Dataset, to: Sketch) -> None:
    """`contactPoint`: a card with name and address, or several."""
    for i, one in listed(data.get("contactPoint")):
        item = i if isinstance(data.get("contactPoint"), list) else None
        if not isinstance(one, dict):
            to.say(to.root, DCAT.contactPoint, one, "contactPoint", item)
        elif any(not is_empty(one.get(key)) for _, key in _CARD):
            node = to.blank()
            to.link(to.root, DCAT.contactPoint, node)
            to.typed(node, VCARD.Kind)
            for predicate, key in _CARD:
                to.say(node, predicate, one.get(key), f"contactPoint.{key}", item)


# ── relations ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _series(data: Dataset, to: Sketch, context: Context) -> None:
    """`isPartOf` names a dataset by its identifier: that is a series, and this is in it.

    The series is named by its IRI, else by the one that this catalogue makes of its name.
    """
    name = data.get("series")
    if is_empty(data.get("isPartOf")):
        return
    if not isinstance(name, str) or not name:
        to.view.refuse("isPartOf", NO_SERIES)
        return
    to.name(to.root, DCAT.inSeries, name if "://" in name else Minter(context.base).dataset(slugify(name)), "isPartOf")
    to.claim("series", None)


RULES: tuple[Rule, ...] = (
    names,
    identifiers,
    dates,
    plain_fields,
    access,
    agents,
    contacts,
    dcat_us_extent.places,
    dcat_us_extent.periods,
    distributions.licence,
    distributions.distributions,
)

PLACEHOLDER = Text(
    "emplacement d’un modèle jamais rempli ({{…}})", "placeholder of a template that was never filled ({{…}})"
)
PARENT = Text("le répertoire des organismes dit à quoi chacun appartient", "the register says what a body is a part of")
NO_SERIES = Text(
    "aucun jeu de données du document ne porte cet identifiant", "no dataset of the document has this identifier"
)
_FEDERAL = Text(
    "code de l’administration fédérale des États-Unis\u00a0: DCAT-AP n’a rien pour cela",
    "code of the US federal administration: DCAT-AP has nothing for it",
)
_TECHNICAL = Text(
    "description technique du service, ou réglage d’ArcGIS",
    "technical description of the service, or setting of ArcGIS",
)
_TYPE = Text(
    "type d’un document joint\u00a0: DCAT-AP n’a rien pour cela",
    "type of a document beside: DCAT-AP has nothing for it",
)
_CLASS = Text("dit de quoi il s’agit", "says what it is")
_NOTES: dict[str, Note] = {
    **dict.fromkeys(
        ("bureauCode", "programCode", "primaryITInvestmentUII", "dataQuality"),
        (Fate.UNMAPPED, "federal", _FEDERAL, None),
    ),
    **dict.fromkeys(("describedByType", "distribution.describedByType"), (Fate.UNMAPPED, "media", _TYPE, None)),
    "attributes": (Fate.IGNORED, "internal", _TECHNICAL, None),
    **dict.fromkeys(
        ("@type", "@context", "isSeries", "series", "accessLevel", "contactPoint.@type", "publisher.@type"),
        (Fate.IGNORED, "class", _CLASS, None),
    ),
    **dict.fromkeys(
        ("distribution.@type", "spatial.@type", "temporal.@type", "theme.@type", "license.@type"),
        (Fate.IGNORED, "class", _CLASS, None),
    ),
}
