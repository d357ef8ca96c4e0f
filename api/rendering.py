"""Pages for people: templates, in French or English, with addresses below the configured base."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import Response

from api.dates import date, day
from api.negotiation import language
from api.reading import Named
from api.words import WORDS
from catalog.settings import Settings
from shapes.words import number

LANGUAGES = ("fr", "en")
VARY = "Accept, Accept-Language"
NOTHING: Mapping[str, str] = {}
_LINKABLE = frozenset({"http", "https", "mailto"})


class Words:
    """The words of pages in one language: `words.datasets`. A word that is not in the table is an error."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def __getattr__(self, name: str) -> str:
        try:
            return WORDS[name].of(self._lang)
        except KeyError:
            raise AttributeError(name) from None

    def has(self, name: str) -> bool:
        """Whether there is such a word."""
        return name in WORDS

    def __getitem__(self, name: str) -> str:
        """A word whose name is a value from elsewhere: what is not in the table is shown as it is."""
        return WORDS[name].of(self._lang) if name in WORDS else name


class Renderer:
    """Makes pages. Everything put into one is escaped; only web and mail addresses become links."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.prefix = urlsplit(settings.catalog.base).path
        first = settings.catalog.languages[0]
        self.default = first if first in LANGUAGES else LANGUAGES[0]
        self.env = Environment(
            loader=PackageLoader("api"), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True
        )
        self.env.globals["linkable"] = linkable
        self.env.filters["size"] = human_size
        self.env.filters["number"] = number
        self.env.filters["percent"] = percent

    def language(self, headers: Mapping[str, str], query: Mapping[str, str], *, default: str = "") -> str:
        """The language to answer in: `lang` of the query, else `Accept-Language`, else the catalogue's first."""
        asked = query.get("lang", "")
        if asked in LANGUAGES:
            return asked
        return language(headers.get("accept-language"), LANGUAGES, default or self.default)

    def here(self, path: str, **query: object) -> str:
        """The address of a page of this service, as links within it are written: without host."""
        given = {name: value for name, value in query.items() if value not in ("", None)}
        return self.prefix + path + (f"?{urlencode(given)}" if given else "")

    def local(self, named: Named, release: str = "") -> Named:
        """A thing of this catalogue with the address of its page here, wherever the service runs.

        `release` is the kept release that the page speaks of; empty for the current one.
        """
        base = self.settings.catalog.base
        if named.iri.startswith(base):
            return Named(named.label, self.here(named.iri[len(base) :], release=release))
        return named

    def respond(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """The page made of this template, in the language that the request asks for."""
        lang = self.language(request.headers, request.query_params)
        kept = {name: value for name, value in request.query_params.items() if name != "lang"}
        body = self.page(template, lang, kept=kept, **context)
        more = {"Vary": VARY, "Cache-Control": "no-cache", "Content-Language": lang, **(headers or {})}
        return Response(body, status, headers=more, media_type="text/html; charset=utf-8")

    def page(self, name: str, lang: str, *, kept: Mapping[str, str] = NOTHING, **context: Any) -> bytes:
        """The page made of this template, UTF-8. `kept` is the query that the link to the other language keeps."""
        title = self.settings.catalog.title
        site = title.get(lang) or next(iter(title.values()), "Garonne")
        other = urlencode({**kept, "lang": "en" if lang == "fr" else "fr"})
        given = {"site": site, "lang": lang, "words": Words(lang), "other": other}
        given["colon"] = "\u00a0:" if lang == "fr" else ":"
        local = partial(self.local, release=str(context.get("kept_release", "")))
        helpers = {"here": self.here, "local": local, "day": day(lang), "date": date(lang)}
        return self.env.get_template(name).render(**given, **helpers, **context).encode()


def linkable(address: object) -> bool:
    """Whether an address from a source may become a link."""
    try:
        return urlsplit(str(address)).scheme.lower() in _LINKABLE
    except ValueError:
        return False


def human_size(value: object, lang: str = "fr") -> str:
    """A number of bytes for people; what is not a number is shown as it is."""
    try:
        number = float(str(value))
    except ValueError:
        return str(value)
    units = ("octets", "ko", "Mo", "Go", "To") if lang == "fr" else ("bytes", "kB", "MB", "GB", "TB")
    for unit in units:
        if number < 1000 or unit == units[-1]:
            break
        number /= 1000
    text = f"{number:.0f}" if number >= 10 or unit == units[0] else f"{number:.1f}"
    return f"{text.replace('.', ',') if lang == 'fr' else text} {unit}"


def percent(share: float, lang: str) -> str:
    """A share from 0 to 1 as people read it; only the whole is 100 %, and only nothing is 0 %."""
    value = 100 * share
    if 0 < value < 0.1 or 99.9 < value < 100:
        value = 0.1 if value < 1 else 99.9
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text.replace('.', ',')}\u202f%" if lang == "fr" else f"{text}%"
