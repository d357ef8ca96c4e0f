"""The statements of an RDF document: leniently where that is enough, else recovered piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from catalog.errors import ResponseInvalid
from catalog.model import Text
from harvest.documents import json as json_document
from harvest.documents.packed import is_packed, unpacked
from harvest.documents.text import decoded, encoding
from harvest.documents.xml import refuse_entities
from harvest.rdf import contexts, formats, turtle, xml
from harvest.repair.iris import RELATIVE

HEAD = 1 << 16
RECOVERABLE = 100_000_000
"""Bytes up to which a faulty document is read into memory to recover what is good of it."""
_LINES = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)


@dataclass
class Document:
    """One RDF document on disk. `what` names it in errors; `problems` fills while it is read.

    A copy that is unpacked, or in UTF-8, is made in `folder`, which the caller removes.
    """

    file: Path
    what: str
    content_type: str = ""
    name: str = ""
    limit: int = 2_000_000_000
    folder: Path | None = None
    problems: list[Text] = field(default_factory=list)

    def triples(self, restart: Callable[[], None]) -> Iterator[Triple]:
        """The statements of all graphs. `restart` is called when those given so far are to be forgotten.

        Raises `ResponseInvalid` for what is no RDF, or is too broken to recover anything.
        """
        file = self._plain()
        head = self._head(file)
        fmt = formats.detect(head, content_type=self.content_type, name=self.name or self.file.name)
        if fmt is None:
            raise ResponseInvalid(
                "it is in no RDF format that is known.",
                what=self.what,
                hint="Turtle, RDF/XML, JSON-LD, N-Triples, N-Quads, TriG and N3 are read.",
            )
        if fmt == RdfFormat.RDF_XML:
            refuse_entities(file.read_bytes()[:HEAD] if file.stat().st_size < HEAD else _first(file), what=self.what)
        if fmt == RdfFormat.JSON_LD:
            yield from self._json_ld(file)
            return
        try:
            for quad in parse(path=file, format=fmt, base_iri=_base(fmt), lenient=True, rename_blank_nodes=True):
                yield quad.triple
        except (SyntaxError, ValueError) as e:
            restart()
            yield from self._recovered(file, fmt, str(e))

    # ── getting at the text ──────────────────────────────────────────────────────────────────────────────────────

    def _plain(self) -> Path:
        """The document unpacked and in UTF-8, in a file of its own where it was not."""
        head = _first(self.file)
        file = self.file
        if is_packed(head):
            unpacked_file = (self.folder or self.file.parent) / f"{self.file.name}.unpacked"
            with unpacked_file.open("wb") as out:
                for chunk in unpacked(self.file, self.limit, what=self.what):
                    out.write(chunk)
            file, head = unpacked_file, _first(unpacked_file)
            self.name = (self.name or self.file.name).removesuffix(".gz")
        name = encoding(head)
        if name == "utf-8":
            return file
        again = (self.folder or self.file.parent) / f"{self.file.name}.utf-8"
        with (
            file.open(encoding=name, errors="replace", newline="") as f,
            again.open("w", encoding="utf-8", newline="") as out,
        ):
            out.write(_declared_as_utf8(f.read(HEAD)).removeprefix("\ufeff"))
            while more := f.read(1 << 18):
                out.write(more)
        return again

    def _head(self, file: Path) -> str:
        return _first(file).decode("utf-8", "ignore")

    # ── faulty documents ─────────────────────────────────────────────────────────────────────────────────────────

    def _recovered(self, file: Path, fmt: RdfFormat, reason: str) -> Iterator[Triple]:
        if file.stat().st_size > RECOVERABLE:
            raise ResponseInvalid(
                f"it is faulty ({reason}), and too large to read what is good of it.",
                what=self.what,
                hint="Have the document corrected at the source.",
            )
        body = file.read_bytes()
        found: list[Triple] = []
        problems: list[turtle.Problem] = []
        if fmt == RdfFormat.RDF_XML:
            found, problems = xml.recover(body, RELATIVE, what=self.what)
        elif fmt in _LINES:
            for one in turtle.recover_lines(decoded(body), fmt):
                if isinstance(one, Triple):
                    found.append(one)
                else:
                    problems.append(one)
        else:
            again = RdfFormat.TRIG if fmt == RdfFormat.TURTLE else None
            found = self._as(file, again) if again else []
            if not found:
                found, problems = turtle.recover(decoded(body), RELATIVE)
        if not found:
            raise ResponseInvalid(f"nothing can be read of it ({reason}).", what=self.what)
        self._note(reason, problems)
        yield from found

    def _as(self, file: Path, fmt: RdfFormat) -> list[Triple]:
        """The statements if the document is sound in another format of the family, else none."""
        try:
            return [q.triple for q in parse(path=file, format=fmt, base_iri=RELATIVE, lenient=True)]
        except (SyntaxError, ValueError):
            return []

    def _note(self, reason: str, problems: list[turtle.Problem]) -> None:
        self.problems.append(
            Text(
                f"document incorrect, lu instruction par instruction ({reason})",
                f"faulty document, read statement by statement ({reason})",
            )
        )
        self.problems += [
            Text(f"ligne {p.line}\u00a0: {p.message}", f"line {p.line}: {p.message}") for p in problems[:20]
        ]

    # ── JSON-LD ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _json_ld(self, file: Path) -> Iterator[Triple]:
        """JSON-LD, whose contexts are ours where it refers to any."""
        if file.stat().st_size > RECOVERABLE and b'"@context"' not in _first(file):
            raise ResponseInvalid("it is too large, and its context does not stand first.", what=self.what)
        if file.stat().st_size > RECOVERABLE:
            yield from self._parsed_json_ld(file)
            return
        body = file.read_bytes()
        data = json_document.load(body, what=self.what, forgiving=True)
        for address in dict.fromkeys(contexts.remote(data)):
            if not contexts.is_known(address):
                self.problems.append(
                    Text(
                        f"contexte JSON-LD inconnu, remplacé par celui de DCAT-AP\u00a0: {address}",
                        f"unknown JSON-LD context, replaced by that of DCAT-AP: {address}",
                    )
                )
        try:
            text = json.dumps(contexts.replaced(data), ensure_ascii=False)
            body = text.encode("utf-8", "replace")
        except RecursionError as e:
            raise ResponseInvalid("it is nested too deep to be read.", what=self.what) from e
        yield from self._parsed_json_ld(body)

    def _parsed_json_ld(self, source: Path | bytes) -> Iterator[Triple]:
        given = {"path": source} if isinstance(source, Path) else {"input": source}
        try:
            for quad in parse(
                **given,
                format=RdfFormat.JSON_LD,
                base_iri=RELATIVE,
                lenient=True,
                rename_blank_nodes=True,
            ):
                yield quad.triple
        except (SyntaxError, ValueError) as e:
            raise ResponseInvalid(f"it is JSON, but no JSON-LD that can be read ({e}).", what=self.what) from e


def _base(fmt: RdfFormat) -> str | None:
    return None if fmt in _LINES else RELATIVE


def _first(file: Path) -> bytes:
    with file.open("rb") as f:
        return f.read(HEAD)


def _declared_as_utf8(text: str) -> str:
    return re.sub(r"(<\?xml[^>]*?encoding\s*=\s*[\"'])[A-Za-z0-9._-]+([\"'])", r"\g<1>utf-8\2", text, count=1)
