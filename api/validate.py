"""`/validate`: a form, and reports on documents that are pasted, uploaded, posted or named by an address.

A plain ASGI application: a request's body is read piece by piece, and a client that leaves stops its check.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from pyoxigraph import RdfFormat
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.checks import Checks, Result
from api.connection import Disconnected, while_connected
from api.errors import BadRequest, BodyTooLarge, MethodNotAllowed, TooSlow, UnsupportedType, not_offered
from api.forms import MULTIPART, URLENCODED, Field, fields
from api.negotiation import media_type
from api.rendering import VARY, Renderer
from catalog.settings import Settings
from shapes import profiles
from shapes.formats import FORMATS, html_page
from shapes.registry import Registry
from shapes.text import LANGUAGES
from shapes.validation import NOISE
from vocab.text import Text

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
TYPES = {
    "json": "application/json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "sarif": "application/sarif+json; charset=utf-8",
    "junit": "application/xml; charset=utf-8",
}
"""Forms of a report, the one for a client without a preference first."""
SHOWN = (("html", "format_html"), ("text", "format_text"), ("ttl", "format_ttl"))
"""Forms that have a name for people, with the word for it."""
UPLOAD = 60.0
"""Seconds that a body has to arrive, and that a refused one is still listened to."""
OVERHEAD = 64 * 1024
"""Bytes that a form has beside its document."""
PIECE = 1 << 18
_LOOSE = ("", "text/plain", "application/octet-stream", "application/xml", "text/xml", "application/json")
_ACCEPTED = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml", "application/trig")
_STYLE = b64encode(sha256(html_page.STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For report pages: they carry their style, that one alone, and nothing in them may run or be fetched."""


@dataclass
class Asked:
    """What is to be checked, and how the report is wanted. One of `body` and `url` is given."""

    body: bytes = b""
    url: str = ""
    name: str = "document"
    suffix: str = ""
    profiles: tuple[str, ...] = ()
    format: str = ""
    noise: str = ""
    lang: str = ""


class ValidateDoor:
    """The ASGI application. One instance serves all requests."""

    def __init__(self, settings: Settings, checks: Checks, renderer: Renderer) -> None:
        self.settings = settings
        self.checks = checks
        self.renderer = renderer

    @property
    def profiles(self) -> dict[str, Text]:
        """The profiles that may be asked for at this moment, with their titles."""
        return Registry.beside(self.settings.store.path).titles()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, headers = scope["method"], Headers(scope=scope)
        if method == "OPTIONS":
            response = Response(status_code=204, headers={"Allow": ", ".join(METHODS)})
        elif method in {"GET", "HEAD"}:
            response = await run_in_threadpool(self._form, headers, QueryParams(scope["query_string"]))
        elif method == "POST":
            with suppress(Disconnected):
                await Exchange(self, scope, receive, send).run()
            return
        else:
            raise MethodNotAllowed(method, METHODS)
        await response(scope, receive, send)

    def _form(self, headers: Headers, query: QueryParams) -> Response:
        lang = self.renderer.language(headers, query)
        chosen = query.getlist("profile") or self._default()
        body = self.renderer.page(
            "validate.html",
            lang,
            profiles=[(name, title.of(lang), name in chosen) for name, title in self.profiles.items()],
            formats=SHOWN,
            noise=(self.settings.validation.noise, *NOISE),
            more_formats=[(name, name.upper()) for name in ("csv", "json", "sarif", "junit")],
            megabytes=self.settings.check.max_bytes / 1e6,
            seconds=self.settings.check.timeout,
            address=query.get("url", "")[:2000],
            base=self.settings.catalog.base,
        )
        more = {"Vary": VARY, "Cache-Control": "no-cache", "Content-Language": lang}
        return Response(body, headers=more, media_type="text/html; charset=utf-8")

    def _default(self) -> list[str]:
        configured = [name for name in self.settings.validation.profiles if name in self.profiles]
        return configured or [name for name in profiles.DEFAULTS if name in self.profiles]

    def job(self, asked: Asked, accept: str | None) -> dict[str, Any]:
        """The job for the process. Raises an error that lists what is offered for a name that is not."""
        for name in asked.profiles:
            if name not in self.profiles:
                raise not_offered(Text("Le profil", "Profile"), name, tuple(self.profiles))
        wanted = {content_type.partition(";")[0]: name for name, content_type in TYPES.items()}
        form = asked.format or wanted.get(media_type(accept, list(wanted)) or "", next(iter(TYPES)))
        if form not in FORMATS or form not in TYPES:
            raise not_offered(Text("Le format", "Format"), form, tuple(TYPES))
        if asked.noise and asked.noise not in NOISE:
            raise not_offered(Text("Le bruit", "Noise"), asked.noise, NOISE)
        return {
            **({"noise": asked.noise} if asked.noise else {}),
            "name": asked.name,
            "suffix": asked.suffix,
            "base": asked.url or None,
            "store": str(self.settings.store.path),
            "profiles": list(asked.profiles) or self._default(),
            "format": form,
            "lang": asked.lang,
        }


