"""`/api/3/action/{name}`: CKAN's way of asking (GET, or POST of JSON) and of answering, errors too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.ckan.actions import Actions
from api.ckan.errors import ActionError
from api.delivery import Compressed, send
from api.errors import Bilingual
from api.forms import URLENCODED
from api.published import Published
from api.rendering import Renderer
from catalog.settings import Settings
from vocab.errors import GaronneError
from vocab.text import Text

METHODS = ("GET", "HEAD", "POST")
TYPE = "application/json; charset=utf-8"
MOST = 1 << 20
"""Bytes of a request."""


class CkanDoor:
    """The actions of one catalogue."""

    def __init__(self, settings: Settings, published: Published, renderer: Renderer) -> None:
        self.settings = settings
        self.published = published
        self.renderer = renderer
        self.compressed = Compressed()
        published.keepers.append(self.compressed.forget)

    async def action(self, request: Request) -> Response:
        """One action. Every answer has the envelope `help`, `success`, and `result` or `error`."""
        lang = self.renderer.language(request.headers, {}, default="en")
        name = request.path_params["name"]
        try:
            given = await _given(request)
            return await run_in_threadpool(self._answer, request, name, given)
        except ActionError as e:
            return self._failed(name, e, lang)
        except GaronneError as e:
            text = e.text if isinstance(e, Bilingual) else Text(e.message, e.message)
            wait = {"Retry-After": "60"} if e.status == 503 else {}
            return self._failed(name, ActionError(e.status, e.title, text), lang, wait)

    def _help(self, name: str) -> str:
        return f"{self.settings.catalog.base}api/3/action/help_show?name={name}"

    def _answer(self, request: Request, name: str, given: dict[str, Any]) -> Response:
        release = self.published.required()
        actions = Actions(self.settings, release, self.published.view(release))
        action = actions.known.get(name)
        if action is None:
            listed = ", ".join(sorted(actions.known))
            raise ActionError(
                400,
                "Bad Request",
                Text(
                    f"Il n’y a pas d’action «\u00a0{name[:50]} »\u00a0; il y a\u00a0: {listed}.",
                    f"Action name not known: {name[:50]}; there are: {listed}.",
                ),
            )
        start = orjson.dumps({"help": self._help(name), "success": True})[:-1] + b',"result":'
        body = b"".join([start, *_written(action(given)), b"}"])
        headers = {"Garonne-Release": str(release.number)}
        changed = self.published.last_changed(release)
        return send(request, self.compressed.represent(body, TYPE, changed, headers=headers))

    def _failed(self, name: str, error: ActionError, lang: str, more: dict[str, str] | None = None) -> Response:
        told = error.text.of(lang)
        detail: dict[str, Any] = {"__type": error.kind, "message": told}
        if error.field:
            detail |= {error.field: [told]}
        body = json.dumps({"help": self._help(name[:50]), "success": False, "error": detail}, ensure_ascii=False)
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Language", "Content-Language": lang, **(more or {})}
        return Response(body.encode(), error.status, headers=headers, media_type=TYPE)


def _written(result: Any) -> Iterator[bytes]:
    """The JSON of a result in pieces: packages are written one by one, so that few are held at once."""
    if isinstance(result, Iterator):
        yield b"["
        for n, one in enumerate(result):
            yield b"," + orjson.dumps(one) if n else orjson.dumps(one)
        yield b"]"
    elif isinstance(result, dict) and isinstance(result.get("results"), Iterator):
        listed = result.pop("results")
        yield orjson.dumps(result)[:-1] + b',"results":'
        yield from _written(listed)
        yield b"}"
    else:
        yield orjson.dumps(result)


async def _given(request: Request) -> dict[str, Any]:
    """The parameters of a request: those of the address, and those of a body in JSON or of a form."""
    given: dict[str, Any] = dict(parse_qsl(request.url.query, keep_blank_values=True))
    if request.method != "POST":
        return given
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST:
            raise ActionError(
                413,
                "Request Too Large",
                Text(f"La demande dépasse {MOST} octets.", f"The request exceeds {MOST} bytes."),
            )
    if not body.strip():
        return given
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == URLENCODED and body[:1] != b"{":
        return given | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ActionError(
            400,
            "Bad Request",
            Text(
                "Le corps de la demande n’est pas un objet JSON.",
                "JSON Error: the body of the request is no JSON object.",
            ),
        )
    return given | found
