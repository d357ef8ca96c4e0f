"""The SPARQL 1.1 Protocol's side of a query: from an HTTP request to what is asked, and in which format.

Query by GET, by POST of a form, by POST or QUERY of the query itself (section 2.1), and by POST with an empty body and
the query in the address, as some harvesters do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from api.errors import BadRequest, UnsupportedType
from api.negotiation import media_type
from api.syntax import update_refused
from catalog.model import Text
from vocab.errors import unknown_choice

FORM_TYPE = "application/x-www-form-urlencoded"
QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"

RESULT_TYPES: dict[str, str] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
GRAPH_TYPES: dict[str, str] = {
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/n-triples": "nt",
    "text/plain": "nt",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "application/rdf+xml": "rdf",
    "application/xml": "rdf",
    "text/xml": "rdf",
    "application/trig": "trig",
    "application/n-quads": "nq",
}
OFFERED = (
    *("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"),
    *("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"),
    *("application/trig", "application/n-quads"),
)
"""The media types that are named when none fits."""

# Short names of `format=` and `output=`: (suffix for SELECT and ASK, suffix for CONSTRUCT and DESCRIBE).
_SHORT: dict[str, tuple[str | None, str | None]] = {
    "json": ("json", "jsonld"),
    "xml": ("xml", "rdf"),
    "csv": ("csv", None),
    "tsv": ("tsv", None),
    **dict.fromkeys(("ttl", "turtle", "n3"), (None, "ttl")),
    **dict.fromkeys(("nt", "ntriples", "n-triples"), (None, "nt")),
    **dict.fromkeys(("jsonld", "json-ld"), (None, "jsonld")),
    **dict.fromkeys(("rdf", "rdfxml", "rdf+xml", "rdf/xml"), (None, "rdf")),
    "trig": (None, "trig"),
    **dict.fromkeys(("nq", "nquads", "n-quads"), (None, "nq")),
}

_CANONICAL = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The format for one kind of result: suffix, and media type to answer with; None when none is acceptable."""

    suffix: str | None
    media_type: str

    @property
    def content_type(self) -> str:
        """With the charset, for text and for RDF; JSON and SPARQL results define their own."""
        plain = self.media_type.endswith("json") or "sparql-results" in self.media_type
        return self.media_type if plain else f"{self.media_type}; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `query` is None when the request has none: then the endpoint describes itself."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str
    timeout: float | None
    release: str = ""
    cursor: str | None = None


def read(method: str, query_string: bytes, content_type: str | None, body: bytes) -> Request:
    """What this request asks. Raises `BadRequest` or `UnsupportedType`; parameters it does not know are ignored."""
    fields = _fields(query_string)
    kind = (content_type or "").partition(";")[0].strip().lower()
    direct: list[str] = []
    if method in {"POST", "QUERY"} and (body or kind in {FORM_TYPE, QUERY_TYPE, UPDATE_TYPE}):
        if kind == FORM_TYPE:
            fields += _fields(body)
        elif kind == QUERY_TYPE:
            direct = [_body_text(body, content_type or "")]
        else:
            raise UnsupportedType(kind, (QUERY_TYPE, FORM_TYPE))
    return _request(fields, direct, method)


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """An update, and the data set of its WHERE clauses (section 2.2.3)."""

    update: str
    using: tuple[str, ...]
    using_named: tuple[str, ...]


def read_update(query_string: bytes, content_type: str | None, body: bytes) -> UpdateRequest:
    """What a POST asks to change (section 2.2): in a form, or the update itself. Raises as `read` does."""
    fields = _fields(query_string)
    kind = (content_type or "").partition(";")[0].strip().lower()
    updates: list[str] = []
    if kind == FORM_TYPE:
        form = _fields(body)
        updates = [value for key, value in form if key == "update"]
        fields += form
    elif kind == UPDATE_TYPE:
        updates = [_body_text(body, content_type or "")]
    else:
        raise UnsupportedType(kind, (UPDATE_TYPE, FORM_TYPE))
    if len(updates) != 1:
        raise BadRequest(
            Text("La demande doit contenir une mise à jour, et une seule.", "The request must hold one update."),
            Text(f"Donnez le paramètre update, ou un corps {UPDATE_TYPE}.", f"Give `update`, or a body {UPDATE_TYPE}."),
        )
    using, named = (tuple(v for k, v in fields if k == name) for name in ("using-graph-uri", "using-named-graph-uri"))
    return UpdateRequest(updates[0], using, named)


