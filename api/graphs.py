"""`/graphs` and `/graph/…`: the SPARQL 1.1 Graph Store HTTP Protocol.

A graph is named by `?graph=IRI` or `?default` (indirect, section 4.2), or by its own address (direct, 4.1): those
of the catalogue are below `/graph/`, those of a plain store may also be below `/graphs/`. Everybody may read; writing
asks for a token, and in a catalogue touches local graphs only.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urljoin
from uuid import uuid4

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.asked import HTML
from api.conditional import entity_tag, http_date, not_modified
from api.connection import while_connected
from api.delivery import Compressed, Squeezing, send
from api.errors import BadRequest, MethodNotAllowed, Missing, NotAcceptable, UnsupportedType
from api.exchange import Exchange, Pieces, named_tags, release_headers
from api.forms import MULTIPART, fields
from api.links import alternates
from api.naming import PAGE, split
from api.negotiation import content_coding, media_type, prefers_html
from api.process import Job
from api.published import Published
from api.rendering import VARY, Renderer
from api.updates import written_headers
from api.workers import Pool
from api.writing import Writing
from catalog.formats import FORMATS, Format, write
from catalog.graph_store import SUFFIXES, TYPES, Document
from catalog.identifiers import Minter
from catalog.releases import Release
from catalog.settings import Settings
from vocab.text import Text

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
_DATASETS = frozenset({"application/trig", "application/n-quads"})
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


class GraphsDoor:
    """The ASGI application. One instance serves all requests."""

    def __init__(
        self,
        settings: Settings,
        published: Published,
        pool: Pool,
        writing: Writing,
        renderer: Renderer,
        compressed: Compressed,
    ) -> None:
        self.settings = settings
        self.published = published
        self.pool = pool
        self.writing = writing
        self.renderer = renderer
        self.compressed = compressed
        self.minter = Minter(settings.catalog.base)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await GraphExchange(self, scope, receive, send).run(self.renderer)


class GraphExchange(Exchange):
    """One request to the graph store."""

    def __init__(self, door: GraphsDoor, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.door = door

    async def answer(self) -> None:
        """As in `Exchange`."""
        if self.method == "OPTIONS":
            return await self.plain(Response(status_code=204, headers={"Allow": ", ".join(METHODS)}))
        if self.method not in METHODS:
            raise MethodNotAllowed(self.method, METHODS)
        graph = self._graph()
        if self.method in {"GET", "HEAD"}:
            if graph is None:
                raise _unnamed()
            return await self._read(graph)
        self.door.writing.allow(self.headers, "publish")
        if self.method == "DELETE":
            if graph is None:
                raise _unnamed()
            return await self._delete(graph)
        return await self._write(graph, await self._documents())

    # ── which graph ──────────────────────────────────────────────────────────────────────────────────────────────

    def _graph(self) -> str | None:
        """The IRI of the graph that the request is about, empty for the default graph; None when it names none."""
        raw = self.scope.get("raw_path") or self.scope["path"].encode()
        path = raw.decode("ascii", "replace").removeprefix(self.door.renderer.prefix.rstrip("/"))
        if path.rstrip("/") not in {"/graphs", "/graph"}:
            return self._checked(path.lstrip("/"))
        try:
            given = parse_qsl(self.scope["query_string"].decode(), keep_blank_values=True, errors="strict")
        except ValueError:
            raise _bad_graph("?") from None
        named = [value for key, value in given if key == "graph"]
        default = any(key == "default" for key, _ in given)
        if len(named) + default > 1:
            raise BadRequest(
                Text("La demande nomme plusieurs graphes.", "The request names several graphs."),
                Text("Donnez graph=IRI, ou default, une fois.", "Give graph=IRI, or default, once."),
            )
        if default:
            return ""
        return self._checked(named[0]) if named else None

    def _checked(self, given: str) -> str:
        if not given or _NO_IRI.search(given):
            raise _bad_graph(given)
        return urljoin(self.door.settings.catalog.base, given)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, graph: str) -> None:
        release = self.door.published.named(dict(parse_qsl(self.scope["query_string"].decode())).get("release", ""))
        graph, suffix = await self._suffixed(graph, release)
        if suffix == PAGE or (not suffix and self._for_people(graph)):
            return await self._page(graph, release)
        accept = self.headers.get("accept")
        types = {f.media_type: f for f in FORMATS.values()}
        chosen = FORMATS.get(suffix) or types.get(media_type(accept, list(types)) or "")
        if chosen is None:
            raise NotAcceptable(accept or "", list(types))
        if self.door.minter.local_name(graph) and not self.door.writing.bare:
            body = await asyncio.to_thread(self._local, graph, release, chosen)
            return await self._whole(release, body, chosen.content_type, "Accept")
        return await while_connected(self._send_graph(graph, release, chosen), self.receive)

    async def _suffixed(self, graph: str, release: Release) -> tuple[str, str]:
        """The graph that an address names, and the suffix taken off: a graph may be called as if it had one."""
        name, suffix = split(graph)
        own = graph.startswith(self.door.minter.graph("")) and not self.door.writing.bare
        if not suffix or not own or await self._exists(graph, release):
            return graph, ""
        return name, suffix

    def _for_people(self, graph: str) -> bool:
        """Whether a page is due: a browser asks for a graph of the catalogue."""
        own = graph.startswith(self.door.minter.graph("")) and not self.door.writing.bare
        return own and prefers_html(self.headers.get("accept"))

    async def _page(self, graph: str, release: Release) -> None:
        """What a graph of the catalogue is for, and where its statements are."""
        if not await self._exists(graph, release):
            raise _no_graph(graph)
        base, renderer = self.door.minter.base, self.door.renderer
        query = QueryParams(self.scope["query_string"])
        kept, path = query.get("release", ""), graph.removeprefix(base)
        name = "local" if self.door.minter.local_name(graph) else path.removeprefix("graph/")
        context: dict[str, Any] = {"iri": graph, "path": path, "called": name, "release": release, "kept_release": kept}
        context["query"] = f"SELECT * WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} LIMIT 100"
        lang = renderer.language(self.headers, query)
        body = await asyncio.to_thread(renderer.page, "graph.html", lang, **context)
        others = alternates(base, path, f"?release={kept}" if kept else "", "alternate describedby")
        await self._whole(release, body, HTML, VARY, {"Content-Language": lang, "Link": ", ".join(others)})

    async def _whole(
        self, release: Release, body: bytes, content_type: str, vary: str, more: dict[str, str] | None = None
    ) -> None:
        """Sends a document that is made whole before it is sent."""
        changed = self.door.published.last_changed(release)
        headers = {"Garonne-Release": str(release.number), **(more or {})}
        shown = self.door.compressed.represent(body, content_type, changed, vary=vary, headers=headers)
        await self.plain(await asyncio.to_thread(send, Request(self.scope), shown))

    async def _send_graph(self, graph: str, release: Release, chosen: Format) -> None:
        """Sends what a graph says in a release as the store has it: always in the same order, so to the byte the same.

        Another engine gives no such promise; its answers have weak tags.
        """
        coding = content_coding(self.headers.get("accept-encoding"))
        about = (release.manifest.fingerprint, release.number, graph, chosen.suffix, coding)
        weak = self.door.settings.store.engine != "oxigraph"
        tag = entity_tag(*about, self.door.published.edition, weak=weak)
        changed = None if self.door.writing.bare else self.door.published.last_changed(release)
        headers = release_headers(release, tag) | ({"Last-Modified": http_date(changed)} if changed else {})
        headers["Vary"] += ", Accept-Encoding"
        unchanged = Response(status_code=304, headers=headers)
        if not_modified(named_tags(self.headers), tag):
            return await self.plain(unchanged)
        if graph and not await self._exists(graph, release):
            raise _no_graph(graph)
        if not_modified(self.headers, tag, changed):
            return await self.plain(unchanged)
        headers |= {"Content-Type": chosen.content_type} | ({"Content-Encoding": coding} if coding else {})
        where = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
        job = Job(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {where} }}", None, chosen.suffix, self.door.pool.timeout)
        async with self.door.pool.evaluate(job, release.store) as answer:
            return await self.stream(_Squeezed(answer, coding), headers, stall=self.door.pool.timeout)

    def _local(self, graph: str, release: Release, chosen: Format) -> bytes:
        """A local graph exactly as it was written."""
        described = self.door.published.view(release).get(graph)
        if described is None:
            raise _no_graph(graph)
        return write(described.triples, chosen)

    async def _exists(self, graph: str, release: Release) -> bool:
        job = Job(f"ASK {{ GRAPH <{graph}> {{}} }}", "json", None, self.door.pool.timeout)
        async with self.door.pool.evaluate(job, release.store) as answer:
            whole, last = b"", False
            while not last:
                piece, last = await answer.piece()
                whole += piece
        return bool(json.loads(whole)["boolean"])

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _documents(self) -> list[Document]:
        given = self.headers.get("content-type", "")
        kind = given.partition(";")[0].strip().lower()
        if kind != MULTIPART and kind not in TYPES:
            raise UnsupportedType(kind, (*TYPES, MULTIPART))
        if "charset" in given.lower() and "utf-8" not in given.lower() and kind != MULTIPART:
            raise UnsupportedType(given, (f"{kind}; charset=utf-8",))
        body = await self.body(self.door.settings.write.max_bytes)
        if kind != MULTIPART:
            return [Document(kind, body)]
        found = []
        for part in await asyncio.to_thread(fields, body, given):
            media = part.type if part.type in TYPES else SUFFIXES.get(part.file.rpartition(".")[2].lower(), "")
            if not media:
                raise UnsupportedType(part.type, tuple(TYPES))
            found.append(Document(media, part.value))
        return found

    async def _write(self, graph: str | None, documents: list[Document]) -> None:
        if graph is None and self.method == "PUT":
            if not self.door.writing.bare or any(d.media_type not in _DATASETS for d in documents):
                raise _unnamed()
            written = await self.door.writing.change("load", "", documents)
            return await self.plain(Response(status_code=204, headers=written_headers(written)))
        if graph is None:
            name = str(uuid4())
            graph = f"{self.door.minter.base}graphs/{name}" if self.door.writing.bare else self.door.minter.local(name)
        written = await self.door.writing.change(self.method.lower(), graph, documents)
        headers = written_headers(written)
        if written.existed:
            return await self.plain(Response(status_code=204, headers=headers))
        return await self.plain(Response(status_code=201, headers=headers | {"Location": graph}))

    async def _delete(self, graph: str) -> None:
        written = await self.door.writing.change("delete", graph)
        if not written.existed:
            raise _no_graph(graph)
        await self.plain(Response(status_code=204, headers=written_headers(written)))


class _Squeezed:
    """A result as it comes, in a content coding, in pieces that do not depend on how fast it came."""

    def __init__(self, answer: Pieces, coding: str) -> None:
        self.answer = answer
        self.squeezing = Squeezing(coding)

    async def piece(self) -> tuple[bytes, bool]:
        """As in `Pieces`."""
        while True:
            data, last = await self.answer.piece()
            found = await asyncio.to_thread(self.squeezing.take, data)
            if last:
                return found + await asyncio.to_thread(self.squeezing.end), True
            if found:
                return found, False


def _unnamed() -> BadRequest:
    return BadRequest(
        Text("La demande ne nomme pas de graphe.", "The request names no graph."),
        Text("Donnez graph=IRI, ou default.", "Give graph=IRI, or default."),
    )


def _bad_graph(given: str) -> BadRequest:
    return BadRequest(
        Text(f"«\u00a0{given[:100]}\u00a0» n’est pas une IRI de graphe.", f"`{given[:100]}` is no IRI of a graph."),
        Text("Donnez une IRI absolue, encodée dans l’adresse.", "Give an absolute IRI, encoded in the address."),
    )


def _no_graph(graph: str) -> Missing:
    return Missing(
        Text(f"Il n’y a pas de graphe <{graph[:200]}> ici.", f"There is no graph <{graph[:200]}> here."),
        Text("SELECT DISTINCT ?g { GRAPH ?g {} } les liste.", "SELECT DISTINCT ?g { GRAPH ?g {} } lists them."),
    )