class Exchange:
    """One posted document and its report."""

    def __init__(self, door: ValidateDoor, scope: Scope, receive: Receive, send: Send) -> None:
        self.door = door
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers = Headers(scope=scope)
        self.query = QueryParams(scope["query_string"])
        self.whole = False
        """Whether the body has come to its end."""

    async def run(self) -> None:
        """Answer. What is wrong with the request is raised once its body is over, or has had its time."""
        try:
            async with self.door.checks.place():
                with tempfile.SpooledTemporaryFile(max_size=PIECE) as spool:
                    await self._take(spool)
                    await while_connected(self._answer(spool), self.receive)
        except (Disconnected, TooSlow):
            raise
        except Exception:
            await self._listen()
            raise

    # ── the request ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _take(self, spool: IO[bytes]) -> None:
        most = self.door.settings.check.max_bytes + OVERHEAD
        announced = self.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > most:
            raise _too_large(self.door.settings.check.max_bytes)
        try:
            async with asyncio.timeout(UPLOAD):
                while piece := await self._piece():
                    if spool.tell() + len(piece) > most:
                        raise _too_large(self.door.settings.check.max_bytes)
                    spool.write(piece)
        except TimeoutError:
            raise _too_slow() from None

    async def _piece(self) -> bytes:
        """The next bytes of the body; none when it has ended."""
        while not self.whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            self.whole = not message.get("more_body", False)
            if message.get("body"):
                return bytes(message["body"])
        return b""

    async def _listen(self) -> None:
        """Let a refused body pass by: a client that is still sending would not hear why it was refused.

        One that asked first (`Expect: 100-continue`) is told at once.
        """
        if "100-continue" in self.headers.get("expect", "").lower():
            return
        try:
            async with asyncio.timeout(UPLOAD / 2):
                while await self._piece():
                    pass
        except TimeoutError:
            return

    def _asked(self, body: bytes) -> Asked:
        """The request as a whole: parameters of the address, then the form's fields."""
        content_type = self.headers.get("content-type", "")
        media = content_type.partition(";")[0].strip().lower()
        given = [Field(name, value.encode()) for name, value in self.query.multi_items()]
        asked = Asked()
        if media in {MULTIPART, URLENCODED}:
            given += fields(body, content_type)
        elif body.strip():
            asked = Asked(body=body, suffix=_suffix(media))
        self._fill(asked, given)
        if not asked.body and not asked.url:
            raise BadRequest(
                Text("Il n’y a rien à vérifier.", "There is nothing to check."),
                Text("Collez un document, choisissez un fichier ou donnez une adresse.", "Paste, choose or name one."),
            )
        asked.lang = asked.lang if asked.lang in LANGUAGES else self.door.renderer.language(self.headers, {})
        return asked

    def _fill(self, asked: Asked, given: Sequence[Field]) -> None:
        documents = [f for f in given if f.name in {"document", "file", "url"} and f.value.strip()]
        if len(documents) + bool(asked.body) > 1:
            raise BadRequest(
                Text("Plusieurs documents sont donnés.", "Several documents are given."),
                Text("Vérifiez-les l’un après l’autre.", "Check them one after the other."),
            )
        for field in documents:
            if field.name == "url":
                asked.url = asked.name = field.value.decode(errors="replace").strip()[:2000]
            else:
                asked.body = field.value
                asked.name = _file_name(field.file) or asked.name
                asked.suffix = re.sub(r".*(?=\.)|.*", "", field.file) or _suffix(field.type, strict=False)
        told = [(f.name, f.value.decode(errors="replace").strip()) for f in given]
        asked.profiles = tuple(dict.fromkeys(value for name, value in told if name == "profile" and value))
        asked.format = next((value for name, value in reversed(told) if name == "format"), "").lower()
        asked.noise = next((value for name, value in reversed(told) if name == "noise"), "").lower()
        asked.lang = next((value for name, value in reversed(told) if name == "lang"), "")

    # ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _answer(self, spool: IO[bytes]) -> None:
        spool.seek(0)
        asked = await run_in_threadpool(lambda: self._asked(spool.read()))
        job = await run_in_threadpool(self.door.job, asked, self.headers.get("accept"))
        with tempfile.TemporaryFile() as document:
            if asked.url:
                await self._fetch(asked, job, document)
            else:
                document.write(asked.body)
            asked.body = b""
            if document.tell() > self.door.settings.check.max_bytes:
                raise _too_large(self.door.settings.check.max_bytes)
            document.seek(0)
            result = await self.door.checks.check(job, document)
        with result.file:
            await self._report(result, job)

    async def _fetch(self, asked: Asked, job: dict[str, Any], document: IO[bytes]) -> None:
        got = await self.door.checks.fetch(asked.url)
        with got.file:
            while piece := got.file.read(PIECE):
                document.write(piece)
        media = str(got.head["type"]).partition(";")[0].strip().lower()
        job["suffix"] = _suffix(media, strict=False) or re.sub(r".*(?=\.)|.*", "", asked.url.partition("?")[0])

    async def _report(self, result: Result, job: Mapping[str, Any]) -> None:
        headers = {
            "Content-Type": TYPES[job["format"]],
            "Content-Length": str(result.size),
            "Content-Language": job["lang"],
            "Cache-Control": "no-store",
            "Vary": VARY,
            "Garonne-Conforms": str(result.head["conforms"]).lower(),
        }
        if job["format"] == "html":
            headers["Content-Security-Policy"] = _POLICY
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": 200, "headers": raw})
        for piece in _pieces(result.file):
            async with asyncio.timeout(UPLOAD):
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _suffix(media: str, *, strict: bool = True) -> str:
    """The suffix that a media type stands for; empty where it says little. Raises `UnsupportedType` when `strict`."""
    if media in _LOOSE:
        return ""
    found = RdfFormat.from_media_type(media)
    if found is None and strict:
        raise UnsupportedType(media, (*_ACCEPTED, MULTIPART, URLENCODED))
    return found.file_extension if found else ""


def _file_name(given: str) -> str:
    """The last part of a file's name, in characters that can be shown."""
    name = re.split(r"[/\\]", given)[-1]
    return "".join(c for c in name if c.isprintable())[:100]


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(
        Text(f"Le document dépasse {most / 1e6:g} Mo.", f"The document exceeds {most / 1e6:g} MB."),
        Text(
            "Vérifiez-le en plusieurs parties, ou avec la commande garonne validate.",
            "Check it in several parts, or with the command `garonne validate`.",
        ),
    )


def _too_slow() -> TooSlow:
    return TooSlow(
        Text(f"Le document n’est pas arrivé en {UPLOAD:g} s.", f"The document did not arrive within {UPLOAD:g} s."),
        Text("Réessayez sur une liaison plus rapide.", "Try again on a faster connection."),
    )
