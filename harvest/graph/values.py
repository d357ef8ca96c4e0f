"""Properties whose values are texts, links, dates or numbers: each value kept where it is sound, else repaired."""

from __future__ import annotations

import re
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.graph.model import Node, Statement
from harvest.graph.work import Group, Work
from harvest.mapping import wording
from harvest.mapping.statements import Term, iri, literal, text
from harvest.repair import dates, iris, numbers, rules, texts
from harvest.repair.rules import Rule
from vocab.namespaces import DCT, FOAF, RDF, XSD

_STRINGS = frozenset((XSD.string.value, RDF.langString.value))


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def line(work: Work, group: Group) -> None:
    """Texts of one line: titles, names, labels."""
    for s in group.statements:
        _say_text(work, group, s, lines=False)


def prose(work: Work, group: Group) -> None:
    """Texts that may have paragraphs."""
    for s in group.statements:
        _say_text(work, group, s, lines=True)


def _say_text(work: Work, group: Group, s: Statement, *, lines: bool) -> None:
    value, done = words_of(work, s)
    cleaned = texts.text(value, lines=lines)
    if not cleaned.value:
        work.refuse(s, "empty", wording.EMPTY_TEXT)
        return
    tagged = texts.Tagged("")
    if isinstance(s.object, Literal) and (s.object.language or done):
        prose_ = work.graph.text(group.node, DCT.description) if group.predicate == DCT.title else ""
        tagged = texts.language(cleaned.value, s.object.language or "", prose=_plain(prose_))
    sound = isinstance(s.object, Literal) and iris.is_valid(s.object.datatype.value)
    if cleaned.value == value and not tagged.rules and not done and sound:
        work.say(group, s, str(s.object))
    else:
        changes = tuple(r for r in tagged.rules if isinstance(s.object, Literal) and s.object.language)
        work.say(group, s, text(cleaned.value, tagged.tag), *done, *cleaned.rules, *changes)


def _plain(value: str) -> str:
    return texts.text(value, lines=True).value[:2000] if value else ""


def words_of(work: Work, s: Statement) -> tuple[str, tuple[Rule, ...]]:
    """The words that a value stands for: a literal's, a node's label, the text that stands where an IRI should."""
    value = s.object
    if isinstance(value, Literal):
        return value.value, ()
    found = work.label(value)
    if found:
        work.spend(value, rules.TEXT_AS_IRI)
        return found, (rules.TEXT_AS_IRI,)
    if isinstance(value, BlankNode):
        return "", (rules.TEXT_AS_IRI,)
    given = iris.original(value.value)
    return value.value if given is None else given, (rules.TEXT_AS_IRI,)


def keywords(work: Work, group: Group) -> None:
    """Keywords, each by itself."""
    for s in group.statements:
        value, done = words_of(work, s)
        parts = texts.keywords(value)
        tag = s.object.language or "" if isinstance(s.object, Literal) else ""
        tagged = texts.tag(tag) if tag else texts.Tagged("")
        if not parts:
            work.refuse(s, "empty", wording.EMPTY_TEXT)
        elif parts == (value,) and not done and not texts.text(value).rules and not tagged.rules:
            work.say(group, s, str(s.object))
        for part in parts if not work.account.has(s) else ():
            cleaned = texts.text(part)
            more = (rules.KEYWORDS,) if len(parts) > 1 else ()
            if cleaned.value:
                work.into.add(work.term(group.node), f"<{group.predicate.value}>", text(cleaned.value, tagged.tag))
                work.account.repaired(s, *group.rules, *done, *more, *cleaned.rules, *tagged.rules)


def plain(work: Work, group: Group) -> None:
    """Codes, numbers of versions, notations: a literal, whatever its type."""
    for s in group.statements:
        if isinstance(s.object, Literal):
            bare = s.object.value.strip()
            if not bare:
                work.refuse(s, "empty", wording.EMPTY_TEXT)
            elif not iris.is_valid(s.object.datatype.value):
                work.say(group, s, text(bare), rules.DATATYPE)
            elif bare == s.object.value:
                work.say(group, s, str(s.object))
            else:
                work.say(group, s, text(bare), rules.WHITESPACE)
        else:
            value, done = words_of(work, s)
            if value:
                work.say(group, s, text(value), *done)
            else:
                work.refuse(s, "empty", wording.EMPTY_TEXT)


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def links(work: Work, group: Group) -> None:
    """Web addresses."""
    for s in group.statements:
        _link(work, group, s)


def pages(work: Work, group: Group) -> None:
    """Web addresses of pages for people: each is a `foaf:Document`."""
    for s in group.statements:
        for page in _link(work, group, s):
            work.typed(page, FOAF.Document)


def _link(work: Work, group: Group, s: Statement) -> tuple[Term, ...]:
    value = s.object
    if isinstance(value, BlankNode) or (isinstance(value, NamedNode) and work.graph.describes(value)):
        return (thing(work, group, s),)
    as_text = (rules.IRI_AS_TEXT,) if isinstance(value, Literal) else ()
    fixed = iris.web(value.value, work.base)
    if not fixed.iris and iris.is_valid(value.value) and not as_text and iris.original(value.value) is None:
        fixed = iris.Fixed((value.value,))  # another scheme, such as urn: or mailto:
    if not fixed.iris and (mailed := iris.mail(value.value)).iris:
        fixed = mailed
    if not fixed.iris:
        work.refuse(s, "bad-address", wording.BAD_ADDRESS)
        return ()
    found = tuple(iri(one) for one in fixed.iris)
    for one in found:
        work.say(group, s, one, *as_text, *fixed.rules)
    return found


