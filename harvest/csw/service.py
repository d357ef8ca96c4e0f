"""A catalogue service that is asked: for what it offers, for its records page by page, for one by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from catalog.errors import ResponseInvalid
from catalog.model import Text
from catalog.web import Client
from harvest.csw import requests, responses
from harvest.csw.requests import Question
from harvest.csw.responses import Capabilities, Page
from harvest.iso.document import Element
from harvest.source import Rejected

ISO = frozenset(("gmd", "mdb"))
"""The schemas whose records stand by themselves and bear the identifier that the service lists them by."""
_PREFERRED = ("gmd", "mdb", "dcat", "record")


@dataclass
class Manner:
    """How a service is asked. What is empty, its capabilities decide; `filter` is a constraint in CQL.

    `size` records are asked for at a time, `most` pages at most, and an answer has at most `limit` bytes.
    """

    version: str
    method: str
    schema: str
    filter: str
    size: int
    most: int
    limit: int


class Service:
    """One catalogue service, at the address of its operator's choice.

    `total` is how many records the listing under way announces, None where it does not. `complete` is False once a part
    of a listing could not be read.
    """

    def __init__(self, url: str, client: Client, manner: Manner, notify: Callable[[Text], None]) -> None:
        self.url = url
        self.client = client
        self.manner = manner
        self.notify = notify
        self.offer = Capabilities()
        self.total: int | None = None
        self.complete = True

    def introduce(self) -> None:
        """Asks what the service offers. One that cannot say is asked for ISO 19139 in version 2.0.2."""
        how = self.manner
        try:
            self.offer = self._capabilities()
        except ResponseInvalid as e:
            self.notify(
                Text(
                    f"{e.told.fr} Ses notices sont demandées quand même.",
                    f"{e.told.en} Its records are asked for all the same.",
                )
            )
        how.version = how.version or self.offer.version or "2.0.2"
        how.schema = how.schema or next((n for n in _PREFERRED if n in self.offer.schemas), "gmd")
        how.method = how.method or ("post" if self.offer.post and not self.offer.get else "get")

    def _capabilities(self) -> Capabilities:
        asked = _with(self.url, requests.capabilities(self.manner.version))
        body, _ = self.client.get_bytes(asked, accept=requests.XML, max_bytes=self.manner.limit)
        root, _ = responses.tree(body, what=self.url)
        return responses.capabilities(root, what=self.url)

    # ── listings ─────────────────────────────────────────────────────────────────────────────────────────────────

    def question(self, constraint: str = "") -> Question:
        """The question for whole records in the schema that is read, of those that also meet the constraint."""
        schema = self.offer.schemas.get(self.manner.schema) or requests.SCHEMAS.get(self.manner.schema, "")
        return Question(
            self.manner.version,
            schema or requests.CORE[self.manner.version],
            1,
            self.manner.size,
            requests.both(self.manner.filter, constraint),
        )

    def names(self) -> Iterator[str]:
        """What the service calls its records, by the core schema's brief form; empty for one that has no name there."""
        core = requests.CORE[self.manner.version]
        for page in self.pages(replace(self.question(), schema=core, elements="brief", most=self.manner.size * 10)):
            for one in page:
                yield "" if isinstance(one, Rejected) else responses.identifier(one)

    def pages(self, asked: Question) -> Iterator[list[Element | Rejected]]:
        """Page after page, each further on than the one before; a page that cannot be read, record by record.

        Raises `ResponseInvalid` for a listing that would not end, and `SourceError` as every request does.
        """
        self.total = None
        start, before, met = 1, b"", set[int]()
        while start:
            if len(met) >= self.manner.most:
                raise ResponseInvalid(
                    f"the catalogue goes on after {self.manner.most} pages.",
                    what=self.url,
                    hint="If it is that long, raise `max_pages` in the source's options.",
                )
            met.add(start)
            try:
                page = self.page(replace(asked, start=start))
            except ResponseInvalid:
                if self.total is None or asked.most == 1:
                    raise
                yield from self._one_by_one(replace(asked, start=start))
                start = self._next(Page([], self.total, start + asked.most), start, asked.most, asked.most)
                continue
            if self.total is None:
                self.total = page.matched
            content = b"".join(etree.tostring(e) for e in page.elements)
            if page.elements and content == before:
                raise ResponseInvalid(
                    f"it gave the same records again when asked for those from {start} on.",
                    what=self.url,
                    hint="The service does not page; ask for all at once with a larger `page_size`.",
                )
            before = content
            yield [*page.elements]
            start = self._next(page, start, len(page.elements), asked.most)
            if start:
                self.notify(
                    Text(
                        f"{start - 1} notices sur {self.total or 'un nombre inconnu'}",
                        f"{start - 1} of {self.total or 'unknown'} records",
                    )
                )

    def _next(self, page: Page, start: int, given: int, most: int) -> int:
        """Where the next page begins; 0 at the end."""
        if page.following == 0 or not given:
            return 0
        if page.following is not None and page.following <= start:
            raise ResponseInvalid(
                f"its next page begins at {page.following}, which is not after {start}: it would never end.",
                what=self.url,
            )
        following = page.following or start + given
        if self.total is not None:
            return following if following <= self.total else 0
        return following if page.following or given >= most else 0

    def _one_by_one(self, asked: Question) -> Iterator[list[Element | Rejected]]:
        """The records of a page that cannot be had as a whole; those that break it are set aside with the reason."""
        start = asked.start
        self.notify(
            Text(
                f"la page qui commence à la notice {start} est illisible\u00a0; ses notices sont demandées une à une",
                f"the page from record {start} on cannot be read; its records are asked for one by one",
            )
        )
        for position in range(start, min(start + asked.most, (self.total or 0) + 1)):
            try:
                yield [*self.page(replace(asked, start=position, most=1)).elements[:1]]
            except ResponseInvalid as e:
                self.complete = False
                yield [
                    Rejected(
                        f"#{position}",
                        Text(
                            f"le service ne peut pas la donner\u00a0: {e.message}",
                            f"the service cannot give it: {e.message}",
                        ),
                    )
                ]

    def came(self, listed: int) -> None:
        """Whether as many records came as the listing announced: without, it is not complete."""
        if self.total is not None and listed < self.total:
            self.complete = False
            self.notify(
                Text(
                    f"{self.url}\u00a0: {listed} des {self.total} notices annoncées ont été données",
                    f"{self.url}: {listed} of the {self.total} records announced were given",
                )
            )

    def page(self, asked: Question) -> Page:
        """One page of records."""
        root, problem = self._ask(asked.kvp(), asked.body())
        if problem and not root.xpath("//*[local-name()='SearchResults']"):
            raise ResponseInvalid(problem, what=self.url)
        found = responses.page(root, what=self.url)
        if problem:
            self.complete = False
            self.notify(
                Text(
                    f"{self.url}\u00a0: document abîmé ({problem}) Ce qui peut en être lu l’est.",
                    f"{self.url}: {problem} What can be read of it is.",
                )
            )
        return found

    def record(self, name: str) -> list[Element]:
        """The record of this name in the schema that is read; nothing where it is not there any more.

        Raises `ResponseInvalid` where the service refuses the question.
        """
        asked = replace(self.question(), most=1)
        root, problem = self._ask(asked.by_name_kvp(name), asked.by_name_body(name))
        if problem:
            raise ResponseInvalid(problem, what=self.url)
        return responses.page(root, what=self.url).elements

    def _ask(self, kvp: dict[str, str], body: bytes) -> tuple[Element, str]:
        how = self.manner
        if how.method == "post":
            url = self._address(self.offer.post)
            answer, _ = self.client.post_bytes(
                url, body, content_type=requests.XML, accept=requests.XML, max_bytes=how.limit
            )
        else:
            url = self._address(self.offer.get)
            answer, _ = self.client.get_bytes(_with(url, kvp), accept=requests.XML, max_bytes=how.limit)
        return responses.tree(answer, what=url)

    def _address(self, announced: str) -> str:
        """The address that the service announces, if it is on the host that was named; else the one in the settings."""
        if announced and _host(announced) == urlsplit(self.url).hostname:
            return announced
        return self.url


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _with(url: str, more: dict[str, str]) -> str:
    """The address with these parameters in the place of its own of the same names."""
    parts = urlsplit(url)
    names = {n.lower() for n in more} | {"service", "request", "version"}
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in names]
    return urlunsplit((*parts[:3], urlencode([*kept, *more.items()]), ""))
