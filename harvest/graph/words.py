"""Properties whose values come from controlled vocabularies, or from free text that means one of their terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Text
from harvest.graph.model import Statement
from harvest.graph.values import thing
from harvest.graph.work import Group, Work
from harvest.mapping import concepts, wording
from harvest.mapping.concepts import is_address
from harvest.mapping.statements import iri, node, text
from harvest.repair import iris, rules
from harvest.repair.texts import text as clean
from vocab.alignment import Reason
from vocab.formats import format_for
from vocab.frequencies import frequency as find_frequency
from vocab.namespaces import DCAT, DCT, ELI, SKOS
from vocab.terms import Term as VocabularyTerm
from vocab.terms import table
from vocab.terms import term as known_term
from vocab.themes import themes as find_themes

Finder = Callable[[Work, str], VocabularyTerm | None]


def clues(work: Work, s: Statement) -> list[str]:
    """What a value says, the most telling first: its IRI, its words, its label, the last part of its IRI."""
    value = s.object
    if isinstance(value, Literal):
        return [value.value.strip()]
    found = []
    if isinstance(value, NamedNode):
        given = iris.original(value.value)
        found = [value.value if given is None else given]
    found += [
        v.value for p in (SKOS.notation, DCT.identifier) for v in work.graph.values(value, p) if isinstance(v, Literal)
    ]
    found.append(work.label(value))
    if isinstance(value, NamedNode):
        found.append(unquote(re.split(r"[/#:]", value.value.rstrip("/#"))[-1]))
    return [one.strip() for one in found if one and one.strip()]


def _controlled(find: Finder, reason: Text, mapping: str | None = None) -> Callable[[Work, Group], None]:
    """The rule for a property whose values must be terms of one EU table."""

    def handle(work: Work, group: Group) -> None:
        said: set[str] = set()
        for s in group.statements:
            if isinstance(s.object, NamedNode) and _current(s.object.value, find, work):
                said.add(s.object.value)
                work.say(group, s, str(s.object))
                continue
            found = next((t for c in clues(work, s) if (t := find(work, c))), None)
            if found is None:
                _leave(work, group, s, reason, mapping)
            elif found.iri in said:
                work.account.ignore(s, rules.DUPLICATE)
                work.spend(s.object)
            else:
                said.add(found.iri)
                work.say(group, s, iri(found.iri), rules.VOCABULARY)
                work.spend(s.object)

    return handle


def _current(value: str, find: Finder, work: Work) -> bool:
    """Whether the IRI is itself a term of the table."""
    found = known_term(value)
    return found is not None and find(work, value) == found


def _leave(work: Work, group: Group, s: Statement, reason: Text, mapping: str | None) -> None:
    """A value outside the vocabulary: an address stays as it is, words are reported."""
    value = s.object
    if isinstance(value, NamedNode) and iris.original(value.value) is None and is_address(value.value):
        fixed = iris.web(value.value)
        if fixed.iris:
            work.say(group, s, iri(fixed.iris[0]), *fixed.rules)
            work.follow(value)
            return
    work.refuse(s, "vocabulary", reason, table=mapping)
    work.spend(value)


def _frequency(work: Work, value: str) -> VocabularyTerm | None:
    return find_frequency(value, extra=work.out.context.frequencies).term


def _in(name: str) -> Finder:
    def find(_work: Work, value: str) -> VocabularyTerm | None:
        return table(name).find(value)

    return find


_MARC = re.compile(
    r"(?:https?://id\.loc\.gov/vocabulary/iso639-[12]/|https?://(?:www\.)?lexvo\.org/id/iso639-3/)?([A-Za-z]{2,3})\Z"
)


def _language(_work: Work, value: str) -> VocabularyTerm | None:
    found = table("language").find(value)
    if found:
        return found
    short = _MARC.match(value) or re.match(r"([A-Za-z]{2,3})[-_][A-Za-z]{2,4}\Z", value)
    return table("language").find(_BIBLIOGRAPHIC.get(short[1].lower(), short[1])) if short else None


_BIBLIOGRAPHIC = {"fre": "fra", "ger": "deu", "dut": "nld", "gre": "ell", "cze": "ces", "slo": "slk", "rum": "ron"}
"""Codes of ISO 639-2/B, which the EU table does not have."""

frequency = _controlled(_frequency, wording.NO_FREQUENCY, "frequencies")
language = _controlled(_language, wording.BAD_LANGUAGE)
distribution_status = _controlled(_in("distribution-status"), wording.NO_TERM)
availability = _controlled(_in("planned-availability"), wording.NO_TERM)
hvd_category = _controlled(_in("hvd-category"), wording.NO_HVD_CATEGORY)


def status(work: Work, group: Group) -> None:
    """`adms:status`: of a distribution one of the EU list, of anything else a term of either list."""
    if work.graph.is_a(group.node, DCAT.Distribution) or work.graph.values(
        group.node, DCAT.accessURL, DCAT.downloadURL
    ):
        distribution_status(work, group)
    else:
        concept(work, group)


# ── formats ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_IANA = "https://www.iana.org/assignments/media-types/"


def formats(work: Work, group: Group) -> None:
    """`dct:format`: the EU file type that the values of the distribution state together."""
    for s in group.statements:
        if isinstance(s.object, NamedNode) and (own := known_term(s.object.value)) and own.scheme == "file-type":
            work.say(group, s, str(s.object))
            continue
        media = _words(work, group, DCAT.mediaType)
        words = clues(work, s)
        match = next((m for w in words if (m := _format(work, w, media)).file_type), None)
        if match is None:
            match = format_for(url=_url(work, group)) if not words else None
        if match and match.file_type:
            work.say(group, s, iri(match.file_type.iri), rules.VOCABULARY)
            work.spend(s.object)
        else:
            _leave(work, group, s, wording.NO_FORMAT, "formats")


def _format(work: Work, word: str, media: str):  # type: ignore[no-untyped-def]  # vocab.formats.FormatMatch
    if "/" in word and "://" not in word:
        return format_for(mimetype=word, extra=work.out.context.formats)
    return format_for(label=word, mimetype=media or None, extra=work.out.context.formats)


def _words(work: Work, group: Group, predicate: NamedNode) -> str:
    found = work.graph.value(group.node, predicate)
    return found.value if isinstance(found, Literal) else ""


def _url(work: Work, group: Group) -> str:
    return work.graph.text(group.node, DCAT.downloadURL, DCAT.accessURL)


def media_types(work: Work, group: Group) -> None:
    """`dcat:mediaType` and its kin: the IANA media type. What is no media type but a format is stated as one."""
    for s in group.statements:
        value = s.object
        if isinstance(value, NamedNode) and (own := known_term(value.value)) and own.scheme == "media-type":
            work.say(group, s, str(value))
            continue
        found = next((t for c in clues(work, s) if (t := _media_type(work, c))), None)
        if found:
            work.say(group, s, iri(found), rules.VOCABULARY)
            work.spend(value)
        elif (kind := _file_type(work, s)) and not work.graph.values(group.node, DCT["format"]):
            work.add(group.node, DCT["format"], iri(kind))
            work.account.repaired(s, *group.rules, rules.VOCABULARY)
            work.spend(value)
        else:
            _leave(work, group, s, wording.NO_FORMAT, "formats")


def _media_type(work: Work, value: str) -> str:
    bare = re.sub(r"^https?://(?:www\.)?iana\.org/assignments/media-types/", "", value)
    if "://" in bare:
        return ""
    match = format_for(**({"mimetype": bare} if "/" in bare else {"label": bare}), extra=work.out.context.formats)
    return match.media_type.iri if match.media_type else ""


def _file_type(work: Work, s: Statement) -> str:
    for word in clues(work, s):
        match = _format(work, word, "")
        if match.file_type:
            return str(match.file_type.iri)
    return ""


# ── themes and other concepts ────────────────────────────────────────────────────────────────────────────────────────


def themes(work: Work, group: Group) -> None:
    """`dcat:theme`: IRIs stay, words become the city's own concepts; either way the EU themes they mean are added."""
    said: set[str] = {s.object.value for s in group.statements if isinstance(s.object, NamedNode)}
    for s in group.statements:
        value = s.object
        if isinstance(value, NamedNode) and (own := known_term(value.value)):
            work.say(group, s, iri(own.iri))
            continue
        words = work.label(value) if not isinstance(value, Literal) else value.value
        if not words and isinstance(value, NamedNode):
            words = iris.original(value.value) or ""
        meant = _meant(work, words, value)
        for one in meant:
            if one not in said:
                said.add(one)
                work.add(group.node, DCAT.theme, iri(one))
        _theme(work, group, s, words, found=bool(meant))


