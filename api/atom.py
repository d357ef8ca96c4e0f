"""`/changes.atom`: what each release created, updated and withdrew, as Atom (RFC 4287, archives of RFC 5005).

The feed itself has the latest changes, newest first. Older ones are in archives, `/changes/{n}.atom`, of as many
numbers each: an archive never changes, so that a reader that follows `prev-archive` misses nothing and reads nothing
twice. The identifier of an entry is that of its activity in the change feed (`/ldes`), and never another's.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.asked import Answers, Asked
from api.errors import Missing
from catalog.activities import Activities
from catalog.news import news
from vocab.text import Text

SIZE = 200
"""Activities of an archive; those of agents and concepts among them are not told."""
TYPE = "application/atom+xml; charset=utf-8"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Atom:
    """The feed of one catalogue."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def current(self, request: Request) -> Response:
        """The subscription document: what no archive has yet, and the last archive."""
        asked, last = self._asked(request)
        full = last // SIZE
        return self._send(asked, max(full - 1, 0) * SIZE + 1, last, name="changes", before=max(full - 1, 0))

    def archive(self, request: Request) -> Response:
        """One archive, by its number; 404 for one that is not full yet."""
        given = request.path_params["number"]
        asked, last = self._asked(request)
        full = last // SIZE
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        if not 1 <= number <= full or given != str(number):
            raise Missing(
                Text(f"Il n’y a pas d’archive «\u00a0{given[:20]}\u00a0».", f"There is no archive `{given[:20]}`."),
                Text(
                    "Suivez «\u00a0prev-archive\u00a0» à partir de /changes.atom.",
                    "Follow `prev-archive` from /changes.atom.",
                ),
            )
        after = number + 1 if number < full else 0
        first, name = (number - 1) * SIZE + 1, f"changes/{number}"
        return self._send(asked, first, number * SIZE, name=name, before=number - 1, after=after, archive=True)

    def _asked(self, request: Request) -> tuple[Asked, int]:
        """The request, and the number of the last activity of its release."""
        asked = self.answers.asked(request).as_("atom", "Accept-Language")
        return asked, Activities(self.answers.published.archive, asked.release.number).last()

    def _send(
        self, asked: Asked, first: int, last: int, *, name: str, before: int, after: int = 0, archive: bool = False
    ) -> Response:
        told = news(asked.view, first, last)
        published = asked.release.manifest.published.isoformat()
        context: dict[str, Any] = {
            "base": self.answers.published.settings.catalog.base,
            "publisher": self.answers.published.settings.catalog.publisher,
            "told": told,
            "updated": told[0].published if told else published,
            "name": name,
            "before": before,
            "after": after,
            "archive": archive,
            "language": asked.query.get("lang", "") and f"?lang={asked.lang}",
        }
        body = self.answers.renderer.page("changes.xml", asked.lang, feed=context)
        return self.answers.send(asked, _NO_XML.sub("\ufffd", body.decode()).encode(), TYPE)
