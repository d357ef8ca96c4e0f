"""Under what terms: licences, rights and provenance statements, access rights, standards."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.graph.model import Node, Statement
from harvest.graph.values import _link, thing
from harvest.graph.words import as_text, clues, label
from harvest.graph.work import Group, Work, digest
from harvest.mapping import wording
from harvest.mapping.concepts import is_address
from harvest.mapping.references import national_schema
from harvest.mapping.statements import iri, node, text
from harvest.repair import iris, rules
from harvest.repair.rules import Rule
from harvest.repair.texts import text as clean
from vocab.licences import licence as find_licence
from vocab.namespaces import DCT, RDFS, SKOS
from vocab.terms import table


def licences(work: Work, group: Group) -> None:
    """`dct:license`: an IRI stays unless its own label contradicts it; words become the EU licence that they name.

    Words that name none are published as a rights statement.
    """
    iris_given = [
        s.object.value for s in group.statements if isinstance(s.object, NamedNode) and is_address(s.object.value)
    ]
    for s in group.statements:
        value = s.object
        url = _licence_url(work, s)
        words = value.value if isinstance(value, Literal) else work.label(value)
        if isinstance(value, NamedNode) and not words and iris.original(value.value) is not None:
            words = iris.original(value.value) or ""
        other = url or (iris_given[0] if iris_given else "")
        found = find_licence(
            words or None, url=other or None, license_id=_code(work, value), extra=work.out.context.licences
        )
        contradicts = found.reason is not None and found.reason.code == "ambiguous" and bool(words)
        if isinstance(value, NamedNode) and url and not contradicts:
            _licence_iri(work, group, s, value, url)
        elif found.term:
            again = found.term.iri in iris_given
            work.say(group, s, iri(found.term.iri), *((rules.DUPLICATE,) if again else (rules.LICENCE_TEXT,)))
            _spend_licence(work, group, s, words)
        else:
            _licence_words(work, group, s, words, url, contradicts=contradicts)
            if not contradicts and not isinstance(value, BlankNode):
                why = wording.joined(as_text(found.reason, wording.NO_LICENCE), wording.KEPT_AS_RIGHTS)
                work.refuse(s, "licence", why, table="licences")


def _licence_url(work: Work, s: Statement) -> str:
    """The web address by which a licence is given: its IRI, or what its description points to."""
    value = s.object
    if isinstance(value, NamedNode):
        found = iris.name(value.value, work.base).iris if iris.original(value.value) is None else ()
        return found[0] if found else ""
    if isinstance(value, Literal):
        return next(iter(iris.web(value.value).iris), "") if is_address(value.value) else ""
    given = work.graph.text(value, RDFS.seeAlso, _PAGE, DCT.source, DCT.identifier)
    return given if is_address(given) else ""


_PAGE = NamedNode("http://xmlns.com/foaf/0.1/page")


def _code(work: Work, value: object) -> str | None:
    if isinstance(value, BlankNode):
        given = work.graph.text(value, DCT.identifier, SKOS.notation)
        return given or None
    return None


def _licence_iri(work: Work, group: Group, s: Statement, value: NamedNode, url: str) -> None:
    made = iri(url)
    work.say(group, s, made, *iris.name(value.value, work.base).rules)
    work.typed(made, DCT.LicenseDocument)
    work.follow(value)


def _spend_licence(work: Work, group: Group, s: Statement, words: str) -> None:
    """Keeps the words of a licence that was recognised, where the source describes it by more than a code."""
    if isinstance(s.object, BlankNode):
        _rights(work, group.node, words, _licence_url(work, s))
        work.spend(s.object, rules.LICENCE_TEXT)


def _licence_words(work: Work, group: Group, s: Statement, words: str, url: str, *, contradicts: bool) -> None:
    if not words and not url:
        work.refuse(s, "licence", wording.NO_LICENCE, table="licences")
        work.spend(s.object)
        return
    _rights(work, group.node, words, url)
    done: tuple[Rule, ...] = (rules.LICENCE_CONFLICT,) if contradicts else (rules.AS_STATEMENT,)
    work.account.repaired(s, *group.rules, *done)
    work.spend(s.object, *done)


def _rights(work: Work, subject: Node, words: str, url: str) -> None:
    """A rights statement with the words, and the address they lead to; none where the subject has one already."""
    cleaned = clean(words, lines=True).value
    page = next(iter(iris.web(url).iris), "") if url else ""
    if (not cleaned and not page) or work.graph.values(subject, DCT.rights):
        return
    made = work.out.below("rights", digest(cleaned, page))
    work.add(subject, DCT.rights, made)
    work.typed(made, DCT.RightsStatement)
    if cleaned:
        work.into.add(made, node(RDFS.label), text(cleaned, work.language))
    if page:
        work.into.add(made, node(RDFS.seeAlso), iri(page))


def statements(kind: str, cls: NamedNode):  # type: ignore[no-untyped-def]  # a handler
    """The rule for statements in words: things of the class, or a text that becomes the label of one."""

    def handle(work: Work, group: Group) -> None:
        if _in_several_languages(group):
            _translated(work, group, kind, cls)
            return
        for s in group.statements:
            value = s.object
            web = iris.web(value.value, work.base).iris if not isinstance(value, BlankNode) else ()
            if (isinstance(value, Literal) and not web) or (
                isinstance(value, NamedNode) and not iris.name(value.value, work.base).iris
            ):
                label(work, group, s, kind, cls, RDFS.label)
            else:
                _statement_node(work, group, s, kind, cls)

    return handle


def _in_several_languages(group: Group) -> bool:
    tags = [s.object.language if isinstance(s.object, Literal) else None for s in group.statements]
    return len(tags) > 1 and all(tags) and len(set(tags)) == len(tags)


def _translated(work: Work, group: Group, kind: str, cls: NamedNode) -> None:
    """One statement of which the source gives the words in several languages."""
    made = work.out.below(kind, digest(*(str(s.object) for s in group.statements)))
    work.typed(made, cls)
    for s in group.statements:
        if not isinstance(s.object, Literal):
            continue
        cleaned = clean(s.object.value, lines=True)
        work.into.add(made, node(RDFS.label), text(cleaned.value, str(s.object.language)))
        work.say(group, s, made, rules.AS_STATEMENT, *cleaned.rules)


def _statement_node(work: Work, group: Group, s: Statement, kind: str, cls: NamedNode) -> None:
    if isinstance(s.object, BlankNode):
        work.mint(kind, s.object)
        work.typed(thing(work, group, s), cls)
        return
    if isinstance(s.object, NamedNode) and iris.web(s.object.value, work.base).iris == ():
        fixed = iris.name(s.object.value, work.base)
        made = iri(fixed.iris[0])
        work.say(group, s, made, *fixed.rules)
        work.typed(made, cls)
        work.follow(s.object)
        return
    for made in _link(work, group, s):
        work.typed(made, cls)


def access_rights(work: Work, group: Group) -> None:
    """`dct:accessRights`: the EU term that the value means, else a statement of rights."""
    other = statements("access-rights", DCT.RightsStatement)
    rest = []
    for s in group.statements:
        found = next((t for c in clues(work, s) if (t := table("access-right").find(c))), None)
        if found is None:
            rest.append(s)
        elif isinstance(s.object, NamedNode) and s.object.value == found.iri:
            work.say(group, s, str(s.object))
        else:
            work.say(group, s, iri(found.iri), rules.VOCABULARY)
            work.spend(s.object)
    if rest:
        other(work, Group(group.node, group.predicate, rest, group.rules))


def standards(work: Work, group: Group) -> None:
    """`dct:conformsTo`: each is a `dct:Standard`; the name of a national schema becomes its address."""
    for s in group.statements:
        value = s.object
        known = national_schema(value.value) if isinstance(value, Literal) else None
        if known:
            work.say(group, s, known, rules.VOCABULARY)
            work.typed(known, DCT.Standard)
        elif isinstance(value, BlankNode):
            work.mint("standard", value)
            work.typed(thing(work, group, s), DCT.Standard)
        elif iris.name(value.value, work.base).iris if isinstance(value, NamedNode) else iris.web(value.value).iris:
            for made in _link(work, group, s):
                work.typed(made, DCT.Standard)
        else:
            label(work, group, s, "standard", DCT.Standard, DCT.title)
