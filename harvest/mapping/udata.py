"""Datasets and data services of udata written as graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from catalog.model import Fate, Foreign, Identity, Mapped, Note, Record, Text
from harvest.graph.mapping import map_graph
from harvest.graph.sketch import Sketch, several
from harvest.mapping import udata_people, udata_resources, wording
from harvest.mapping.context import Context
from harvest.mapping.reader import Fields
from harvest.mapping.statements import segment
from harvest.ods_record import is_empty
from harvest.repair.iris import web
from harvest.udata_record import is_service
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, HVD_LEGISLATION
from vocab.places import decode_zone
from vocab.terms import normalise, table

Dataset = Mapping[str, Any]
Rule = Callable[[Dataset, Sketch], None]


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The dataset or data service as DCAT-AP 3. Pure."""
    data = record.data
    view = Fields(data)
    sketch = Sketch(identity.iri, view, language=context.language)
    for rule in SERVICE_RULES if is_service(data) else RULES:
        view.rule = rule.__name__
        rule(data, sketch)
    if not any(s.predicate == DCAT.landingPage for s in sketch.graph.about(sketch.root)) and context.portal:
        kind = "dataservices" if is_service(data) else "datasets"
        sketch.link(sketch.root, DCAT.landingPage, NamedNode(f"{context.portal}/{kind}/{segment(record.name)}/"))
    view.otherwise(_NOTES)
    return map_graph(record, sketch.graph, identity, context, base=context.portal, view=view, language=sketch.language)


def admission(data: Dataset, context: Context) -> Text | None:
    """Why it is not published: private, deleted or archived at its source, or harvested there from this catalogue."""
    for keys, fr, en in _HIDDEN:
        value = next((data[key] for key in keys if data.get(key)), None)
        if value and value not in ("False", "false"):
            when = f" ({value})" if isinstance(value, str) and value not in ("True", "true") else ""
            return Text(f"{fr} à la source{when}.", f"{en} at its source{when}.")
    own = (urlsplit(context.base).hostname or "").lower()
    origin = part(data, "harvest")
    for key in ("domain", "uri", "remote_url", "remote_id", "source_url"):
        value = origin.get(key)
        if own and isinstance(value, str) and _host(value) == own:
            return Foreign(
                f"udata l’a moissonné ici même ({value})\u00a0: le reprendre ferait une boucle.",
                f"udata harvested it from this very catalogue ({value}): taking it back would make a loop.",
            )
    return None


_HIDDEN = (
    (("private",), "Privé", "Private"),
    (("deleted", "deleted_at"), "Supprimé", "Deleted"),
    (("archived", "archived_at"), "Archivé", "Archived"),
)


def _host(value: str) -> str:
    try:
        return (urlsplit(value if "://" in value else f"//{value}").hostname or "").lower()
    except ValueError:
        return ""


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


def names(data: Dataset, to: Sketch) -> None:
    """`title`, `acronym`, `description` in Markdown, `tags`."""
    to.typed(to.root, DCAT.DataService if is_service(data) else DCAT.Dataset)
    to.text(to.root, DCT.title, data.get("title"), "title")
    to.text(to.root, DCT.alternative, data.get("acronym"), "acronym")
    to.text(to.root, DCT.description, data.get("description"), "description")
    if is_empty(data.get("description")):
        to.text(to.root, DCT.description, data.get("description_short"), "description_short")
    tags = data.get("tags")
    for i, tag in enumerate(tags if isinstance(tags, list) else ()):
        to.text(to.root, DCAT.keyword, tag if isinstance(tag, str) else None, "tags", i)


def identifiers(data: Dataset, to: Sketch) -> None:
    """`harvest.dct_identifier`, `harvest.remote_id`, `id`: the identity has chosen one; the others stay beside it."""
    origin = part(data, "harvest")
    for name in ("dct_identifier", "remote_id"):
        to.say(to.root, DCT.identifier, origin.get(name), f"harvest.{name}")
    to.say(to.root, DCT.identifier, data.get("id"), "id")
    if not is_empty(origin.get("uri")):
        to.say(to.root, DCT.identifier, origin.get("uri"), "harvest.uri")
    extras = part(data, "extras")
    for name in ("inspire:identifier", "inspire:resource_identifier"):
        to.say(to.root, ADMS.identifier, extras.get(name), f"extras.{name}")


def dates(data: Dataset, to: Sketch) -> None:
    """The dates that the producer's catalogue gave, else those of udata."""
    origin = part(data, "harvest")
    issued = [("harvest.issued_at", origin.get("issued_at")), ("harvest.created_at", origin.get("created_at"))]
    issued += [(key, data.get(key)) for key in ("created_at", "created_at_internal")]
    changed = [("harvest.modified_at", origin.get("modified_at"))]
    changed += [(k, data.get(k)) for k in ("last_modified", "metadata_modified_at", "last_modified_internal")]
    for predicate, given in ((DCT.issued, issued), (DCT.modified, changed)):
        stated = False
        for path, value in given:
            if stated and not is_empty(value):
                to.view.ignore(path, wording.SUPERSEDED)
            stated = stated or to.say(to.root, predicate, value, path)