def _meant(work: Work, words: str, value: object) -> list[str]:
    asked = [words] if words else []
    if isinstance(value, NamedNode) and iris.original(value.value) is None:
        asked.append(value.value)
    for one in asked:
        if found := find_themes(clean(one).value, extra=work.out.context.themes).terms:
            return [t.iri for t in found]
    return []


def _theme(work: Work, group: Group, s: Statement, words: str, *, found: bool) -> None:
    value = s.object
    if isinstance(value, NamedNode) and iris.original(value.value) is None and (made := iris.name(value.value)).iris:
        own = iri(made.iris[0])
        work.say(group, s, own, *made.rules)
        work.typed(own, SKOS.Concept)
        work.follow(value)
        return
    name = clean(words).value
    if not name:
        work.refuse(s, "empty", wording.EMPTY_TEXT)
        return
    work.say(group, s, concepts.city_theme(work.out, name), rules.VOCABULARY)
    work.spend(value)
    if not found:
        work.refuse(s, "themes", wording.NO_THEME, table="themes")


def concept(work: Work, group: Group) -> None:
    """Any property whose values are concepts of a list of the source's choice."""
    for s in group.statements:
        value = s.object
        if isinstance(value, BlankNode):
            work.mint("concept", value)
            work.typed(thing(work, group, s), SKOS.Concept)
            continue
        fixed = iris.name(value.value, work.base) if isinstance(value, NamedNode) else iris.web(value.value)
        if fixed.iris:
            made = iri(fixed.iris[0])
            work.say(group, s, made, *fixed.rules)
            work.typed(made, SKOS.Concept)
            work.follow(value)
        else:
            label(work, group, s, "concept", SKOS.Concept, SKOS.prefLabel)


