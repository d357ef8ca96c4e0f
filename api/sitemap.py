"""`/robots.txt` and `/sitemap.xml`: what search engines may read, and which pages there are, since when as they are.

The sitemap is an index of parts of at most 50,000 pages (sitemaps.org). A page is told with its forms in both
languages, and with when its dataset, or what the dataset names, last changed.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.asked import Answers, Asked
from api.errors import Missing
from catalog.changes import Changes
from catalog.model import Kind
from vocab.text import Text

PART = 20_000
"""Pages of a part: with their forms in two languages far below the 50 MB, and the 50,000, that a part may have."""
TYPE = "application/xml; charset=utf-8"
_ROBOTS = """\
User-agent: *
Disallow: {prefix}sparql
Disallow: {prefix}validate
Disallow: {prefix}graphs
Disallow: {prefix}*?*release=
Allow: {prefix}

Sitemap: {base}sitemap.xml
"""


class Sitemap:
    """What search engines are told."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.base = answers.published.settings.catalog.base

    def robots(self, _: Request) -> Response:
        """Queries and checks cost, and kept releases repeat what the current one says: the rest may be read."""
        body = _ROBOTS.format(prefix=self.answers.renderer.prefix, base=self.base)
        return Response(body, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    def index(self, request: Request) -> Response:
        """The list of the parts: that of everything but datasets is number 0."""
        asked = self._asked(request)
        parts = range(self._parts(asked) + 1)
        return self._send(asked, "sitemap_index.xml", parts=parts)

    def part(self, request: Request) -> Response:
        """One part; 404 for one that is not in the index."""
        asked = self._asked(request)
        given = request.path_params["number"]
        if not (given.isascii() and given.isdigit() and len(given) < 7 and int(given) <= self._parts(asked)):
            raise Missing(
                Text(f"Il n’y a pas de partie «\u00a0{given[:20]}\u00a0».", f"There is no part `{given[:20]}`."),
                Text("/sitemap.xml les liste.", "/sitemap.xml lists them."),
            )
        pages = self._datasets(asked, int(given)) if int(given) else self._others(asked)
        return self._send(asked, "sitemap.xml", pages=pages)

    def _asked(self, request: Request) -> Asked:
        return self.answers.asked(request).as_("xml", "")

    def _parts(self, asked: Asked) -> int:
        return -(-asked.release.manifest.datasets // PART)

    def _datasets(self, asked: Asked, number: int) -> list[tuple[str, str]]:
        """The pages of datasets, each with when it last changed."""
        slugs = asked.view.slugs(Kind.DATASET, offset=(number - 1) * PART, limit=PART)
        changed = Changes(asked.view).several(slugs)
        return [(f"dataset/{s}.html", changed[s].moment.isoformat() if s in changed else "") for s in slugs]

    def _others(self, asked: Asked) -> list[tuple[str, str]]:
        """The front page, the list, and the pages of publishers and of the city's own concepts."""
        found = [("", ""), ("datasets", ""), ("quality", ""), ("services.html", "")]
        for kind in (Kind.AGENT, Kind.CONCEPT, Kind.SERVICE):
            slugs = asked.view.slugs(kind, limit=PART // 4)
            found += [(f"{kind.value}/{s}.html", "") for s in slugs]
        return found

    def _send(self, asked: Asked, template: str, **context: Any) -> Response:
        body = self.answers.renderer.page(template, "en", base=self.base, **context)
        return self.answers.send(asked, body, TYPE)
