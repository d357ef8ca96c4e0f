"""`/oai`: the protocol over HTTP (OAI-PMH 2.0, section 3.1): GET, and POST of the same as a form; XML in UTF-8.

Answers are compressed (3.1.3), and have no validators: each bears the time at which it was made (3.2).
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.delivery import SMALL, compress
from api.errors import BadRequest, BodyTooLarge, UnsupportedType
from api.forms import URLENCODED
from api.headers import TRANSFORMED
from api.negotiation import content_coding
from api.oai import arguments
from api.oai.arguments import Asked
from api.oai.errors import Code, ProtocolError
from api.oai.repository import Repository, stamp
from api.oai.xml import OAI, leaf, schema_location, tag
from api.published import Published
from api.rendering import Renderer
from catalog.settings import Settings
from vocab.text import Text

METHODS = ("GET", "HEAD", "POST")
MOST = 64 * 1024
"""Bytes of a form, which holds seven arguments at most."""
_START = '<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="{}"?>\n'


class OaiDoor:
    """The repository of one catalogue."""

    def __init__(self, settings: Settings, published: Published, renderer: Renderer) -> None:
        self.settings = settings
        self.published = published
        self.renderer = renderer

    async def answer(self, request: Request) -> Response:
        """One request, whatever its verb. What the protocol calls an error has status 200; 503 without a release."""
        pairs = _pairs(request.url.query)
        if request.method == "POST":
            pairs += _pairs((await _body(request)).decode("utf-8", "replace"))
        return await run_in_threadpool(self._answer, request, pairs)

    def _answer(self, request: Request, pairs: list[tuple[str, str]]) -> Response:
        lang = self.renderer.language(request.headers, {}, default="en")
        began = datetime.now(UTC)
        repository = Repository(self.settings, self.published, lang)
        asked: Asked | None = None
        try:
            asked = arguments.read(pairs)
            inner = repository.answer(asked)
        except ProtocolError as e:
            inner = leaf("error", e.text.of(lang), code=e.code)
            if e.code in {Code.BAD_VERB, Code.BAD_ARGUMENT}:
                asked = None  # the request is then repeated without its arguments (section 3.2)
        body = self._document(asked, inner, began).encode()
        headers = {
            "Cache-Control": "no-cache",
            "Vary": "Accept-Language, Accept-Encoding",
            "Content-Language": lang,
            "Content-Security-Policy": TRANSFORMED,
            "Garonne-Release": str(repository.release.number),
        }
        coding = content_coding(request.headers.get("accept-encoding")) if len(body) >= SMALL else ""
        headers |= {"Content-Encoding": coding} if coding else {}
        return Response(compress(body, coding), headers=headers, media_type="text/xml; charset=utf-8")

    def _document(self, asked: Asked | None, inner: str, began: datetime) -> str:
        given = {"verb": asked.verb, **asked.given} if asked else {}
        location = schema_location(OAI, f"{OAI}OAI-PMH.xsd")
        return _START.format(self.renderer.here("static/oai.xsl")) + tag(
            "OAI-PMH",
            leaf("responseDate", stamp(began)),
            leaf("request", f"{self.settings.catalog.base}oai", **given),
            inner,
            xmlns=OAI,
            **location,
        )


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise BadRequest(
            Text("Cette demande a trop d’arguments.", "This request has too many arguments."),
            Text("Le protocole en connaît sept.", "The protocol knows seven."),
        ) from None


async def _body(request: Request) -> bytes:
    """The form that was posted."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != URLENCODED:
        raise UnsupportedType(kind, [URLENCODED])
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > MOST:
            raise BodyTooLarge(Text(f"Le formulaire dépasse {MOST} octets.", f"The form exceeds {MOST} bytes."))
    return bytes(found)