def label(work: Work, group: Group, s: Statement, kind: str, cls: NamedNode, predicate: NamedNode) -> str:
    """A text where a thing of a class belongs: a thing with that text as its label. Returns its name."""
    words = s.object.value if not isinstance(s.object, BlankNode) else work.label(s.object)
    given = iris.original(words)
    cleaned = clean(words if given is None else given, lines=True)
    if not cleaned.value:
        work.refuse(s, "empty", wording.EMPTY_TEXT)
        return ""
    tag = s.object.language or "" if isinstance(s.object, Literal) else ""
    made = work.out.below(kind, _key(cleaned.value))
    work.into.add(made, node(predicate), text(cleaned.value, tag))
    work.typed(made, cls)
    work.say(group, s, made, rules.AS_STATEMENT, *cleaned.rules)
    return made


@lru_cache(maxsize=4096)
def _key(words: str) -> str:
    return concepts.key(words)


def legislation(work: Work, group: Group) -> None:
    """`dcatap:applicableLegislation`: each is an `eli:LegalResource`."""
    for s in group.statements:
        value = s.object
        fixed = iris.web(value.value) if not isinstance(value, BlankNode) else iris.NOTHING
        for one in fixed.iris:
            work.say(group, s, iri(one), *fixed.rules)
            work.typed(iri(one), ELI.LegalResource)
        if not fixed.iris:
            label(work, group, s, "legislation", ELI.LegalResource, DCT.title)


def as_text(reason: Reason | None, otherwise: Text) -> Text:
    """A vocabulary's reason as the ledger keeps it."""
    return Text(reason.fr, reason.en) if reason else otherwise