def page(data: Dataset, to: Sketch) -> None:
    """`harvest.remote_url`, the producer's own page, else the page of udata."""
    given = [("harvest.remote_url", part(data, "harvest").get("remote_url"))]
    given += [(key, data.get(key)) for key in ("page", "self_web_url")]
    stated = False
    for path, value in given:
        if stated and not is_empty(value):
            to.view.ignore(path, wording.SUPERSEDED)
        stated = stated or (bool(web(str(value)).iris) and to.say(to.root, DCAT.landingPage, value, path))


_FREQUENCIES = {"biannual": "semiannual", "fortnighly": "biweekly"}
"""What these codes, of which one is misspelt, mean in udata."""


def frequency(data: Dataset, to: Sketch) -> None:
    """`frequency`: a code, or an object with one."""
    value = data.get("frequency")
    code = value.get("id") if isinstance(value, dict) else value
    path = "frequency.id" if isinstance(value, dict) else "frequency"
    to.say(to.root, DCT.accrualPeriodicity, _FREQUENCIES.get(str(code), code), path)


def high_value(data: Dataset, to: Sketch) -> None:
    """The badge `hvd`: the law applies; the category is the tag that names one."""
    badges = data.get("badges")
    kinds = [b.get("kind") if isinstance(b, dict) else b for b in (badges if isinstance(badges, list) else ())]
    for i, kind in enumerate(kinds):
        path = "badges.kind" if isinstance(badges[i], dict) else "badges"  # type: ignore[index]  # a list
        if kind != "hvd":
            to.view.refuse(path, NO_BADGE, item=i)
            continue
        to.name(to.root, DCATAP.applicableLegislation, HVD_LEGISLATION, path, i)
        tops = {_slug(t.fr): t for t in table("hvd-category") if not t.broader}
        tags = data.get("tags")
        for tag in several(tags):
            if found := tops.get(_slug(tag)):
                to.link(to.root, DCATAP.hvdCategory, NamedNode(found.iri))


def _slug(words: str) -> str:
    return "-".join(normalise(words).replace("'", " ").replace("-", " ").split())


def plain_fields(data: Dataset, to: Sketch) -> None:
    """`schema` of the whole dataset, `access_type` and why."""
    udata_resources.standard(part(data, "schema"), to, to.root, "schema.", None)
    access = data.get("access_type")
    term = table("access-right").by_code(ACCESS.get(str(access), ""))
    if term:
        to.name(to.root, DCT.accessRights, term.iri, "access_type")
    elif not is_empty(access):
        to.view.refuse("access_type", wording.NO_TERM)
    for name in ("access_type_reason", "rate_limiting"):
        to.text(to.root, DCT.rights, data.get(name), name)


ACCESS = {"open": "PUBLIC", "open_with_account": "RESTRICTED", "restricted": "RESTRICTED"}
"""Who may use something, in the words of udata and of the EU table."""


# ── where and when ───────────────────────────────────────────────────────────────────────────────────────────────────


def places(data: Dataset, to: Sketch) -> None:
    """`spatial.zones`, as identifiers, names or objects, and `spatial.geom`."""
    spatial = part(data, "spatial")
    zones = spatial.get("zones")
    for i, zone in enumerate(zones if isinstance(zones, list) else [zones]):
        code, name = (zone.get("id"), zone.get("name")) if isinstance(zone, dict) else (zone, "")
        path = ("spatial.zones.id" if code else "spatial.zones.name") if isinstance(zone, dict) else "spatial.zones"
        item = i if isinstance(zones, list) else None
        place = decode_zone(str(code)) if isinstance(code, str) else None
        if place and place.iri:
            to.name(to.root, DCT.spatial, place.iri, path, item)
        else:
            to.say(to.root, DCT.spatial, place.name if place else name or code, path, item)
    if not is_empty(spatial.get("geom")):
        to.say(to.root, DCT.spatial, spatial["geom"], "spatial.geom")


def period(data: Dataset, to: Sketch) -> None:
    """`temporal_coverage`, with a start, an end or both."""
    given = part(data, "temporal_coverage")
    if any(not is_empty(given.get(end)) for end in ("start", "end")):
        node = to.blank()
        to.link(to.root, DCT.temporal, node)
        to.say(node, DCAT.startDate, given.get("start"), "temporal_coverage.start")
        to.say(node, DCAT.endDate, given.get("end"), "temporal_coverage.end")


