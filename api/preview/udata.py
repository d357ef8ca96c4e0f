"""What data.gouv.fr makes of a DCAT feed: the reading rules of udata 17.18, `udata/harvest/backends/dcat.py`.

Each function names the one of udata that it follows; what they drop is a rule of `files/udata.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode

from api.preview import licences, udata_resources
from api.preview.graph import Graph, Node, Term, iri, text
from api.preview.model import Contact, Harvest, Held, Licence, Notes, Outcome
from api.preview.pages import Page, Walk
from api.preview.rules import Note, rules
from api.preview.tables import rows
from api.preview.udata_coverage import spatial, temporal
from api.preview.udata_urls import admitted
from api.preview.values import RIGHTS, Reader, future, instant
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, GEODCATAP, HYDRA, ORG, OWL, RDFS, SKOS, VCARD

NAME = "udata"
ROLES: dict[NamedNode, str] = {
    DCAT.contactPoint: "contact",
    **{DCT[role]: role for role in ("creator", "publisher", "rightsHolder")},
    **{
        GEODCATAP[role]: role
        for role in (
            "custodian",
            "distributor",
            "originator",
            "principalInvestigator",
            "processor",
            "resourceProvider",
            "user",
        )
    },
}
HVD = {
    "http://data.europa.eu/bna/c_164e0bf5": "Météorologiques",
    "http://data.europa.eu/bna/c_a9135398": "Entreprises et propriété d'entreprises",
    "http://data.europa.eu/bna/c_ac64a52d": "Géospatiales",
    "http://data.europa.eu/bna/c_b79e35eb": "Mobilité",
    "http://data.europa.eu/bna/c_dd313021": "Observation de la terre et environnement",
    "http://data.europa.eu/bna/c_e1da4e07": "Statistiques",
}
_INSPIRE = "http://inspire.ec.europa.eu/theme"
_INSPIRE_SCHEMES = {_INSPIRE, "http://www.eionet.europa.eu/gemet/inspire_themes"}
_INSPIRE_TITLE = "gemet - inspire themes, version 1.0"
_FORMATS = {"ttl", "turtle", "n3", "nt", "rdf", "xml", "owl", "trig", "json", "jsonld", "json-ld", "html", "xhtml"}
_TYPES = {
    *("application/rdf+xml", "application/xml", "text/xml", "text/n3", "application/x-turtle", "text/turtle"),
    *("application/n-triples", "application/ld+json", "application/json", "application/trig"),
}
_LARGE = 15_000_000
_TAG = (3, 96)


def following(graph: Graph) -> str:
    """The next page: of the two kinds of page the first that is there, with its own link (`walk_paginated_graph`)."""
    for kind, link in ((HYDRA.PartialCollectionView, HYDRA.next), (HYDRA.PagedCollection, HYDRA.nextPage)):
        nodes = graph.typed(kind)
        if nodes:
            return text(graph.value(nodes[0], link))
    return ""


class Udata:
    """A portal on udata, in this language, at this moment."""

    def __init__(self, now: datetime, lang: str = "fr") -> None:
        self.now = now
        self.lang = lang
        self.following = following

    def read(self, pages: Walk) -> Harvest:
        """Everything that one harvest takes or leaves: datasets page by page, then services (`inner_harvest`)."""
        items: list[Held] = []
        services: list[tuple[Held, list[tuple[str, str]]]] = []
        notes: list[Note] = []
        known: set[str] = set()
        for page in pages:
            notes += _transport(page)
            reader = Reading(page.graph, self.lang, self.now, page.number)
            items += [_once(held, known) for held in reader.datasets()]
            services += reader.services()
        taken = [h for h in items if h.outcome is Outcome.TAKEN]
        items += [_once(_served(held, served, taken), known) for held, served in services]
        if pages.endless:
            notes.append(Note(rules(NAME)["pages-endless"], pages.endless))
        if pages.size > _LARGE:
            notes.append(Note(rules(NAME)["catalogue-large"], f"{pages.size / 1e6:.1f}"))
        return Harvest(tuple(items), tuple(dict.fromkeys(notes)), pages.read)


def _transport(page: Page) -> Iterator[Note]:
    """What the address and the type of a page do to it (`DcatBackend.format`, `response.text`)."""
    media, _, parameters = page.content_type.partition(";")
    suffix = urlsplit(page.url).path.rpartition(".")[2].lower()
    # rdflib looks at the whole address: a parameter after the suffix hides it, and the type is asked for.
    told = suffix in _FORMATS and not urlsplit(page.url).query
    if page.number == 1 and page.content_type and not told and media.strip() not in _TYPES:
        yield Note(rules(NAME)["format-unknown"], media)
    if media.strip().startswith("text/") and "charset" not in parameters.lower():
        yield Note(rules(NAME)["charset-missing"], media.strip())


def _once(held: Held, known: set[str]) -> Held:
    """The same, rejected where its identifier was met before (`ensure_unique_remote_id`)."""
    if held.outcome is not Outcome.TAKEN:
        return held
    if held.key in known:
        note = Note(rules(NAME)["identifier-twice"], held.key)
        return replace(held, outcome=Outcome.FAILED, notes=(note, *held.notes))
    known.add(held.key)
    return held


def _served(held: Held, served: list[tuple[str, str]], datasets: list[Held]) -> Held:
    """A service with what it serves looked up among the datasets (`dataservice_from_rdf`)."""
    missing = [
        Note(rules(NAME)["served-unknown"], identifier or address)
        for identifier, address in served
        if not any((identifier and d.key.endswith(identifier)) or (address and d.iri == address) for d in datasets)
    ]
    return replace(held, notes=(*held.notes, *missing))


class Reading:
    """One page, read."""

    def __init__(self, graph: Graph, lang: str, now: datetime, page: int) -> None:
        self.graph = graph
        self.now = now
        self.page = page
        self.values = Reader(graph, lang)

    def datasets(self) -> Iterator[Held]:
        """Every dataset and series (`process_one_datasets_page`)."""
        for node in self.graph.typed(DCAT.Dataset, DCAT.DatasetSeries):
            yield self._dataset(node)

    def services(self) -> Iterator[tuple[Held, list[tuple[str, str]]]]:
        """Services that no distribution names, with identifier and IRI of what they serve."""
        for node in self.graph.typed(DCAT.DataService):
            if DCAT.accessService in self.graph.incoming(node):
                continue
            served = self.graph.objects(node, DCAT.servesDataset)
            yield self._service(node), [(text(self.graph.value(d, DCT.identifier)), iri(d)) for d in served]

    def _dataset(self, node: Node) -> Held:
        notes = Notes()
        key = text(self.graph.value(node, DCT.identifier))
        title = self.values.value(node, DCT.title)
        named = Held(key, iri(node), title=title, page=self.page, identifier=key)
        if not title and self.graph.incoming(node) in ([DCAT.servesDataset], [DCT.hasPart]):
            return replace(named, outcome=Outcome.SKIPPED, notes=(_note("dataset-elsewhere"),))
        for missing, name in ((not key, "identifier-missing"), (not title, "title-missing")):
            if missing:
                return replace(named, outcome=Outcome.SKIPPED, notes=(_note(name),))
        resources = udata_resources.resources(self.values, node, notes, self.now)
        held = replace(
            named,
            description=self._description(node, notes),
            licence=self._licence(node, notes),
            tags=self._tags(node, notes),
            hvd=self._hvd(node, notes),
            frequency=self._frequency(node, notes),
            temporal=temporal(self.graph, node, notes, self.now),
            spatial=spatial(self.graph, node, notes),
            contacts=tuple(self._contacts(node, notes)),
            issued=self._date(node, DCT.issued, notes) or self._date(node, DCT.created, notes),
            modified=self._modified(node, notes),
            landing=self._landing(node),
            resources=resources,
            identifier=self.values.value(node, DCT.identifier),
            aliases=tuple(self._aliases(node)),
        )
        if len(self.values.value(node, SKOS.altLabel)) > 128:
            notes.add(_note("acronym-long"))
        return _ended(held, notes)

    def _service(self, node: Node) -> Held:
        notes = Notes()
        key = text(self.graph.value(node, DCT.identifier))
        held = Held(key, iri(node), kind="service", title=self.values.value(node, DCT.title), page=self.page)
        if not key:
            return replace(held, outcome=Outcome.SKIPPED, notes=(_note("identifier-missing"),))
        if not held.title:
            notes.add(_note("service-title-missing"))
        addresses = (iri(node), *(self.values.first(node, p) for p in (DCAT.endpointURL, DCAT.endpointDescription)))
        for address in addresses:
            if address and not admitted(address):
                notes.add(_note("url-refused", address))
        licence = self.values.value(node, DCT.license)
        held = replace(
            held,
            identifier=key,
            description=self.values.value(node, DCT.description) or self.values.value(node, DCT.abstract),
            licence=licences.guess([licence]) if licence else Licence(),
            tags=self._tags(node, notes),
            contacts=tuple(self._contacts(node, notes)),
            landing=self._landing(node),
        )
        return _ended(held, notes)

    def _description(self, node: Node, notes: Notes) -> str:
        best = self.values.best(node, DCT.description) or self.values.best(node, DCT.abstract)
        found = str(best.value).strip() if isinstance(best, Literal) else ""
        if not found:
            notes.add(_note("description-missing"))
        return found

    def _licence(self, node: Node, notes: Notes) -> Licence:
        """`License.guess` over the dataset's licences, its rights, then the licences of distributions."""
        values = self.values
        own = values.unique(node, DCT.license, *RIGHTS)
        files = self.graph.objects(node, DCAT.distribution)
        listed = [values.unique(d, DCT.license, *RIGHTS) for d in files if udata_resources.address(values, d)]
        rights = values.unique(node, DCT.rights, *RIGHTS) or _unanimous(
            [values.unique(d, DCT.rights, *RIGHTS) for d in files if udata_resources.address(values, d)]
        )
        given = [*(own or _unanimous(listed)), *rights, *(one for each in listed for one in each)]
        found = licences.guess(given)
        if not found.id:
            notes.add(_note("licence-unknown" if given else "licence-missing", found.given))
        return found

    def _tags(self, node: Node, notes: Notes) -> tuple[str, ...]:
        """`themes_from_rdf`: keywords, then labels of themes, as slugs of 3 to 96 characters."""
        labels: list[str] = []
        for keyword in self.graph.objects(node, DCAT.keyword):
            if isinstance(keyword, Literal):
                labels.append(str(keyword.value))
            else:
                notes.add(_note("keyword-iri", text(keyword)))
        for theme in self.graph.objects(node, DCAT.theme):
            labels += self._theme(theme, notes)
        found = set()
        for label in labels:
            tag = licences.slug(label)[: _TAG[1]]
            if len(tag) < _TAG[0]:
                notes.add(_note("keyword-short", label))
            else:
                found.add(tag)
        return tuple(sorted(found))

    def _theme(self, theme: Term, notes: Notes) -> Iterator[str]:
        """`theme_labels_from_rdf`."""
        if isinstance(theme, Literal):
            yield str(theme.value)
            return
        if text(theme) in HVD:
            yield from ("hvd", HVD[text(theme)])
            return
        if self._inspire(theme):
            yield "inspire"
        label = self.values.value(theme, SKOS.prefLabel)
        if label:
            yield label
        else:
            notes.add(_note("theme-without-label", text(theme)))

    def _inspire(self, theme: Term) -> bool:
        if text(theme).startswith(_INSPIRE):
            return True
        scheme = self.graph.value(theme, SKOS.inScheme)
        if scheme is None:
            return False
        titles = (self.values.value(scheme, p) for p in (DCT.title, SKOS.prefLabel, RDFS.label))
        return text(scheme) in _INSPIRE_SCHEMES or next((t for t in titles if t), "").lower() == _INSPIRE_TITLE

    def _hvd(self, node: Node, notes: Notes) -> tuple[str, ...]:
        found = tuple(HVD[text(t)] for t in self.graph.objects(node, DCAT.theme) if text(t) in HVD)
        if not found and self.graph.objects(node, DCATAP.hvdCategory):
            notes.add(_note("hvd-not-in-theme"))
        return found

    def _frequency(self, node: Node, notes: Notes) -> str:
        """`frequency_from_rdf`: an IRI of either vocabulary, or the last part of one as a text."""
        given = self.graph.value(node, DCT.accrualPeriodicity)
        if given is None:
            return ""
        listed = {row["iri"]: row["frequency"] for row in rows("udata-frequencies")}
        codes = {address.rpartition("/")[2].lower(): name for address, name in listed.items()}
        value = text(given)
        found = listed.get(value, "")
        if isinstance(given, Literal) and not found:
            found = codes.get(value.lower(), "")
        if not found:
            notes.add(_note("frequency-unknown", value))
        return found

    def _contacts(self, node: Node, notes: Notes) -> Iterator[Contact]:
        """`contact_points_from_rdf` for each role, and what `ContactPoint.validate` lets pass."""
        for predicate, role in ROLES.items():
            for given in self.graph.objects(node, predicate):
                found = self._contact(given, role)
                if not (found.name or found.email or found.url):
                    notes.add(_note("contact-empty", role))
                elif role == "contact" and not (found.email or found.url):
                    notes.add(_note("contact-without-address", found.name))
                elif not found.url or admitted(found.url):
                    yield found

    def _contact(self, given: Term, role: str) -> Contact:
        if isinstance(given, Literal):
            return Contact(role, str(given.value))
        ways = (self._vcard, self._foaf) if role == "contact" else (self._foaf, self._vcard)
        for way in ways:
            name, email, url = way(given)
            if name or email or url:
                return Contact(role, name, email, url)
        return Contact(role)

    def _vcard(self, card: Node) -> tuple[str, str, str]:
        value = self.values.value
        names = ("organization-name", "organisation-name")
        inner = self.graph.value(card, VCARD.org)
        org = value(card, VCARD["organization-name"])
        if not org and isinstance(inner, NamedNode | BlankNode):
            org = next((found for n in names if (found := value(inner, VCARD[n]))), "")
        email = value(card, VCARD.hasEmail) or value(card, VCARD.email)
        url = next((found for n in ("hasURL", "url", "hasUrl") if (found := value(card, VCARD[n]))), "")
        return _called(value(card, VCARD.fn), org), _mail(email), url

    def _foaf(self, agent: Node) -> tuple[str, str, str]:
        value = self.values.value
        name = value(agent, FOAF.name) or value(agent, SKOS.prefLabel)
        org, member = self.graph.value(agent, ORG.memberOf), self.graph.value(agent, FOAF.member)
        if isinstance(org, NamedNode | BlankNode):
            email = value(agent, FOAF.mbox) or value(org, FOAF.mbox)
            return _called(name, value(org, FOAF.name)), _mail(email), ""
        if isinstance(member, NamedNode | BlankNode):
            email = value(member, FOAF.mbox) or value(agent, FOAF.mbox)
            return _called(value(member, FOAF.name), name), _mail(email), ""
        return name, _mail(value(agent, FOAF.mbox)), ""

    def _date(self, node: Node, predicate: NamedNode, notes: Notes) -> str:
        given = self.values.value(node, predicate)
        if given and instant(given) is None:
            notes.add(_note("date-unreadable", given))
        return given

    def _modified(self, node: Node, notes: Notes) -> str:
        """`safe_harvest_datetime`: a date that cannot be, or is still to come, is left out."""
        given = self.values.value(node, DCT.modified)
        if given and instant(given) is None:
            notes.add(_note("modified-unreadable", given))
        elif future(given, self.now):
            notes.add(_note("modified-future", given))
        else:
            return given
        return ""

    def _landing(self, node: Node) -> str:
        """`remote_url_from_rdf`: the landing page, else the IRI, whichever is an address."""
        candidates = (self.values.first(node, DCAT.landingPage), iri(node))
        return next((c for c in candidates if c and admitted(c)), "")

    def _aliases(self, node: Node) -> Iterable[str]:
        for one in self.graph.objects(node, ADMS.identifier):
            yield self.values.serialized(one, (SKOS.notation,))
        yield from (text(o) for o in self.graph.objects(node, OWL.sameAs))


def _ended(held: Held, notes: Notes) -> Held:
    failed = any(n.rule.effect == "fail" for n in notes.found)
    return replace(held, outcome=Outcome.FAILED if failed else Outcome.TAKEN, notes=notes.sorted())


def _unanimous(each: list[list[str]]) -> list[str]:
    """What all distributions say alike (`get_unanimous_dcat_extra`)."""
    return each[0] if each and all(one == each[0] for one in each) else []


def _called(person: str, org: str) -> str:
    return f"{person} ({org})" if person and org else person or org


def _mail(given: str) -> str:
    return given.removeprefix("mailto:").strip()


def _note(name: str, value: str = "") -> Note:
    return Note(rules(NAME)[name], value)
