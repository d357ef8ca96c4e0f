"""`Link` headers: where else a thing is described (RFC 8288), for programs that look at headers first.

The IRI itself says `alternate` and `describedby` of each of its documents, `cite-as` (RFC 8574), and where its record
is; a document says which IRI it `describes` (RFC 6892) and its `alternate` forms. FAIR Signposting reads the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from api.naming import PAGE, SUFFIXES, Thing
from catalog.formats import FORMATS
from catalog.identifiers import Minter
from catalog.model import Kind

_SAFE = "/:?#[]@!$&'()*+,;=%~"


def ascii_uri(iri: str) -> str:
    """The IRI as a URI, for a header: what is not ASCII is percent-encoded (RFC 3987, section 3.1)."""
    return quote(iri, safe=_SAFE)


def link(target: str, relation: str, **parameters: str) -> str:
    """One link, with its target attributes."""
    more = "".join(f'; {name}="{value}"' for name, value in parameters.items())
    return f'<{ascii_uri(target)}>; rel="{relation}"{more}'


def alternates(base: str, path: str, query: str, relation: str, suffixes: Iterable[str] = SUFFIXES) -> list[str]:
    """A link to each form of what is at `path` below the base; `query` begins with a question mark or is empty."""
    return [link(f"{base}{path}.{s}{query}", relation, type=FORMATS[s].media_type) for s in suffixes]


def links(base: str, found: Thing, kept: str) -> str:
    """The links of what an address shows; `kept` is the release that the address names, or empty."""
    query = f"?release={kept}" if kept else ""
    page = link(f"{base}{found.path}.{PAGE}{query}", "alternate", type="text/html")
    if found.suffix:
        others = (s for s in SUFFIXES if s != found.suffix)
        said = [link(found.iri, "describes"), page, *alternates(base, found.path, query, "alternate", others)]
    else:
        said = [link(found.iri, "cite-as"), page, *alternates(base, found.path, query, "alternate describedby")]
    if found.description.kind is Kind.DATASET:
        record = Minter(base).record(found.description.slug)
        if found.iri != record:
            said.append(link(record + query, "describedby"))
    return ", ".join(said)
