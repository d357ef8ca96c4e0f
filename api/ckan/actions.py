"""What each action answers, from one release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pyoxigraph import NamedNode

from api.ckan.errors import bad_query, invalid, not_found
from api.ckan.package import LICENCES, Writer, ckan_name, stamp
from api.ckan.query import condition, titled
from api.ckan.values import Graph
from api.oai.records import documents
from api.short_names import short_name
from catalog.archive import View
from catalog.changes import Changes
from catalog.facets import Facet
from catalog.identifiers import package_id
from catalog.packages import Condition, Package, Packages
from catalog.releases import Release
from catalog.settings import Settings
from vocab.describe import describe
from vocab.namespaces import RDFS
from vocab.terms import table
from vocab.text import Text

ROWS = 1000
"""How many packages one answer gives at most, whatever was asked: as CKAN does."""
BATCH = 100
"""How many descriptions are held at once."""
VERSION = "2.11"
"""The version of CKAN whose actions these follow."""
_ORDERS = {
    "id": "id",
    "name": "name",
    "title": "title",
    "title_string": "title",
    "metadata_modified": "modified",
    "metadata_created": "created",
}
_NO_ORDER = ("score", "relevance")
"""Orders by how well a package fits the question: all fit alike."""

Parameters = Mapping[str, Any]

ACTIONS: Mapping[str, str] = {
    "current_package_list_with_resources": "current_packages",
    **{
        name: name
        for name in (
            *("group_list", "group_show", "help_show", "license_list", "organization_list", "organization_show"),
            *("package_list", "package_search", "package_show", "site_read", "status_show"),
        )
    },
}
"""The actions, with the method of `Actions` that answers each."""


class Actions:
    """The actions on one release. Parameters are those of the request, as given."""

    def __init__(self, settings: Settings, release: Release, view: View) -> None:
        self.settings = settings
        self.base = settings.catalog.base
        self.release = release
        self.view = view
        self.packages = Packages(view)
        self.writer = Writer(self.base, settings.catalog.languages)
        self._dated: dict[str, str] = {}
        self.known: dict[str, Callable[[Parameters], Any]] = {n: getattr(self, m) for n, m in ACTIONS.items()}

    # ── packages ─────────────────────────────────────────────────────────────────────────────────────────────────

    def package_list(self, given: Parameters) -> list[str]:
        """The names of all packages, sorted; `limit` and `offset`."""
        limit = _whole(given, "limit", -1)
        return self.packages.names(offset=_whole(given, "offset", 0), limit=limit)

    def package_show(self, given: Parameters) -> dict[str, Any]:
        """One package, by `id`: its identifier or its name."""
        name = _required(given, "id")
        found = self.packages.named(name)
        if found is None:
            raise not_found(
                Text(
                    f"Aucun jeu de données ne s’appelle «\u00a0{name[:200]}\u00a0».",
                    f"No package is called `{name[:200]}`.",
                )
            )
        return next(self._described([found]))

    def package_search(self, given: Parameters) -> dict[str, Any]:
        """The packages that meet `q` and `fq`, from `start` on, `rows` of them (10; at most 1,000), by `sort`."""
        fq = given.get("fq_list") or []
        if not isinstance(fq, list):
            raise invalid("fq_list", Text("C’est une liste de textes.", "It is a list of texts."))
        texts = [str(given.get("q") or ""), str(given.get("fq") or ""), *(str(one) for one in fq)]
        wanted = condition(texts, self._value)
        rows = min(_whole(given, "rows", 10), ROWS)
        start = _whole(given, "start", 0)
        sort = str(given.get("sort") or "score desc, metadata_modified desc")
        count = self.packages.count(wanted) if wanted.sql else self.release.manifest.datasets
        found = self.packages.find(wanted, _order(sort), offset=start, limit=rows) if rows else []
        return {
            "count": count,
            "sort": sort,
            "facets": {},
            "search_facets": {},
            "results": self._described(found),
        }

    def current_packages(self, given: Parameters) -> Iterator[dict[str, Any]]:
        """The packages whole, the last changed first; `limit` (10; at most 1,000) and `offset` or `page`."""
        limit = min(_whole(given, "limit", 10), ROWS)
        offset = _whole(given, "offset", 0) or (max(_whole(given, "page", 1), 1) - 1) * limit
        return self._described(self.packages.find(Condition(), (("modified", True),), offset=offset, limit=limit))

    def _described(self, found: list[Package]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(found), BATCH):
            part = found[start : start + BATCH]
            made = {d.iri: (d, s) for d, s in documents(self.base, self.view, self.view.many([p.iri for p in part]))}
            for one in part:
                yield self.writer.package(one, *made[one.iri], self._since)

    def _value(self, field: str, text: str) -> Condition:
        """The condition of one value in a query."""
        if not field or field in {"text", "title", "title_string"}:
            return titled(text)
        if field in {"name", "id"}:
            column = "p.slug" if field == "name" else "p.id"
            return Condition(f"({column} = :given OR p.slug = :given)", {"given": text})
        if field in {"organization", "owner_org"}:
            return self._facet(Facet.PUBLISHER, text)
        if field in {"groups", "theme"}:
            return self._facet(Facet.THEME, text)
        if field in {"metadata_modified", "guid", "extras_guid"}:
            return self._modified(text) if field == "metadata_modified" else Condition("c.iri = :iri", {"iri": text})
        offered = "organization, owner_org, groups, theme, name, id, title, guid, metadata_modified"
        raise bad_query(
            Text(
                f"On ne cherche pas ici par {field[:50]}\u00a0; au choix\u00a0: {offered}.",
                f"There is no search by {field[:50]} here; offered: {offered}.",
            )
        )

    def _facet(self, facet: Facet, name: str) -> Condition:
        iris = [iri for iri in self.view.values(facet) if name in self._names(iri)]
        sql = (
            "EXISTS (SELECT 1 FROM facets f WHERE f.dataset = c.iri AND f.facet = :facet AND f.value = :value"
            " AND f.since <= :n AND (f.until IS NULL OR f.until > :n))"
        )
        return Condition(sql, {"facet": facet.value, "value": iris[0]}) if iris else Condition("0")

    def _modified(self, text: str) -> Condition:
        """A range `[from TO until]`, or one moment; curly brackets leave their bound out."""
        low, high = (text[1:-1].split(" TO ") if text[:1] in {"[", "{"} else (text, text))[:2]
        start = None if low == "*" else _moment(low) + timedelta(seconds=text.startswith("{"))
        end = None if high == "*" else _moment(high, up=False) - timedelta(seconds=text.endswith("}"))
        period = Changes(self.view).between(start, end)
        return Condition("c.release BETWEEN :low AND :high", {"low": period.low, "high": period.high})

    # ── organisations, groups, licences ──────────────────────────────────────────────────────────────────────────

    def _names(self, iri: str) -> tuple[str, ...]:
        return (ckan_name(short_name(self.base, iri)), package_id(iri), iri)

    def organization_list(self, given: Parameters) -> list[Any]:
        """The publishers: their names, or all that is known of them with `all_fields`; `limit` and `offset`."""
        return self._listed(given, Facet.PUBLISHER, self._organisations)

    def organization_show(self, given: Parameters) -> dict[str, Any]:
        """One publisher, by `id`: its identifier or its name."""
        return self._one(given, Facet.PUBLISHER, self._organisations)

    def group_list(self, given: Parameters) -> list[Any]:
        """The themes, as groups."""
        return self._listed(given, Facet.THEME, self._groups)

    def group_show(self, given: Parameters) -> dict[str, Any]:
        """One theme, by `id`."""
        return self._one(given, Facet.THEME, self._groups)

    def _listed(self, given: Parameters, facet: Facet, make: Callable[[list[str]], list[dict[str, Any]]]) -> list[Any]:
        iris = sorted(self.view.values(facet), key=lambda iri: self._names(iri)[0])
        offset, limit = _whole(given, "offset", 0), _whole(given, "limit", -1)
        chosen = iris[offset : offset + limit] if limit >= 0 else iris[offset:]
        if str(given.get("all_fields", "")).lower() not in {"true", "1", "yes"}:
            return [self._names(iri)[0] for iri in chosen]
        counts = self.view.values(facet)
        return [{**one, "package_count": counts[iri]} for iri, one in zip(chosen, make(chosen), strict=True)]

    def _one(
        self, given: Parameters, facet: Facet, make: Callable[[list[str]], list[dict[str, Any]]]
    ) -> dict[str, Any]:
        name = _required(given, "id")
        counts = self.view.values(facet)
        for iri in counts:
            if name in self._names(iri):
                return {**make([iri])[0], "package_count": counts[iri], "users": [], "tags": [], "extras": []}
        raise not_found(
            Text(f"Rien ne s’appelle «\u00a0{name[:200]}\u00a0» ici.", f"Nothing is called `{name[:200]}` here.")
        )

    def _organisations(self, iris: list[str]) -> list[dict[str, Any]]:
        described = {d.iri: d for d in self.view.many(iris)}
        found = []
        for iri in iris:
            graph = Graph(described[iri].triples if iri in described else (), self.writer.languages[0])
            made = self.writer.organisation(graph, NamedNode(iri), self._since(iri))
            found.append({**made, "display_name": made["title"]})
        return found

    def _since(self, iri: str) -> str:
        """When a publisher first appeared; one that is described with its datasets only, with the catalogue."""
        if iri not in self._dated:
            dates = self.view.dates(iri)
            self._dated[iri] = stamp(dates[0] if dates else Changes(self.view).earliest())
        return self._dated[iri]

    def _groups(self, iris: list[str]) -> list[dict[str, Any]]:
        described = {d.iri: d.triples for d in self.view.many(iris)}
        return [
            self.writer.group(Graph(described.get(iri) or describe(iri), self.writer.languages[0]), iri) for iri in iris
        ]

    def license_list(self, given: Parameters) -> list[dict[str, Any]]:
        """The licences that packages can name."""
        return [
            {
                "id": LICENCES.get(one.code, one.code),
                "title": self._title(one.iri) or one.en,
                "url": one.iri,
                "status": "active",
            }
            for one in table("licence")
        ]

    def _title(self, iri: str) -> str:
        return Graph(describe(iri), "fr").text(NamedNode(iri), RDFS.label)

    # ── the site ─────────────────────────────────────────────────────────────────────────────────────────────────

    def site_read(self, given: Parameters) -> bool:
        """Whether the site may be read: always."""
        return True

    def status_show(self, given: Parameters) -> dict[str, Any]:
        """What the site is called, where it is, and which version of CKAN its actions follow."""
        catalog = self.settings.catalog
        title = next(iter(catalog.title.values()), "")
        return {
            "ckan_version": VERSION,
            "site_title": title,
            "site_description": next(iter(catalog.description.values()), ""),
            "site_url": self.base.rstrip("/"),
            "locale_default": catalog.languages[0],
            "extensions": [],
        }

    def help_show(self, given: Parameters) -> str:
        """What an action does, by `name`."""
        name = _required(given, "name")
        if name not in self.known:
            raise not_found(
                Text(f"Il n’y a pas d’action «\u00a0{name[:50]}\u00a0».", f"There is no action `{name[:50]}`.")
            )
        return " ".join((self.known[name].__doc__ or "").split())


def _required(given: Parameters, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(name, Text("Valeur manquante.", "Missing value"))
    return value


def _whole(given: Parameters, name: str, default: int) -> int:
    """A parameter that is a natural number, as a number or its digits."""
    value = given.get(name)
    if value is None or value == "":
        return default
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise invalid(name, Text("Donnez un entier à partir de 0.", "Must be a natural number"))
    return int(text)


def _order(sort: str) -> tuple[tuple[str, bool], ...]:
    """The keys of `sort`, and whether they descend."""
    found = []
    for part in sort.split(","):
        words = part.split()
        name, way = (words[0], (words[1:] or ["asc"])[0].lower()) if words else ("", "")
        if len(words) not in {1, 2} or way not in {"asc", "desc"} or name not in {*_ORDERS, *_NO_ORDER}:
            offered = ", ".join([*_ORDERS, *_NO_ORDER])
            raise bad_query(
                Text(
                    f"L’ordre «\u00a0{part.strip()[:50]}\u00a0» n’est pas proposé\u00a0; au "
                    f"choix\u00a0: {offered}, asc ou desc.",
                    f"The order `{part.strip()[:50]}` is not offered; there are: {offered}, asc or desc.",
                )
            )
        if name in _ORDERS:
            found.append((_ORDERS[name], way == "desc"))
    return tuple(found)


def _moment(given: str, *, up: bool = True) -> datetime:
    """A moment of a range, in whole seconds: a lower bound is rounded up, an upper one down."""
    try:
        found = datetime.fromisoformat(given.strip('"'))
    except ValueError:
        raise bad_query(
            Text(
                f"«\u00a0{given[:50]}\u00a0» n’est pas un instant, comme 2026-01-31T12:00:00Z.",
                f"`{given[:50]}` is no moment, such as 2026-01-31T12:00:00Z.",
            )
        ) from None
    found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    whole = found.replace(microsecond=0)
    return whole + timedelta(seconds=1) if up and whole < found else whole
