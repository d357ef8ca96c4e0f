"""Rules on identity, dates, the catalogue record, and what belongs to the portal alone."""

from __future__ import annotations

from catalog.model import Fate, Note, Text
from harvest.mapping import wording
from harvest.mapping.addresses import address
from harvest.mapping.dates import moment, zone
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Term, iri, node, segment, text
from harvest.ods_record import COPIES
from vocab.frequencies import frequency as find_frequency
from vocab.namespaces import ADMS, DCAT, DCT, FOAF, PROV, SKOS

DATASET, CATALOG_RECORD, TOPIC = node(DCAT.Dataset), node(DCAT.CatalogRecord), node(FOAF.primaryTopic)
IDENTIFIER, OTHER_IDENTIFIER, IDENTIFIER_CLASS = node(DCT.identifier), node(ADMS.identifier), node(ADMS.Identifier)
NOTATION, SOURCE, DERIVED_FROM = node(SKOS.notation), node(DCT.source), node(PROV.wasDerivedFrom)
CREATED, ISSUED, MODIFIED = node(DCT.created), node(DCT.issued), node(DCT.modified)
PERIODICITY = node(DCT.accrualPeriodicity)


def identity(view: Reader, out: Draft) -> None:
    """`dataset_id` → the dataset, its `dct:identifier` as aggregators know it, and its catalogue record."""
    view.take("dataset_id")
    out.statements.typed(out.dataset, DATASET)
    out.add(IDENTIFIER, text(out.identity.identifier))
    out.statements.typed(out.record, CATALOG_RECORD)
    out.statements.add(out.record, TOPIC, out.dataset)


def other_identifiers(view: Reader, out: Draft) -> None:
    """`dataset_uid`, `inspire.file_identifier` → `adms:identifier` with the value as notation."""
    for path, key in (("dataset_uid", "uid"), ("inspire.file_identifier", "inspire")):
        value = view.take_text(path)
        if value:
            made = out.below("identifier", key)
            out.add(OTHER_IDENTIFIER, made)
            out.statements.typed(made, IDENTIFIER_CLASS)
            out.statements.add(made, NOTATION, text(value.strip()))


def timezone(view: Reader, out: Draft) -> None:
    """`default.timezone` → the zone of dates that state none."""
    for i, value in view.take_texts("default.timezone"):
        if zone(value.strip()) is None:
            view.refuse("default.timezone", wording.NO_ZONE, item=i)
        else:
            out.zone = value.strip()


def dates(view: Reader, out: Draft) -> None:
    """`dcat.created`, `dcat.issued`, `default.modified` → `dct:created`, `dct:issued`, `dct:modified`.

    `default.data_processed` is for the distributions. A time without a zone is one of the record's; what lies in the
    future is refused, as udata does.
    """
    for path, predicate in (("dcat.created", CREATED), ("dcat.issued", ISSUED), ("default.modified", MODIFIED)):
        if found := _date(view, out, path):
            out.add(predicate, found)
    out.processed = _date(view, out, "default.data_processed")


def _date(view: Reader, out: Draft, path: str) -> Term:
    value = view.take_text(path)
    if value is None:
        return ""
    found = moment(value, out.zone)
    if found is None:
        view.refuse(path, wording.BAD_DATE)
        return ""
    if found.is_after(out.context.now):
        view.refuse(path, wording.FUTURE_DATE)
        return ""
    return found.term


def source_record(view: Reader, out: Draft) -> None:
    """`default.metadata_processed` → the date of the source's own record, which ours names as its `dct:source`.

    DCAT-AP wants a date on every catalogue record, so that without one the source's is only named.
    """
    processed = _date(view, out, "default.metadata_processed")
    if not out.portal:
        if processed:
            view.refuse("default.metadata_processed", wording.NO_PORTAL)
        return
    theirs = iri(f"{out.portal}/api/explore/v2.1/catalog/datasets/{segment(view.record.id)}")
    if not processed:
        out.statements.add(out.record, DERIVED_FROM, theirs)
        return
    out.statements.add(out.record, SOURCE, theirs)
    out.statements.typed(theirs, CATALOG_RECORD)
    out.statements.add(theirs, TOPIC, out.dataset)
    out.statements.add(theirs, MODIFIED, processed)


