"""Who: publishers and other agents, contact points, attributions."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Description, Kind
from harvest.graph.model import Node, Statement
from harvest.graph.values import thing
from harvest.graph.work import Group, Work
from harvest.mapping import people, wording
from harvest.mapping.concepts import key
from harvest.mapping.statements import Statements, iri, node, text
from harvest.repair import iris, rules
from harvest.repair.texts import text as clean
from vocab.namespaces import DCAT, DCT, FOAF, RDF, VCARD
from vocab.terms import normalise
from vocab.terms import term as known_term

ROLES = ("custodian", "distributor", "originator", "principalInvestigator", "processor", "resourceProvider", "user")
"""The roles of ISO 19115 for which GeoDCAT-AP 3 has a property of the same name."""
_CARDS = (VCARD.Organization, VCARD.Individual)


def agents(work: Work, group: Group) -> None:
    """Agents: those with an IRI keep it; a name, or a blank node with one, becomes the catalogue's own agent."""
    for s in group.statements:
        value = s.object
        if isinstance(value, NamedNode) and (fixed := iris.name(value.value, work.base)).iris:
            _own_iri(work, group, s, value, fixed)
        else:
            _by_name(work, group, s)


def _own_iri(work: Work, group: Group, s: Statement, value: NamedNode, fixed: iris.Fixed) -> None:
    made = iri(fixed.iris[0])
    work.say(group, s, made, *fixed.rules)
    if known_term(value.value):
        return
    work.typed(made, FOAF.Agent)
    work.follow(value)
    if not work.graph.values(value, FOAF.name) and (name := clean(work.label(value)).value):
        work.into.add(made, node(FOAF.name), text(name))


def _by_name(work: Work, group: Group, s: Statement) -> None:
    value = s.object
    words = value.value if isinstance(value, Literal) else work.label(value) or _stated(value)
    cleaned = clean(words)
    if not cleaned.value:
        work.refuse(s, "no-name", wording.NO_AGENT_NAME)
        return
    context = work.out.context
    number = "".join(work.graph.text(value, DCT.identifier).split()) if not isinstance(value, Literal) else ""
    if known := context.numbers.get(number):  # a body whose name is spelt in another way, and its number is not
        work.say(group, s, people.agent(work.out, known.name)[0], rules.NAMED, *cleaned.rules)
        work.spend(value, rules.NAMED)
        return
    listed = context.city("publishers", cleaned.value)
    registered = bool(listed) or normalise(cleaned.value) in context.register
    more = () if isinstance(value, Literal) else (rules.NAMED,)
    if registered or isinstance(value, Literal) or not work.graph.describes(value):
        work.say(group, s, people.agent(work.out, cleaned.value)[0], *more, *cleaned.rules)
        work.spend(value, rules.NAMED)
    else:
        work.say(group, s, _described(work, value, cleaned.value), *more, *cleaned.rules)


def _stated(value: object) -> str:
    return iris.original(value.value) or "" if isinstance(value, NamedNode) else ""


def _described(work: Work, value: Node, name: str) -> str:
    """An agent of the catalogue, called so, with everything else that the graph says of it."""
    own = f"{work.out.context.base}agent/{key(name)}"
    work.names[value] = iri(own)
    before, work.into = work.into, Statements()
    waiting = len(work.queue)
    work.met.add(value)
    work.write(value)
    work.into.typed(iri(own), node(FOAF.Agent))
    if not work.graph.values(value, FOAF.name):
        work.into.add(iri(own), node(FOAF.name), text(name))
    while len(work.queue) > waiting and isinstance(work.queue[-1], BlankNode):
        work.write(work.queue.pop())
    made, work.into = work.into, before
    return work.out.mention(Description(own, Kind.AGENT, key(name), made.canonical))


def contacts(work: Work, group: Group) -> None:
    """Contact points: a `vcard:Kind` each; an address or a name alone becomes a card."""
    for s in group.statements:
        value = s.object
        if isinstance(value, Literal) or not (work.graph.describes(value) or iris.web(value.value).iris):
            _card(work, group, s)
            continue
        if isinstance(value, BlankNode):
            work.mint("contact", value)
        made = thing(work, group, s) if work.graph.describes(value) else _undescribed(work, group, s)
        work.typed(made, VCARD.Kind)
        if not work.graph.is_a(value, *_CARDS, VCARD.Group):
            work.typed(made, VCARD.Organization)
        if not work.graph.values(value, VCARD.fn) and (name := clean(work.label(value)).value):
            work.into.add(made, node(VCARD.fn), text(name))


def _undescribed(work: Work, group: Group, s: Statement) -> str:
    """A contact of which nothing but its address is known: a card that gives it."""
    fixed = iris.web(s.object.value) if isinstance(s.object, NamedNode) else iris.NOTHING
    made = iri(fixed.iris[0])
    work.say(group, s, made, *fixed.rules)
    return made


def _card(work: Work, group: Group, s: Statement) -> None:
    words = iris.original(s.object.value) or s.object.value if not isinstance(s.object, BlankNode) else ""
    mailed, page = iris.mail(words), iris.web(words)
    cleaned = clean(words)
    if not cleaned.value:
        work.refuse(s, "no-name", wording.NO_AGENT_NAME)
        return
    made = work.out.below("contact", key(cleaned.value))
    for one in mailed.iris:
        work.into.add(made, node(VCARD.hasEmail), iri(one))
    for one in page.iris if not mailed.iris else ():
        work.into.add(made, node(VCARD.hasURL), iri(one))
    if not mailed.iris and not page.iris:
        work.into.add(made, node(VCARD.fn), text(cleaned.value))
    work.typed(made, VCARD.Kind, VCARD.Organization)
    work.say(group, s, made, *(mailed.rules or (rules.AS_STATEMENT,)))


AGENT_PROPERTIES = (DCT.publisher, DCT.creator, DCT.contributor, DCT.rightsHolder, DCAT.contactPoint)
TYPE = RDF.type
