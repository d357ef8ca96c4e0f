"""CKAN packages written as graphs: the fields of CKAN itself, and those that ckanext-dcat, ckanext-spatial and the
schemas built on them keep in the package or among its extras."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pyoxigraph import NamedNode

from catalog.model import Fate, Foreign, Identity, Mapped, Note, Record, Text
from harvest.ckan_record import field, is_dkan, normalised
from harvest.graph.mapping import map_graph
from harvest.graph.sketch import Sketch, several
from harvest.mapping import ckan_resources, wording
from harvest.mapping.ckan_agents import AGENT, contact, creator, named, publisher
from harvest.mapping.context import Context
from harvest.mapping.reader import Fields
from harvest.mapping.statements import segment
from harvest.ods_record import is_empty, is_geojson
from harvest.repair import texts
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, LOCN, PROV, SCHEMA, SKOS

Package = Mapping[str, Any]
Rule = Callable[[Package, Sketch], None]


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The package as DCAT-AP 3. Pure."""
    package = normalised(record.data)
    view = Fields(package)
    sketch = Sketch(identity.iri, view, language=_language(package, context))
    for rule in RULES:
        view.rule = rule.__name__
        rule(package, sketch)
    _page(package, sketch, context)
    view.otherwise(_NOTES)
    return map_graph(record, sketch.graph, identity, context, base=context.portal, view=view, language=sketch.language)


def _language(package: Package, context: Context) -> str:
    """The language of the package's texts: its only language where it states one, else that of the source."""
    value, _ = field(package, "language", "metadata-language")
    stated = {texts.tag(one.rsplit("/", 1)[-1]).tag for one in several(value)} - {""}
    return stated.pop() if len(stated) == 1 else context.language


def admission(data: Any) -> Text | None:
    """Why a package is not published: private, a draft, deleted, or no dataset."""
    state = data.get("state")
    if data.get("private") in (True, "true", "True") and not is_dkan(data):
        return Text("Jeu de données privé à la source.", "Private at its source.")
    if isinstance(state, str) and state.lower() not in {"active", "published", ""}:
        return Text(
            f"État «\u00a0{state}\u00a0» à la source\u00a0: il n’est pas publié.",
            f"State `{state}` at its source: not published.",
        )
    if data.get("type") in {"harvest", "showcase", "application"}:
        kind = data["type"]
        return Foreign(
            f"C’est un objet «\u00a0{kind}\u00a0» de CKAN, et non un jeu de données.",
            f"A `{kind}` of CKAN, no dataset.",
        )
    return None


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


def names(package: Package, to: Sketch) -> None:
    """`title`, `notes`, their translations; a package without a title is called by its name, as CKAN does."""
    series = str(package.get("type") or "").replace("-", "_") == "dataset_series"
    to.typed(to.root, DCAT.Dataset, *([DCAT.DatasetSeries] if series else []))
    for predicate, key in ((DCT.title, "title"), (DCT.description, "notes")):
        translated = [k for k in (f"{key}_translated", f"{key}-translated") if isinstance(package.get(k), dict)]
        if translated and any(not is_empty(v) for v in package[translated[0]].values()):
            for lang, value in package[translated[0]].items():
                to.say(to.root, predicate, value, f"{translated[0]}.{lang}", lang=lang)
            to.view.ignore(key, wording.REPEATED)
        elif isinstance(package.get(key), dict):
            for lang, value in package[key].items():
                to.say(to.root, predicate, value, f"{key}.{lang}", lang=lang)
        elif not to.text(to.root, predicate, package.get(key), key) and key == "title":
            to.text(to.root, predicate, package.get("name"), "name")


def keywords(package: Package, to: Sketch) -> None:
    """`tags`, their translations, and `keywords` by language."""
    for key in ("tags_translated", "keywords"):
        given = package.get(key)
        for lang, value in given.items() if isinstance(given, dict) else ():
            to.say(to.root, DCAT.keyword, value, f"{key}.{lang}", lang=lang)
    tags = package.get("tags")
    translated = isinstance(package.get("tags_translated"), dict)
    for i, tag in enumerate(tags if isinstance(tags, list) else ()):
        word = (tag.get("display_name") or tag.get("name")) if isinstance(tag, dict) else tag
        if translated:
            to.view.ignore("tags", wording.REPEATED, item=i)
        elif isinstance(tag, dict):
            to.text(to.root, DCAT.keyword, word, "tags.display_name" if tag.get("display_name") else "tags.name", i)
        else:
            to.text(to.root, DCAT.keyword, word, "tags", i)
    value, path = field(package, "tag_string")
    to.text(to.root, DCAT.keyword, value, path)