_FREQUENCIES = ("dcat_ap.accrualPeriodicity", "dcat.accrualperiodicity", "default.update_frequency")


def frequency(view: Reader, out: Draft) -> None:
    """The first frequency that is understood → `dct:accrualPeriodicity`, of which DCAT-AP takes one."""
    found: Term = ""
    stated = False
    for path in _FREQUENCIES:
        value = view.take(path)
        if value is None:
            continue
        stated = True
        texts = [v for _, v in view.take_texts(path)]
        match = find_frequency("|".join(texts), extra=out.context.frequencies)
        if match.term is None:
            reason = match.reason
            if reason and reason.code == "deliberate":
                view.ignore(path, wording.DELIBERATE)
            else:
                why = Text(reason.fr, reason.en) if reason else wording.NO_FREQUENCY
                view.refuse(path, why, table="frequencies")
        elif found:
            view.ignore(path, wording.SUPERSEDED)
        else:
            found = iri(match.term.iri)
    if not stated and (given := out.default("frequency", "dct:accrualPeriodicity")):
        term = find_frequency(given, extra=out.context.frequencies).term
        found = iri(term.iri) if term else ""
    if found:
        out.add(PERIODICITY, found)


def origin(view: Reader, out: Draft) -> None:
    """`default.source_domain_address` and `.source_dataset` → `prov:wasDerivedFrom`, for datasets of another portal."""
    host = view.take_text("default.source_domain_address") or view.take_text("default.source_domain")
    name = view.take_text("default.source_dataset")
    page = address(f"https://{host.strip()}/explore/dataset/{segment(name.strip())}/") if host and name else None
    if page:
        out.add(DERIVED_FROM, page)
        for path in ("default.source_domain", "default.source_domain_title"):
            if not view.is_claimed(path):
                view.ignore(path, PORTAL_FIELD)
        return
    for path in ("default.source_domain_address", "default.source_domain", "default.source_dataset"):
        view.refuse(path, wording.NO_ORIGIN)


PORTAL_FIELD = Text("réglage ou compteur interne du portail", "internal setting or counter of the portal")
_FLAG = Text(
    "précise comment le portail date ou calcule une autre valeur", "says how the portal dates or derives a value"
)
_ADMISSION = Text("décide de la publication, pas de la description", "decides on publication, not on the description")
_COUNT = Text("décide de l’export SHP\u00a0; change sans cesse", "decides on the SHP export; changes all the time")
_LINKS = Text(
    "adresses de l’API, reconstruites à partir de l’identifiant", "addresses of the API, rebuilt from the identifier"
)

_GROUPS: tuple[tuple[Text, str], ...] = (
    (PORTAL_FIELD, "visualization explore processing publishing exporters internal.domain default.oauth_scope"),
    (PORTAL_FIELD, "default.domain default.staged default.parent_domain default.shared_catalog features"),
    (PORTAL_FIELD, "default.source_domain_title oauth_scope is_access_request_disabled"),
    (_FLAG, "default.modified_updates_on_metadata_change default.modified_updates_on_data_change"),
    (_FLAG, "default.geographic_reference_auto default.geographic_area_mode default.geographic_area"),
    (_FLAG, "default.geometry_types"),
    (_ADMISSION, "data_visible default.federated default.visibility"),
    (_COUNT, "default.records_count"),
    (_LINKS, "links _links"),
    (wording.REPEATED, COPIES),
)
_WITHOUT_PROPERTY = (
    "inspire.type inspire.hierarchy_level inspire.hierarchy_level_name inspire.topologic_consistency "
    "inspire.contact_address inspire.contact_position inspire.identification_purpose inspire.extend_description"
)
_NOTES: dict[str, Note] = {
    **{path: (Fate.IGNORED, "portal_fields", reason, None) for reason, paths in _GROUPS for path in paths.split()},
    **dict.fromkeys(_WITHOUT_PROPERTY.split(), (Fate.UNMAPPED, "portal_fields", wording.NO_PROPERTY, None)),
}


def portal_fields(view: Reader, out: Draft) -> None:
    """Display settings, counters, flags and links of the portal are ignored, each group for its stated reason."""
    view.otherwise(_NOTES)
