"""The six verbs (OAI-PMH 2.0, section 4), answered from the exact descriptions of one release."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from api.errors import NotPublished
from api.oai import dublin_core, tokens
from api.oai.arguments import TOKEN, Asked
from api.oai.errors import Code, ProtocolError
from api.oai.records import documents, rdf
from api.oai.sets import Sets
from api.oai.tokens import Token
from api.oai.xml import leaf, leaves, schema_location, tag
from api.published import Published
from catalog.archive import View
from catalog.changes import Change, Changes, Period
from catalog.settings import Settings
from vocab.namespaces import RDF
from vocab.text import Text

RECORDS, HEADERS = 100, 500
"""How many records, or headers, one answer gives."""
FORMATS: dict[str, tuple[str, str]] = {
    "oai_dc": (dublin_core.SCHEMA_AT, dublin_core.NAMESPACE),
    "dcat_ap": ("http://www.openarchives.org/OAI/2.0/rdf.xsd", RDF.base),
}
"""By prefix, where a schema of the format is, and its namespace. RDF/XML has no schema that could check it; that of the
protocol's own guidelines is named because an address is asked for."""
_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_DOMAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+")
"""What a namespace of the `oai` scheme looks like (its guidelines, section 2.1)."""


class Repository:
    """The answers to one request, in one language; `base` is the base IRI of the catalogue."""

    def __init__(self, settings: Settings, published: Published, lang: str) -> None:
        self.settings = settings
        self.published = published
        self.lang = lang
        self.base = settings.catalog.base
        self.host = urlsplit(self.base).hostname or ""
        self.sets = Sets(self.base, lang)
        self.release = published.required()
        self.view = published.view(self.release)

    def answer(self, asked: Asked) -> str:
        """The element that the verb is answered with. Raises `ProtocolError`."""
        verbs: dict[str, Callable[[Asked], str]] = {
            "GetRecord": self._record,
            "Identify": self._identify,
            "ListIdentifiers": self._list,
            "ListMetadataFormats": self._formats,
            "ListRecords": self._list,
            "ListSets": self._sets,
        }
        return tag(asked.verb, verbs[asked.verb](asked))

    # ── the repository ───────────────────────────────────────────────────────────────────────────────────────────

    def _identify(self, asked: Asked) -> str:
        titles = self.settings.catalog.title
        name = titles.get(self.lang) or next(iter(titles.values()), "") or self.host
        return "".join(
            (
                leaf("repositoryName", name),
                leaf("baseURL", f"{self.base}oai"),
                leaf("protocolVersion", "2.0"),
                leaf("adminEmail", self._email()),
                leaf("earliestDatestamp", stamp(Changes(self.view).earliest())),
                leaf("deletedRecord", "persistent"),
                leaf("granularity", "YYYY-MM-DDThh:mm:ssZ"),
                *(leaf("compression", coding) for coding in ("gzip", "br")),
                self._scheme(),
            )
        )

    def _email(self) -> str:
        """The publisher's address; else that which every web server has (RFC 2142, section 5)."""
        given = str(self.settings.catalog.publisher.get("email", ""))
        return given or f"webmaster@{self.host if '.' in self.host else f'{self.host}.invalid'}"

    def _scheme(self) -> str:
        """How identifiers are made, where the host is one that the `oai` scheme takes."""
        first = Changes(self.view).page(Period(1, self.view.release), limit=1)
        if not _DOMAIN.fullmatch(self.host) or not first:
            return ""
        location = schema_location(_IDENTIFIER, f"{_IDENTIFIER}.xsd")
        parts = {
            "scheme": "oai",
            "repositoryIdentifier": self.host,
            "delimiter": ":",
            "sampleIdentifier": self._name(first[0].slug),
        }
        inner = "".join(leaf(name, text) for name, text in parts.items())
        return tag("description", tag("oai-identifier", inner, xmlns=_IDENTIFIER, **location))

    def _formats(self, asked: Asked) -> str:
        name = asked.get("identifier")
        if name and self._change(name).gone:
            raise ProtocolError(
                Code.NO_METADATA_FORMATS,
                Text(
                    f"«\u00a0{name}\u00a0» est retiré\u00a0: il n’a plus de métadonnées.",
                    f"`{name}` is deleted: it has no metadata.",
                ),
            )
        return "".join(
            tag(
                "metadataFormat",
                leaf("metadataPrefix", prefix),
                leaf("schema", schema),
                leaf("metadataNamespace", namespace),
            )
            for prefix, (schema, namespace) in FORMATS.items()
        )

    def _sets(self, asked: Asked) -> str:
        if asked.get(TOKEN):
            raise tokens.bad_token(
                Text("La liste des ensembles est donnée entière.", "The list of sets is given whole.")
            )
        found = self.sets.all(self.view)
        if not found:
            raise _no_sets()
        return "".join(tag("set", leaf("setSpec", s.spec), leaf("setName", s.name)) for s in found)

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _name(self, slug: str) -> str:
        return f"oai:{self.host}:{slug}"

    def _change(self, name: str) -> Change:
        """The last change of the item with this identifier."""
        slug = name.removeprefix(self._name(""))
        found = Changes(self.view).of(slug) if slug != name else None
        if found is None:
            raise ProtocolError(
                Code.ID_DOES_NOT_EXIST,
                Text(
                    f"Rien ne porte ici l’identifiant «\u00a0{name[:200]} »\u00a0; ils commencent par "
                    f"{self._name('')}.",
                    f"Nothing here has the identifier `{name[:200]}`; they begin with {self._name('')}.",
                ),
            )
        return found

    def _record(self, asked: Asked) -> str:
        prefix = _prefix(asked.get("metadataPrefix"))
        return self._records(self.view, [self._change(asked.get("identifier"))], prefix)

    def _list(self, asked: Asked) -> str:
        given = asked.get(TOKEN)
        token = tokens.parse(given, asked.verb) if given else self._begin(asked)
        if given:
            self._resume(token)
        changes = Changes(self.view)
        period = self._period(token)
        size = token.size if given else changes.count(period)
        limit = RECORDS if asked.verb == "ListRecords" else HEADERS
        page = changes.page(period, after=(token.after, token.slug), limit=limit)
        if not page:
            raise ProtocolError(
                Code.NO_RECORDS_MATCH,
                Text("Aucune fiche ne correspond à cette demande.", "No record matches this request."),
            )
        write = self._records if asked.verb == "ListRecords" else self._headers
        return write(self.view, page, token.prefix) + _resumption(token, page, size)

    def _begin(self, asked: Asked) -> Token:
        """The place before the first record of a new list."""
        prefix = _prefix(asked.get("metadataPrefix"))
        period = Changes(self.view).between(asked.start, asked.end)
        release = self.view.release
        return Token(asked.verb, prefix, release, period.low, period.high, asked.get("set"), 0, "", 0, 0)

    def _resume(self, token: Token) -> None:
        """Goes back to the release that a list began on."""
        kept = {r.number: r for r in self.published.listed()}
        if token.release not in kept:
            raise tokens.bad_token(
                Text(
                    f"L’édition {token.release}, dont la liste donne l’état, n’est plus conservée.",
                    f"Release {token.release}, which the list is of, is no longer kept.",
                )
            )
        self.release = kept[token.release]
        self.view = self.published.view(self.release)

    def _period(self, token: Token) -> Period:
        if not token.set:
            return Period(token.low, token.high)
        found = self.sets.named(token.set, self.view)
        if found is None:
            if not self.sets.all(self.view):
                raise _no_sets()
            raise ProtocolError(
                Code.NO_RECORDS_MATCH,
                Text(
                    f"Il n’y a pas d’ensemble «\u00a0{token.set} »\u00a0; ListSets les donne.",
                    f"There is no set `{token.set}`; ListSets lists them.",
                ),
            )
        return Period(token.low, token.high, found.facet, found.value)

    def _headers(self, view: View, page: list[Change], prefix: str) -> str:
        return "".join(self._header_of(view, page).values())

    def _header_of(self, view: View, page: list[Change]) -> Mapping[str, str]:
        facets = Changes(view).facets(page)
        return {
            one.slug: tag(
                "header",
                leaf("identifier", self._name(one.slug)),
                leaf("datestamp", stamp(one.moment)),
                leaves("setSpec", self.sets.specs(facets.get(one.slug, ()))),
                **({"status": "deleted"} if one.gone else {}),
            )
            for one in page
        }

    def _records(self, view: View, page: list[Change], prefix: str) -> str:
        metadata = self._metadata(view, [one.iri for one in page if not one.gone], prefix)
        page = [one if one.gone or one.iri in metadata else self._taken_down(one) for one in page]
        headers = self._header_of(view, page)
        return "".join(
            tag("record", headers[one.slug], "" if one.gone else tag("metadata", metadata[one.iri])) for one in page
        )

    def _taken_down(self, missing: Change) -> Change:
        """The withdrawal, as the current release has it, of a dataset that was purged from that which a list is of."""
        current = self.published.required()
        found = Changes(self.published.view(current)).of(missing.slug)
        if found is None or not found.gone:
            raise NotPublished(
                Text(
                    f"L’édition {self.view.release} ne retrouve pas tous ses jeux de données.",
                    f"Release {self.view.release} does not find all of its datasets.",
                ),
                Text("«\u00a0garonne doctor\u00a0» en dit plus.", "`garonne doctor` says more."),
            )
        return found

    def _metadata(self, view: View, iris: Iterable[str], prefix: str) -> dict[str, str]:
        """What is disclosed of those of these datasets that the release describes, by IRI."""
        iris = list(iris)
        found = {}
        for dataset, statements in documents(self.base, view, view.many(iris)):
            whole = prefix == "dcat_ap"
            found[dataset.iri] = rdf(statements) if whole else dublin_core.dublin_core(dataset, statements, self._first)
        return found

    @property
    def _first(self) -> str:
        """The catalogue's first language: records do not change with who asks."""
        return self.settings.catalog.languages[0]


