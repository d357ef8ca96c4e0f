"""Keywords: INSPIRE themes, concepts of other thesauri, categories of high-value datasets, free words."""

from __future__ import annotations

import re

from pyoxigraph import NamedNode

from harvest.iso.document import Element, find, first, href, value
from harvest.iso.writer import Writer
from harvest.rdf.names import unchecked
from vocab.namespaces import DCAT, DCATAP, GEODCATAP, HVD_LEGISLATION, SKOS
from vocab.terms import table

_HVD = re.compile(r"https?://data\.europa\.eu/bna/c_\w+\Z")
_LEGISLATION = re.compile(r"https?://data\.europa\.eu/eli/")
_THEME = re.compile(r"https?://inspire\.ec\.europa\.eu/theme/([a-z]{2})(?:[:/#.].*)?\Z")
_CATEGORY = re.compile(r"https?://inspire\.ec\.europa\.eu/metadata-codelist/SpatialDataServiceCategory/(\w+)\Z")
_THEMES_OF = re.compile(r"inspire\s+themes|th[eè]mes\s+inspire", re.IGNORECASE)
_NAMES = (
    "humanInteractionService humanCatalogueViewer humanGeographicViewer infoManagementService infoFeatureAccessService "
    "infoMapAccessService infoCoverageAccessService infoSensorDescriptionService infoProductAccessService "
    "infoFeatureTypeService infoCatalogueService infoRegistryService infoGazetteerService infoOrderHandlingService "
    "infoStandingOrderService spatialProcessingService comEncodingService comTransferService "
    "comGeographicCompressionService"
)
_CATEGORIES = frozenset(_NAMES.split())
"""INSPIRE's service categories (Regulation 1205/2008, D.4) that catalogues give as plain keywords."""


def keywords(w: Writer) -> None:
    """Every keyword, by what its thesaurus and its address say that it is."""
    for group in w.find("descriptiveKeywords/*"):
        thesaurus = value(first(group, "thesaurusName/*/title"))
        for one in find(group, "keyword"):
            if value(one) or href(one):
                _keyword(w, one, thesaurus)


def _keyword(w: Writer, one: Element, thesaurus: str) -> None:
    address, words = href(one), value(one)
    w.view.take(*w.view.below(one))
    if _HVD.match(address):
        w.link(w.root, DCATAP.hvdCategory, address, one)
    elif _LEGISLATION.match(address) or words == HVD_LEGISLATION:
        w.link(w.root, DCATAP.applicableLegislation, address or words, one)
    elif theme := _inspire_theme(address, words, thesaurus):
        w.add(w.root, DCAT.theme, NamedNode(theme), one)
    elif category := _service_category(w, address, words):
        w.link(w.root, GEODCATAP.serviceCategory, category, one)
    elif re.match(r"https?://", address):
        _concept(w, address, one)
    else:
        w.texts(w.root, DCAT.keyword, one)


def _inspire_theme(address: str, words: str, thesaurus: str) -> str:
    """The INSPIRE theme that a keyword is, by its address, or by its label where the thesaurus is theirs."""
    found = _THEME.match(address)
    if found:
        return f"http://inspire.ec.europa.eu/theme/{found[1]}"
    known = table("inspire-theme").find(words) if _THEMES_OF.search(thesaurus) and words else None
    return known.iri if known else ""


def _service_category(w: Writer, address: str, words: str) -> str:
    if not w.is_service or w.graph.values(w.root, GEODCATAP.serviceCategory):
        return ""
    found = _CATEGORY.match(address)
    if found is None and words not in _CATEGORIES:
        return ""
    return address if found else f"http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceCategory/{words}"


def _concept(w: Writer, address: str, one: Element) -> None:
    """A concept of a thesaurus: a theme, with its name in the languages that the record has."""
    concept = unchecked(address)
    w.add(w.root, DCAT.theme, concept, one)
    w.typed(concept, SKOS.Concept)
    w.texts(concept, SKOS.prefLabel, one)
