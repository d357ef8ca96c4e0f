"""Who is responsible: contact points, publishers, and the other roles of ISO 19115, with what is known of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Text
from harvest.graph.agents import ROLES
from harvest.graph.model import Node
from harvest.iso.document import Element, code, find, first, value
from harvest.iso.identification import INSPIRE
from harvest.iso.writer import Writer
from harvest.mapping import wording
from harvest.mapping.addresses import emails
from vocab.namespaces import DCAT, DCT, FOAF, GEODCATAP, LOCN, PROV, VCARD

_OF_DUBLIN_CORE = {"owner": DCT.rightsHolder, "publisher": DCT.publisher, "author": DCT.creator}
_CONTACT = "contactInfo/*"


@dataclass(frozen=True)
class Party:
    """A responsible party of either standard: its role, the element of its name, those of its contact information."""

    element: Element
    role: str
    role_element: Element | None
    name: Element | None
    person: Element | None
    contacts: tuple[Element, ...]

    def all(self, *paths: str) -> list[Element]:
        """The elements that hold something at these paths of its contact information."""
        return [e for c in self.contacts for e in find(c, *paths) if value(e)]


def parties(elements: list[Element]) -> Iterator[Party]:
    """The parties in `CI_ResponsibleParty` (ISO 19139) and `CI_Responsibility` (ISO 19115-3)."""
    for one in elements:
        held = first(one, "role")
        role = re.sub(r"[^A-Za-z]", "", code(held))
        bodies = find(one, "party/*")
        if not bodies:
            name, person = first(one, "organisationName"), first(one, "individualName")
            yield Party(one, role, held, name if value(name) else None, person, tuple(find(one, _CONTACT)))
        for body in bodies:
            inner = find(body, "individual/*")
            contacts = (*find(body, _CONTACT), *(c for i in inner for c in find(i, _CONTACT)))
            person = next((n for i in inner if (n := first(i, "name")) is not None and value(n)), None)
            yield Party(body, role, held, first(body, "name"), person, contacts)


def people(w: Writer) -> None:
    """The parties of the resource by their role; the first publisher only, further ones as attributions."""
    found = list(parties(w.find("pointOfContact/*", "citation/*/citedResponsibleParty/*")))
    said: set[tuple[str, str]] = set()
    distributors = find(w.document, "distributionInfo/*/distributor/*/distributorContact/*")
    for party in [*found, *parties(distributors)]:
        key = (
            party.role,
            "\x00".join(value(e) for e in (party.name, party.person, *party.all(*_EMAIL)) if e is not None),
        )
        w.view.take(party.role_element)
        if key not in said:
            said.add(key)
            _party(w, party)
        else:
            w.view.take(*w.view.below(party.element))


_EMAIL = ("address/*/electronicMailAddress",)


def record_contact(w: Writer, record: Node) -> None:
    """Who answers for the record itself."""
    for party in parties(find(w.document, "contact/*")):
        w.view.take(party.role_element)
        _card(w, record, party)


def _party(w: Writer, party: Party) -> None:
    if party.name is None and party.person is None and not party.all(*_EMAIL):
        w.view.refuse_element(party.role_element, wording.NO_AGENT_NAME)
        return
    if party.role == "pointOfContact":
        _card(w, w.root, party)
        return
    if not value(party.name if party.name is not None else party.person):
        _card(w, w.root, party)  # an address alone is a contact, whatever its role
        return
    predicate = _OF_DUBLIN_CORE.get(party.role) or (GEODCATAP[party.role] if party.role in ROLES else None)
    single = predicate in (DCT.publisher,) or (predicate == DCT.creator and w.kind != "dataset")
    if predicate is None or (single and w.graph.values(w.root, predicate)):
        _attribution(w, party)
    else:
        _agent(w, w.root, predicate, party)


def _attribution(w: Writer, party: Party) -> None:
    """A role without a property of its own: `prov:qualifiedAttribution`."""
    made = w.node(w.root, PROV.qualifiedAttribution, PROV.Attribution)
    if party.role:
        w.add(made, DCAT.hadRole, NamedNode(f"{INSPIRE}ResponsiblePartyRole/{party.role}"), party.role_element)
    _agent(w, made, PROV.agent, party)


def _agent(w: Writer, subject: Node, predicate: NamedNode, party: Party) -> None:
    named = party.name is not None and bool(value(party.name))
    agent = w.node(subject, predicate, FOAF.Agent, FOAF.Organization if named else FOAF.Person)
    w.texts(agent, FOAF.name, party.name if named else party.person)
    if party.person is not None and party.name is not None:
        w.view.refuse_element(party.person, wording.NO_PROPERTY)
    _reach(w, agent, party, FOAF.mbox, FOAF.phone, FOAF.workplaceHomepage)
    _address(w, agent, party)


def _card(w: Writer, subject: Node, party: Party) -> None:
    """A contact card; its name in one language, as DCAT-AP has one name on a card."""
    named = party.name if party.name is not None and value(party.name) else party.person
    if named is None and not party.all(*_EMAIL):
        return
    person_only = named is party.person
    card = w.node(
        subject, DCAT.contactPoint, VCARD.Individual if person_only and named is not None else VCARD.Organization
    )
    for words, held in w.languages.texts(named)[:1]:
        w.add(card, VCARD.fn, words, held)
    if named is not None:
        w.view.take(*w.view.below(named))
    if named is None:
        w.say(card, VCARD.fn, value(party.all(*_EMAIL)[0]))
    if party.person is not None and not person_only:
        w.say(card, VCARD.note, value(party.person), party.person)
    _reach(w, card, party, VCARD.hasEmail, VCARD.hasTelephone, VCARD.hasURL)
    _address(w, card, party, card=True)


def _reach(w: Writer, subject: BlankNode, party: Party, mail: NamedNode, phone: NamedNode, page: NamedNode) -> None:
    """One e-mail address, one telephone number, one page: the first of each, as GeoDCAT-AP has it."""
    voices = party.all("phone/*/voice") or [
        number
        for phone_ in party.all("phone/*")
        if (number := first(phone_, "number")) is not None and code(first(phone_, "numberType")) in ("voice", "")
    ]
    for predicate, elements in (
        (mail, party.all(*_EMAIL)),
        (phone, voices),
        (page, party.all("onlineResource/*/linkage")),
    ):
        for i, one in enumerate(elements):
            words = value(one)
            if i:
                w.view.refuse_element(one, _FIRST_ONLY)
            elif predicate == mail:
                boxes = emails(re.sub(r"^mailto:", "", words))
                w.say(subject, predicate, boxes[0] if boxes else words, one)
            elif predicate == page:
                w.link(subject, predicate, words, one)
            else:
                w.say(subject, predicate, re.split(r"[;,/]| ou | or ", words)[0], one)


_FIRST_ONLY = Text("seule la première est publiée", "only the first one is published")


def _address(w: Writer, subject: BlankNode, party: Party, *, card: bool = False) -> None:
    parts = {
        "deliveryPoint": (LOCN.thoroughfare, VCARD["street-address"]),
        "postalCode": (LOCN.postCode, VCARD["postal-code"]),
        "city": (LOCN.postName, VCARD.locality),
        "administrativeArea": (LOCN.adminUnitL2, VCARD.region),
        "country": (LOCN.adminUnitL1, VCARD["country-name"]),
    }
    found = [(names, e) for part, names in parts.items() if (e := party.all(f"address/*/{part}"))]
    if not found:
        return
    predicate, cls = (VCARD.hasAddress, VCARD.Address) if card else (LOCN.address, LOCN.Address)
    made = w.node(subject, predicate, cls)
    for names, elements in found:
        words = ", ".join(dict.fromkeys(value(e) for e in elements))
        w.add(made, names[1] if card else names[0], Literal(words), elements[0])
        w.view.take(*elements, *(b for e in elements for b in w.view.below(e)))