def themes(package: Package, to: Sketch) -> None:
    """`theme` and its kin, and the titles of `groups`."""
    for name in ("theme", "theme_eu", "theme_es", "dcat_theme"):
        value, path = field(package, name)
        for one in several(value):
            to.text(to.root, DCAT.theme, one, path)
    groups = package.get("groups")
    for i, group in enumerate(groups if isinstance(groups, list) else ()):
        if isinstance(group, dict):
            key = next((k for k in ("title", "display_name", "name") if not is_empty(group.get(k))), "")
            label = group.get(key)
            if isinstance(label, dict):
                label = label.get(to.language) or next((v for v in label.values() if v), "")
            if key:
                to.text(to.root, DCAT.theme, label, f"groups.{key}", i)


def identifiers(package: Package, to: Sketch) -> None:
    """`identifier`, `guid`, `id`: the identity has chosen one of them; the others stay beside it."""
    for name in ("identifier", "guid", "id"):
        value, path = field(package, name)
        to.say(to.root, DCT.identifier, value, path)
    value, path = field(package, "alternate_identifier", "alternative_identifier")
    for one in value if isinstance(value, list) and value and isinstance(value[0], dict) else ():
        to.say(to.root, ADMS.identifier, one.get("identifier"), path)
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        to.say(to.root, ADMS.identifier, several(value), path)
    value, path = field(package, "uri")
    if not is_empty(value):
        to.claim(path, None)


# ── simple fields ────────────────────────────────────────────────────────────────────────────────────────────────────

_ONE: tuple[tuple[NamedNode, tuple[str, ...]], ...] = (
    (DCAT.version, ("version", "dcat_version")),
    (DCT.accrualPeriodicity, ("frequency", "accrual_periodicity", "frequency-of-update", "updateInterval")),
    (DCT.provenance, ("provenance", "lineage")),
    (DCT.accessRights, ("access_rights",)),
    (DCT.type, ("dcat_type",)),
    (DCAT.temporalResolution, ("temporal_resolution",)),
    (DCAT.spatialResolutionInMeters, ("spatial_resolution_in_meters",)),
    (ADMS.versionNotes, ("version_notes",)),
)
_MANY: tuple[tuple[NamedNode, tuple[str, ...]], ...] = (
    (DCT.language, ("language", "metadata-language")),
    (FOAF.page, ("documentation",)),
    (DCT.conformsTo, ("conforms_to",)),
    (DCT.isReferencedBy, ("is_referenced_by",)),
    (DCT.relation, ("related_resource",)),
    (DCAT.hasVersion, ("has_version",)),
    (DCAT.isVersionOf, ("is_version_of",)),
    (DCT.source, ("source",)),
    (ADMS["sample"], ("sample",)),
    (DCATAP.applicableLegislation, ("applicable_legislation",)),
    (DCATAP.hvdCategory, ("hvd_category",)),
    (DCAT.inSeries, ("in_series",)),
)


def plain_fields(package: Package, to: Sketch) -> None:
    """Fields that are one property each, with one value or several."""
    for predicate, keys in _ONE:
        value, path = field(package, *keys)
        as_text = predicate in (DCT.provenance, DCT.accessRights, ADMS.versionNotes)
        (to.text if as_text else to.say)(to.root, predicate, value, path)
    for predicate, keys in _MANY:
        value, path = field(package, *keys)
        to.say(to.root, predicate, several(value), path)


def dates(package: Package, to: Sketch) -> None:
    """`issued`, `modified`, `created`; else CKAN's own dates of the metadata, which are in UTC."""
    for predicate, stated, own in (
        (DCT.issued, ("issued", "dcat_issued", "dateFirstPublished"), "metadata_created"),
        (DCT.modified, ("modified", "dcat_modified", "dateLastUpdated"), "metadata_modified"),
    ):
        value, path = field(package, *stated)
        if not to.say(to.root, predicate, value, path):
            to.say(to.root, predicate, ckan_resources.in_utc(package.get(own)), own)
    value, path = field(package, "created")
    to.say(to.root, DCT.created, value, path)


# ── where and when ───────────────────────────────────────────────────────────────────────────────────────────────────

_SIDES = ("bbox-west-long", "bbox-south-lat", "bbox-east-long", "bbox-north-lat")


def places(package: Package, to: Sketch) -> None:
    """`spatial`, `spatial_uri`, `spatial_text`, `spatial_coverage`, and the four sides that ckanext-spatial keeps."""
    uri, uri_path = field(package, "spatial_uri")
    for one in several(uri):
        to.say(to.root, DCT.spatial, one, uri_path)
    label, label_path = field(package, "spatial_text", "geographical_names", "spatialRelationship")
    to.text(to.root, DCT.spatial, label, label_path)
    geometry, path = field(package, "spatial")
    sides = [field(package, side) for side in _SIDES]
    if not is_empty(geometry):
        words = json.dumps(geometry) if is_geojson(geometry) else geometry
        to.say(to.root, DCT.spatial, words, path)
        for value, side in sides:
            if not is_empty(value):
                to.view.ignore(side, wording.SUPERSEDED)
    elif all(not is_empty(value) for value, _ in sides):
        box = ",".join(str(value).strip() for value, _ in sides)
        for _, side in sides:
            to.say(to.root, DCT.spatial, box, side)
    for name in ("spatial_coverage", "spatial_centroid", "spatial_bbox"):
        listed = package.get(name)
        for i, one in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(one, dict):
                node = named(one.get("uri"), to)
                to.link(to.root, DCT.spatial, node)
                to.typed(node, DCT.Location)
                if not is_empty(one.get("uri")):
                    to.claim(f"{name}.uri", i)
                to.text(node, SKOS.prefLabel, one.get("text"), f"{name}.text", i)
                for key, prop in (("geom", LOCN.geometry), ("bbox", DCAT.bbox), ("centroid", DCAT.centroid)):
                    to.say(node, prop, one.get(key), f"{name}.{key}", i)


