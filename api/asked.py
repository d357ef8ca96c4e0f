"""What requests about findings share: the release they speak of, language and form of the answer, its validators."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.conditional import entity_tag, http_date, not_modified
from api.delivery import Compressed, send, squeezed
from api.negotiation import content_coding
from api.published import Published
from api.rendering import VARY, Renderer
from catalog.archive import View
from catalog.quality import Quality
from catalog.releases import Release

DATA = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
"""The forms of an answer that are neither page nor graph, with their content types."""
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request: the release it is about, the language of the answer, and its form (a suffix; empty for a page).

    `kept` is the release as the address names it, empty for the current one: links carry it on. `vary` is what the
    answer depends on beside its address, `links` its `Link` header.
    """

    request: Request
    release: Release
    view: View
    lang: str
    kept: str = ""
    suffix: str = ""
    vary: str = VARY
    links: str = ""

    @cached_property
    def quality(self) -> Quality:
        """The findings of the release."""
        return Quality(self.view)

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return self.request.query_params

    def as_(self, suffix: str, vary: str) -> Asked:
        """The same, with the form of the answer decided."""
        return replace(self, suffix=suffix, vary=vary)

    @property
    def coding(self) -> str:
        """The content coding that the client likes best: `br`, `gzip`, or empty for none."""
        return content_coding(self.request.headers.get("accept-encoding"))

    def with_links(self, links: str) -> Asked:
        """The same, with these links in the header of the answer."""
        return replace(self, links=links)


class Answers:
    """Reads requests, and makes responses that a client may keep: releases do not change."""

    def __init__(self, published: Published, renderer: Renderer, compressed: Compressed) -> None:
        self.published = published
        self.renderer = renderer
        self.compressed = compressed

    def asked(self, request: Request) -> Asked:
        """The request; raises `Withdrawn` for a release that is no longer kept, `Missing` for one that never was."""
        given = request.query_params.get("release", "")
        release = self.published.named(given)
        lang = self.renderer.language(request.headers, request.query_params)
        return Asked(request, release, self.published.view(release), lang, given)

    def headers(self, asked: Asked) -> dict[str, str]:
        """The headers of an answer that its request and its release decide, to the byte: its tag needs no rendering."""
        about = (asked.request.url.path, sorted(asked.query.items()), asked.lang, asked.suffix, asked.coding)
        tag = entity_tag(asked.release.manifest.fingerprint, asked.release.number, *about, self.published.edition)
        found = {
            "ETag": tag,
            "Last-Modified": http_date(self.published.last_changed(asked.release)),
            "Cache-Control": "no-cache",
            "Garonne-Release": str(asked.release.number),
        }
        found |= {"Link": asked.links} if asked.links else {}
        return found | {"Vary": f"{asked.vary}, Accept-Encoding" if asked.vary else "Accept-Encoding"}

    def unchanged(self, asked: Asked) -> Response | None:
        """The 304 where the client's copy is still good."""
        headers = self.headers(asked)
        if not_modified(asked.request.headers, headers["ETag"], self.published.last_changed(asked.release)):
            return Response(status_code=304, headers=headers)
        return None

    def page(self, asked: Asked, template: str, **context: Any) -> Response:
        """A page."""
        return self.body(asked, self._rendered(asked, template, context), HTML)

    def json(self, asked: Asked, value: dict[str, Any]) -> Response:
        """A JSON document that says which release it speaks of."""
        body = json.dumps({"release": asked.release.number, **value}, ensure_ascii=False, indent=1) + "\n"
        return self.body(asked, body.encode(), DATA["json"])

    def body(self, asked: Asked, body: bytes, content_type: str) -> Response:
        """Any other document."""
        shown = self.compressed.represent(body, content_type, None).body(asked.coding)
        return Response(shown, headers=self._typed(asked, content_type))

    def send(self, asked: Asked, body: bytes, content_type: str, *, dated: bool = True) -> Response:
        """A document that is made whole before it is sent: its tag is that of its content and encoding.

        What changes between releases too is not `dated`.
        """
        changed = self.published.last_changed(asked.release) if dated else None
        headers = {"Garonne-Release": str(asked.release.number), **({"Link": asked.links} if asked.links else {})}
        if content_type == HTML:
            headers["Content-Language"] = asked.lang
        shown = self.compressed.represent(body, content_type, changed, vary=asked.vary, headers=headers)
        return send(asked.request, shown)

    def show(self, asked: Asked, template: str, **context: Any) -> Response:
        """A page about a release, sent so."""
        return self.send(asked, self._rendered(asked, template, context), HTML)

    def stream(self, asked: Asked, pieces: Iterator[bytes], content_type: str) -> Response:
        """A document that is sent while it is made. When that fails the connection breaks: a part is not the whole."""
        begun = () if asked.request.method == "HEAD" else squeezed(pieces, asked.coding)
        return StreamingResponse(begun, headers=self._typed(asked, content_type))

    def _typed(self, asked: Asked, content_type: str) -> dict[str, str]:
        found = self.headers(asked) | {"Content-Type": content_type}
        found |= {"Content-Language": asked.lang} if content_type == HTML else {}
        return found | ({"Content-Encoding": asked.coding} if asked.coding else {})

    def _rendered(self, asked: Asked, template: str, context: dict[str, Any]) -> bytes:
        kept = {name: value for name, value in asked.query.items() if name != "lang"}
        context |= {"release": asked.release, "kept_release": asked.kept}
        return self.renderer.page(template, asked.lang, kept=kept, **context)