def thing(work: Work, group: Group, s: Statement) -> Term:
    """A node that the graph describes, stated by its name and written in its turn."""
    value = cast("Node", s.object)
    made = work.term(value)
    same = isinstance(value, NamedNode) and made == f"<{value.value}>"
    work.say(group, s, made, *(() if same else (rules.NAMED,)))
    work.follow(value)
    return made


def mails(work: Work, group: Group) -> None:
    """`mailto:` addresses."""
    for s in group.statements:
        value = s.object
        if isinstance(value, BlankNode):
            thing(work, group, s)
            continue
        fixed = iris.mail(value.value)
        if not fixed.iris and not isinstance(value, Literal) and iris.original(value.value) is None:
            fixed = iris.web(value.value)
        if not fixed.iris:
            work.refuse(s, "bad-email", wording.BAD_EMAIL)
        for one in fixed.iris:
            work.say(group, s, iri(one), *fixed.rules)


def telephones(work: Work, group: Group) -> None:
    """`tel:` numbers; a node with `vcard:hasValue` is written as it is."""
    for s in group.statements:
        if isinstance(s.object, BlankNode) or work.graph.describes(s.object):
            thing(work, group, s)
            continue
        fixed = iris.telephone(s.object.value)
        if fixed.iris:
            work.say(group, s, iri(fixed.iris[0]), *fixed.rules)
        else:
            work.refuse(s, "bad-telephone", wording.BAD_TELEPHONE)


# ── dates and numbers ────────────────────────────────────────────────────────────────────────────────────────────────


def days(work: Work, group: Group) -> None:
    """Dates and times, of the precision that was given."""
    for s in group.statements:
        value = s.object
        words = value.value if isinstance(value, Literal) else work.label(value) or getattr(value, "value", "")
        kind = value.datatype.value if isinstance(value, Literal) else ""
        found = dates.date(iris.original(words) or words, kind, work.out.zone)
        if found is None:
            work.refuse(s, "bad-date", wording.BAD_DATE)
        else:
            work.say(group, s, found.term, *found.rules)


def sizes(work: Work, group: Group) -> None:
    """Bytes, as `xsd:nonNegativeInteger`."""
    for s in group.statements:
        size = numbers.byte_size(s.object.value) if isinstance(s.object, Literal) else None
        if size is None:
            work.refuse(s, "bad-number", wording.BAD_NUMBER)
        else:
            made = literal(str(size), XSD.nonNegativeInteger)
            work.say(group, s, str(s.object) if _is(s, made) else made, *(() if _is(s, made) else (rules.NUMBER,)))


def metres(work: Work, group: Group) -> None:
    """Metres, as `xsd:decimal`."""
    for s in group.statements:
        value = s.object
        if (
            isinstance(value, Literal)
            and value.datatype == XSD.decimal
            and re.fullmatch(r"[+-]?\d+(\.\d+)?", value.value)
        ):
            work.say(group, s, str(value))
            continue
        found = numbers.metres(value.value) if isinstance(value, Literal) else None
        if found is None:
            work.refuse(s, "bad-number", wording.BAD_NUMBER)
        else:
            work.say(group, s, literal(found, XSD.decimal), rules.NUMBER)


_DURATION = re.compile(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?\Z")


def durations(work: Work, group: Group) -> None:
    """ISO 8601 durations, as `xsd:duration`."""
    for s in group.statements:
        value = s.object.value.strip() if isinstance(s.object, Literal) else ""
        if not _DURATION.match(value):
            work.refuse(s, "bad-duration", wording.BAD_DURATION)
        else:
            made = literal(value, XSD.duration)
            work.say(group, s, made, *(() if _is(s, made) else (rules.NUMBER,)))


def _is(s: Statement, made: Term) -> bool:
    return str(s.object) == made


# ── whatever else there is ───────────────────────────────────────────────────────────────────────────────────────────


def anything(work: Work, group: Group) -> None:
    """A property that no rule knows: nodes are followed, IRIs repaired, literals kept."""
    for s in group.statements:
        value = s.object
        if isinstance(value, Literal):
            _say_literal(work, group, s, value)
        elif isinstance(value, BlankNode) or work.graph.describes(value):
            thing(work, group, s)
        else:
            fixed = iris.name(value.value, work.base)
            for one in fixed.iris:
                work.say(group, s, iri(one), *fixed.rules)
            if not fixed.iris:
                words = iris.original(value.value)
                bare = value.value if words is None else words
                if bare.strip():
                    work.say(group, s, text(bare.strip()), rules.TEXT_AS_IRI)
                else:
                    work.refuse(s, "bad-address", wording.BAD_ADDRESS)


def _say_literal(work: Work, group: Group, s: Statement, value: Literal) -> None:
    tagged = texts.tag(value.language) if value.language else texts.Tagged("")
    if tagged.rules:
        work.say(group, s, text(value.value, tagged.tag), *tagged.rules)
    elif not iris.is_valid(value.datatype.value):
        work.say(group, s, text(value.value), rules.DATATYPE)
    elif value.datatype.value in _STRINGS and (cleaned := texts.text(value.value, lines=True)).rules:
        if cleaned.value:
            work.say(group, s, text(cleaned.value, tagged.tag), *cleaned.rules)
        else:
            work.refuse(s, "empty", wording.EMPTY_TEXT)
    else:
        work.say(group, s, str(value))