def stamp(moment: datetime) -> str:
    """A moment as the protocol writes it (section 3.3)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _prefix(given: str) -> str:
    if given not in FORMATS:
        listed = ", ".join(FORMATS)
        raise ProtocolError(
            Code.CANNOT_DISSEMINATE_FORMAT,
            Text(
                f"Le format «\u00a0{given[:50]}\u00a0» n’est pas proposé\u00a0; au choix\u00a0: {listed}.",
                f"The format `{given[:50]}` is not offered; there are: {listed}.",
            ),
        )
    return given


def _no_sets() -> ProtocolError:
    return ProtocolError(
        Code.NO_SET_HIERARCHY,
        Text("Aucun jeu de données n’est dans un ensemble.", "No dataset is in a set: there are none."),
    )


def _resumption(token: Token, page: list[Change], size: int) -> str:
    """The token for what comes after this page; empty at the end of a list that took several (section 3.5).

    It bears no expiration date: a release is kept until so many others have followed it, and nobody knows when.
    """
    given = token.cursor + len(page)
    if given >= size and not token.cursor:
        return ""
    about = {"completeListSize": str(size), "cursor": str(token.cursor)}
    if given >= size:
        return tag(TOKEN, **about)
    last = page[-1]
    following = Token(
        token.verb, token.prefix, token.release, token.low, token.high, token.set, last.release, last.slug, given, size
    )
    return leaf(TOKEN, str(following), **about)