def periods(package: Package, to: Sketch) -> None:
    """`temporal_start` and `temporal_end`, `temporal_coverage`, or a period in words."""
    start, start_path = field(package, "temporal_start", "temporal_coverage-from", "temporal-extent-begin")
    end, end_path = field(package, "temporal_end", "temporal_coverage-to", "temporal-extent-end")
    if not is_empty(start) or not is_empty(end):
        node = to.blank()
        to.link(to.root, DCT.temporal, node)
        to.say(node, DCAT.startDate, several(start)[:1], start_path)
        to.say(node, DCAT.endDate, several(end)[:1], end_path)
    listed = package.get("temporal_coverage")
    for i, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            node = to.blank()
            to.link(to.root, DCT.temporal, node)
            to.say(node, SCHEMA.startDate, one.get("start"), "temporal_coverage.start", i)
            to.say(node, SCHEMA.endDate, one.get("end"), "temporal_coverage.end", i)
    words, path = field(package, "temporal", "temporal_text", "timeRange", "temporal_coverage")
    if isinstance(words, str):
        to.say(to.root, DCT.temporal, words, path)


# ── relations ────────────────────────────────────────────────────────────────────────────────────────────────────────


def relations(package: Package, to: Sketch) -> None:
    """`qualified_relation` and `qualified_attribution`, lists of objects."""
    listed = package.get("qualified_relation")
    for i, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict) and not is_empty(one.get("relation")):
            node = named(one.get("uri"), to)
            to.link(to.root, DCAT.qualifiedRelation, node)
            to.say(node, DCT.relation, one.get("relation"), "qualified_relation.relation", i)
            to.say(node, DCAT.hadRole, one.get("role"), "qualified_relation.role", i)
    listed = package.get("qualified_attribution")
    for i, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            node = to.blank()
            to.link(to.root, PROV.qualifiedAttribution, node)
            to.say(node, DCAT.hadRole, one.get("role"), "qualified_attribution.role", i)
            who = one.get("agent")
            for person in who if isinstance(who, list) else [who]:
                if isinstance(person, dict):
                    agent = named(person.get("uri"), to)
                    to.link(node, PROV.agent, agent)
                    for key, prop in AGENT:
                        to.say(agent, prop, person.get(key), "qualified_attribution.agent", i)


def _page(package: Package, to: Sketch, context: Context) -> None:
    """`url` → landing page; without one, the dataset's page at the portal."""
    value, path = field(package, "url", "landing_page")
    if not to.say(to.root, DCAT.landingPage, value, path) and context.portal:
        name = package.get("name") or package.get("id")
        if isinstance(name, str) and name:
            to.link(to.root, DCAT.landingPage, NamedNode(f"{context.portal}/dataset/{segment(name)}"))


RULES: tuple[Rule, ...] = (
    names,
    identifiers,
    keywords,
    themes,
    plain_fields,
    dates,
    publisher,
    creator,
    contact,
    places,
    periods,
    relations,
    ckan_resources.licence,
    ckan_resources.resources,
)

_INTERNAL = Text("réglage ou compteur interne de CKAN", "internal setting or counter of CKAN")
_ADMISSION = Text("décide de la publication, pas de la description", "decides on publication, not on the description")
_NOTES: dict[str, Note] = {
    **dict.fromkeys(
        [
            "num_tags",
            "num_resources",
            "creator_user_id",
            "owner_org",
            "isopen",
            "relationships_as_object",
            "relationships_as_subject",
            "tracking_summary",
            "revision_id",
            "revision_timestamp",
            "organization",
            "groups",
            "tags",
            "name",
            "type",
            "metadata_created",
            "metadata_modified",
            "validation_schemas",
            "schema",
            "extras.harvest_object_id",
            "extras.harvest_source_id",
            "extras.harvest_source_title",
            "extras.openness_score",
            "extras.openness_score_last_checked",
            "extras.INSPIRE",
            "extras.import_source",
            "extras.UKLP",
            "extras.resource-type",
            "extras.metadata-date",
            "num_followers",
            "log_message",
            "ratings_average",
            "ratings_count",
            "extras.harvest_catalogue_name",
            "extras.harvest_catalogue_url",
            "rating",
        ],
        (Fate.IGNORED, "internal", _INTERNAL, None),
    ),
    **dict.fromkeys(("private", "state"), (Fate.IGNORED, "internal", _ADMISSION, None)),
}
