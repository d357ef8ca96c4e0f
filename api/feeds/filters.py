"""What a feed can be narrowed by: `modified_since`, `theme` and `hvd`, as addresses give them and as links carry them.

A reader that deletes what a feed leaves out, as CKAN does, must not be given a narrowed one; `docs/routes.md` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.errors import BadRequest
from catalog.facets import Facet, Selection
from vocab.namespaces import HVD_LEGISLATION
from vocab.terms import table
from vocab.text import Text

NAMES = ("modified_since", "theme", "hvd")
_YES = ("true", "1", "yes", "oui")


@dataclass(frozen=True, slots=True)
class Filter:
    """A feed's filter; `theme` and `hvd` are IRIs, empty where nothing is asked."""

    modified_since: datetime | None = None
    theme: str = ""
    hvd: str = ""

    def __bool__(self) -> bool:
        return bool(self.modified_since or self.theme or self.hvd)

    @property
    def lasting(self) -> bool:
        """Whether the filter asks for a kind of dataset, rather than for what has changed lately."""
        return bool(self.theme or self.hvd)

    def parameters(self) -> list[tuple[str, str]]:
        """The filter as an address has it, always in the same words."""
        since = self.modified_since.isoformat().replace("+00:00", "Z") if self.modified_since else ""
        hvd = "true" if self.hvd == HVD_LEGISLATION else self.hvd
        return [(name, value) for name, value in zip(NAMES, (since, self.theme, hvd), strict=True) if value]

    def query(self) -> str:
        """The filter as the last part of an address's query; empty for none."""
        found = urlencode(self.parameters())
        return f"&{found}" if found else ""

    def selection(self, publisher: str = "") -> Selection:
        """The datasets that the filter leaves, of one publisher where one is named."""
        given = ((Facet.PUBLISHER, publisher), (Facet.THEME, self.theme), (Facet.HVD, self.hvd))
        return Selection(tuple((facet, value) for facet, value in given if value), changed_from=self.modified_since)


def filter_in(query: QueryParams) -> Filter:
    """The filter of a request. Raises `BadRequest`; parameters that name no filter are not looked at."""
    for name in NAMES:
        if len(query.getlist(name)) > 1:
            raise BadRequest(
                Text(f"«\u00a0{name}\u00a0» est donné plusieurs fois.", f"`{name}` is given several times."),
                Text("Donnez-le une fois.", "Give it once."),
            )
    return Filter(_moment(query.get("modified_since")), _theme(query.get("theme")), _hvd(query.get("hvd")))


def _moment(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        day = datetime.combine(date.fromisoformat(given), time()) if len(given) == 10 else datetime.fromisoformat(given)
        moment = day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(
            Text(f"«\u00a0{given[:40]}\u00a0» n’est pas une date pour modified_since.", f"`{given[:40]}` is no date."),
            Text("Écrivez 2026-03-01 ou 2026-03-01T03:00:00Z.", "Write 2026-03-01 or 2026-03-01T03:00:00Z."),
        ) from None
    return moment.replace(microsecond=0)


def _theme(given: str | None) -> str:
    if given is None:
        return ""
    known = table("data-theme").find(given)
    if known is not None:
        return known.iri
    if given.startswith(("http://", "https://")):
        return given
    codes = ", ".join(one.code for one in table("data-theme"))
    raise BadRequest(
        Text(f"«\u00a0{given[:80]}\u00a0» n’est pas un thème.", f"`{given[:80]}` is no theme."),
        Text(f"Donnez une IRI, ou l’un de ces codes\u00a0: {codes}.", f"Give an IRI, or one of these codes: {codes}."),
    )


def _hvd(given: str | None) -> str:
    if given is None:
        return ""
    if given.lower() in _YES:
        return HVD_LEGISLATION
    known = table("hvd-category").find(given)
    if known is not None:
        return known.iri
    raise BadRequest(
        Text(
            f"«\u00a0{given[:80]}\u00a0» n’est pas une catégorie de données de forte valeur.",
            f"`{given[:80]}` is no category of high-value datasets.",
        ),
        Text(
            "Donnez «\u00a0true\u00a0» pour toutes, ou l’IRI d’une catégorie (http://data.europa.eu/bna/c_…).",
            "Give `true` for all of them, or the IRI of a category (http://data.europa.eu/bna/c_…).",
        ),
    )
