"""A server of RDF catalogues: in one document or in Hydra pages of either class, with whatever content type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Running, serving

PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def dataset(name: str, more: str = "") -> str:
    """A small dataset in Turtle, without its prefixes."""
    return f"""<https://data.ville.fr/dataset/{name}> a dcat:Dataset ; dct:title "Jeu {name}"@fr ;
    dct:description "Écrit à la main."@fr ; dct:identifier "{name}" {more} .
"""


def paged(
    pages: int, each: int, *, old: bool = False, loop: bool = False, elsewhere: str = ""
) -> Callable[[str], Answer]:
    """A catalogue of Hydra pages at `/catalog?page=n`; `old` uses `hydra:PagedCollection` and `hydra:nextPage`.

    With `loop` the last page leads to the first, with `elsewhere` to another address.
    """

    def reply(path: str) -> Answer:
        number = int(parse_qs(urlsplit(path).query).get("page", ["1"])[0])
        names = [f"p{number}-{i}" for i in range(each)]
        body = PREFIXES + "".join(dataset(n) for n in names)
        listed = ", ".join(f"<https://data.ville.fr/dataset/{n}>" for n in names)
        body += f"<https://data.ville.fr/> a dcat:Catalog ; dcat:dataset {listed} .\n"
        following = f"?page={number + 1}" if number < pages else "?page=1" if loop else elsewhere
        kind, predicate = ("PagedCollection", "nextPage") if old else ("PartialCollectionView", "next")
        view = f"<?page={number}> a hydra:{kind} ; hydra:totalItems {pages * each}"
        body += f"{view} ; hydra:{predicate} <{following}> .\n" if following else f"{view} .\n"
        return Answer(body.encode(), kind="text/turtle")

    return reply


@contextmanager
def catalogue(reply: Callable[[str], Answer] | bytes, kind: str = "text/turtle") -> Iterator[Running]:
    """Runs the server on a free loopback port; bytes are the one document that it has."""
    if isinstance(reply, bytes):
        body = reply
        with serving(lambda _path: Answer(body, kind=kind)) as running:
            yield running
    else:
        with serving(reply) as running:
            yield running