# ── reuses ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def reuses(data: Dataset, to: Sketch) -> None:
    """Each published reuse → a page that refers to the dataset, with what udata says of it."""
    listed = data.get("reuses")
    for i, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict):
            continue
        if any(one.get(key) for key in ("private", "deleted", "archived")):
            to.view.ignore("reuses", HIDDEN, item=i)
            continue
        path = next((k for k in ("page", "url") if lasting(one.get(k))), "")
        if not path:
            to.view.refuse("reuses", wording.BAD_ADDRESS, item=i)
            continue
        node = NamedNode(web(one[path]).iris[0])
        to.link(to.root, DCT.isReferencedBy, node)
        to.typed(node, FOAF.Document)
        to.claim(f"reuses.{path}", i)
        to.text(node, DCT.title, one.get("title"), "reuses.title", i)
        to.text(node, DCT.description, one.get("description"), "reuses.description", i)
        to.say(node, DCT.issued, one.get("created_at"), "reuses.created_at", i)
        to.say(node, DCT.modified, one.get("last_modified"), "reuses.last_modified", i)
        if path == "page":
            to.say(node, DCT.references, one.get("url"), "reuses.url", i)
        maker = one.get("organization")
        if isinstance(maker, dict):
            to.say(node, DCT.creator, maker.get("name"), "reuses.organization.name", i)
        for key in one:
            if not to.view.is_claimed(f"reuses.{key}") and key not in _OF_REUSES:
                to.view.ignore(f"reuses.{key}", NOT_OF_THE_DATASET)


_OF_REUSES = frozenset(("title", "description", "created_at", "last_modified", "url", "page"))


def lasting(value: Any) -> bool:
    """Whether it is a web address of a public host, which can name a thing."""
    return isinstance(value, str) and bool(found := web(value).iris) and udata_resources.is_public(found[0])


# ── data services ────────────────────────────────────────────────────────────────────────────────────────────────────


def service(data: Dataset, to: Sketch) -> None:
    """The addresses of an API, and the datasets that it serves, where their IRIs are known."""
    to.say(to.root, DCAT.endpointURL, data.get("base_api_url"), "base_api_url")
    for name in ("machine_documentation_url", "endpoint_description_url"):
        to.say(to.root, DCAT.endpointDescription, data.get(name), name)
    for name in ("technical_documentation_url", "business_documentation_url"):
        to.say(to.root, FOAF.page, data.get(name), name)
    listed = data.get("datasets")
    for i, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict):
            continue
        if lasting(one.get("iri")):
            to.name(to.root, DCAT.servesDataset, one["iri"], "datasets.iri", i)
        elif lasting(one.get("page")):
            to.name(to.root, DCT.relation, one["page"], "datasets.page", i)


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under a name; empty where there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


RULES: tuple[Rule, ...] = (
    names,
    identifiers,
    dates,
    page,
    frequency,
    high_value,
    plain_fields,
    udata_people.publisher,
    udata_people.contacts,
    places,
    period,
    udata_resources.licence,
    udata_resources.resources,
    reuses,
)
SERVICE_RULES: tuple[Rule, ...] = (
    names,
    identifiers,
    dates,
    page,
    plain_fields,
    udata_people.publisher,
    udata_people.contacts,
    udata_resources.licence,
    service,
)

NO_BADGE = Text("DCAT-AP n’a rien pour cette distinction de udata", "DCAT-AP has nothing for this distinction of udata")
HIDDEN = Text("réutilisation privée, archivée ou supprimée", "a private, archived or deleted reuse")
NOT_OF_THE_DATASET = Text("décrit la réutilisation, pas le jeu de données", "describes the reuse, not the dataset")
_INTERNAL = Text("réglage ou compteur interne de udata", "internal setting or counter of udata")
_ADMISSION = Text("décide de la publication, pas de la description", "decides on publication, not on the description")
_COMMUNITY = Text(
    "ressource de la communauté\u00a0: elle n’est pas du producteur",
    "a resource of the community: it is not the producer's",
)
_GRANULARITY = Text("DCAT-AP n’a rien pour la granularité", "DCAT-AP has nothing for the granularity")
_NOTES: dict[str, Note] = {
    **dict.fromkeys(
        [
            *("metrics", "slug", "uri", "page", "organization", "owner", "featured", "frequency_date", "internal"),
            *("quality", "quality_score", "members", "last_update", "permissions", "metadata_schema", "self_api_url"),
            *("harvest.backend", "harvest.domain", "harvest.source_id", "harvest.source_url", "harvest.last_update"),
            *("harvest.ckan_name", "harvest.ckan_source", "harvest.archived_at", "harvest.archived_reason"),
            *("extras.recommendations", "extras.recommendations:sources", "extras.recommendations-reuses"),
            *("extras.recommendations-externals", "extras.datafairOrigin", "extras.datafairDatasetId"),
            *("resources_count", "main_resources_count", "frequency.label", "description_short", "discussions"),
            *("is_restricted", "has_token", "datasets"),
        ],
        (Fate.IGNORED, "internal", _INTERNAL, None),
    ),
    **dict.fromkeys(
        ("private", "deleted", "archived", "deleted_at", "archived_at"), (Fate.IGNORED, "internal", _ADMISSION, None)
    ),
    "community_resources": (Fate.IGNORED, "internal", _COMMUNITY, None),
    "spatial.granularity": (Fate.UNMAPPED, "places", _GRANULARITY, None),
}