def _fields(data: bytes) -> list[tuple[str, str]]:
    pairs = (piece.partition(b"=") for piece in data.replace(b"+", b" ").split(b"&") if piece)
    try:
        return [(unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()) for name, _, value in pairs]
    except ValueError:  # bytes that are not UTF-8, written plainly or percent-encoded
        raise _not_utf8() from None


def _body_text(body: bytes, content_type: str) -> str:
    charset = "utf-8"
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedType(content_type, (f"{QUERY_TYPE}; charset=utf-8",))
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _not_utf8() -> BadRequest:
    return BadRequest(
        Text("La requête n’est pas encodée en UTF-8.", "The request is not encoded in UTF-8."),
        Text("Encodez-la en UTF-8 puis réessayez.", "Encode it in UTF-8 and try again."),
    )


def _request(fields: Sequence[tuple[str, str]], direct: list[str], method: str) -> Request:
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name, []).append(value)
    queries = [*given.get("query", ()), *direct]
    if len(queries) > 1:
        raise BadRequest(
            Text("La demande contient plusieurs requêtes.", "The request holds several queries."),
            Text("Envoyez-en une à la fois.", "Send one at a time."),
        )
    if "update" in given:
        raise update_refused()
    if not queries and method in {"POST", "QUERY"}:
        raise BadRequest(
            Text("La demande ne contient pas de requête.", "The request holds no query."),
            Text(f"Donnez le paramètre query, ou un corps {QUERY_TYPE}.", f"Give `query`, or a body {QUERY_TYPE}."),
        )
    formats = [v for v in (*given.get("format", ()), *given.get("output", ())) if v.strip()]
    return Request(
        queries[0] if queries else None,
        tuple(given.get("default-graph-uri", ())),
        tuple(given.get("named-graph-uri", ())),
        formats[0].strip().lower() if formats else "",
        _seconds(given.get("timeout", ())),
        given.get("release", ("",))[0].strip(),
        given.get("cursor", (None,))[0],
    )


def _seconds(given: Sequence[str]) -> float | None:
    if not given or not given[0].strip():
        return None
    try:
        seconds = float(given[0])
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise BadRequest(
            Text(f"timeout «\u00a0{given[0]}\u00a0» n’est pas une durée.", f"timeout `{given[0]}` is not a duration."),
            Text("Donnez un nombre de secondes, comme 10.", "Give a number of seconds, such as 10."),
        )
    return seconds


@lru_cache(256)
def choices(asked: str, accept: str | None) -> tuple[Choice, Choice]:
    """The formats for a table or boolean, and for a graph.

    `asked` is the `format` parameter, a short name or a media type; where it says nothing of one kind of result,
    `Accept` decides for it. Raises an error that lists the names for one that is unknown.
    """
    table, graph = _accepted(accept, RESULT_TYPES), _accepted(accept, GRAPH_TYPES)
    if not asked:
        return table, graph
    if asked in _SHORT:
        wanted = _SHORT[asked]
    elif asked in RESULT_TYPES or asked in GRAPH_TYPES:
        wanted = (RESULT_TYPES.get(asked), GRAPH_TYPES.get(asked))
    else:
        raise unknown_choice("format", asked, list(_SHORT))
    return _canonical(wanted[0]) or table, _canonical(wanted[1]) or graph


def _accepted(accept: str | None, types: Mapping[str, str]) -> Choice:
    found = media_type(accept, list(types))
    return Choice(types[found], found) if found else Choice(None, "")


def _canonical(suffix: str | None) -> Choice | None:
    return Choice(suffix, _CANONICAL[suffix]) if suffix else None
