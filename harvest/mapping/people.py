"""Rules on who: publisher, creator, contributor, contact point."""

from __future__ import annotations

from functools import lru_cache

from catalog.model import Description, Kind
from harvest.mapping import wording
from harvest.mapping.addresses import address, emails, mailbox
from harvest.mapping.concepts import key
from harvest.mapping.context import Agent, Context
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Statements, Term, iri, node, text
from harvest.mapping.text import one_line
from vocab.namespaces import DCAT, DCT, FOAF, ORG, VCARD
from vocab.terms import normalise, table

PUBLISHER, CREATOR, CONTRIBUTOR = node(DCT.publisher), node(DCT.creator), node(DCT.contributor)
AGENT, ORGANISATION, NAME = node(FOAF.Agent), node(FOAF.Organization), node(FOAF.name)
AGENT_TYPE, IDENTIFIER, PART_OF = node(DCT.type), node(DCT.identifier), node(ORG.subOrganizationOf)
MBOX, HOMEPAGE, DOCUMENT = node(FOAF.mbox), node(FOAF.homepage), node(FOAF.Document)
CONTACT, KIND_OF_CARD = node(DCAT.contactPoint), node(VCARD.Kind)
CARD_ORGANISATION, CARD_INDIVIDUAL = node(VCARD.Organization), node(VCARD.Individual)
FN, HAS_EMAIL, HAS_URL, POSITION = node(VCARD.fn), node(VCARD.hasEmail), node(VCARD.hasURL), node(VCARD.title)

_TYPES = {
    "collectivite": "LocalAuthority",
    "collectivite locale": "LocalAuthority",
    "collectivite territoriale": "LocalAuthority",
    "commune": "LocalAuthority",
    "administration nationale": "NationalAuthority",
    "etat": "NationalAuthority",
    "region": "RegionalAuthority",
    "association": "NonProfitOrganisation",
    "societe": "Company",
}
"""What French portals call publishers, beyond the labels of the table."""


def publisher(view: Reader, out: Draft) -> None:
    """`dcat_ap.publisher_name`, else `default.publisher` → `dct:publisher`, by the register of agents.

    `dcat_ap.publisher_type`, else `dcat.publisher_type` gives its `dct:type`, unless the register does.
    """
    path = "dcat_ap.publisher_name"
    if view.get(path) is None:
        path = "default.publisher"
    else:
        view.ignore("default.publisher", wording.SUPERSEDED)
    kind = _publisher_type(view)
    value = view.take_text(path)
    name = one_line(value) if value else out.default("publisher", "dct:publisher")
    if name:
        out.publisher, out.body = agent(out, name, kind)
        out.publisher_name = out.body.name if out.body else name
        out.add(PUBLISHER, out.publisher)
        return
    if value:
        view.refuse(path, wording.EMPTY_TEXT)
    for one in ("dcat_ap.publisher_type", "dcat.publisher_type"):
        if view.get(one) is not None:
            view.refuse(one, wording.NO_AGENT)


def _publisher_type(view: Reader) -> str:
    """The IRI of the publisher's type; only the first that is known counts, for an agent has one type."""
    found = ""
    for path in ("dcat_ap.publisher_type", "dcat.publisher_type"):
        for i, value in view.take_texts(path):
            known = table("publisher-type").find(value) or table("publisher-type").by_code(
                _TYPES.get(normalise(value), "")
            )
            if known is None:
                view.refuse(path, wording.NO_PUBLISHER_TYPE, item=i)
            elif found:
                view.ignore(path, wording.SUPERSEDED, item=i)
            else:
                found = known.iri
    return found


def creator(view: Reader, out: Draft) -> None:
    """`dcat.creator` → `dct:creator`."""
    _role(view, out, "dcat.creator", CREATOR)


def contributor(view: Reader, out: Draft) -> None:
    """`dcat.contributor` → `dct:contributor`."""
    _role(view, out, "dcat.contributor", CONTRIBUTOR)


def _role(view: Reader, out: Draft, path: str, predicate: Term) -> None:
    value = view.take_text(path)
    name = one_line(value) if value else ""
    if name:
        out.add(predicate, agent(out, name)[0])
    elif value:
        view.refuse(path, wording.EMPTY_TEXT)


# ── agents ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def agent(out: Draft, name: str, kind: str = "") -> tuple[Term, Agent | None]:
    """The agent of this name, taken along; with its entry in the register, where it has one."""
    described, body = _described(out.context, name, kind)
    for one in described:
        found = out.mention(one)
    return found, body


@lru_cache(maxsize=16384)
def _described(context: Context, name: str, kind: str) -> tuple[tuple[Description, ...], Agent | None]:
    """The descriptions of the bodies above the agent of this name and, last, its own."""
    listed = context.city("publishers", name)
    shown = listed[0] if listed else name
    body = context.register.get(normalise(shown))
    if body is None:
        return (_unregistered(context.base, shown, kind),), None
    return tuple(_registered(context, body)), body


def _unregistered(base: str, name: str, kind: str) -> Description:
    slug = key(name)
    own = f"{base}agent/{slug}"
    made = Statements()
    made.typed(iri(own), AGENT)
    made.add(iri(own), NAME, text(name))
    if kind:
        made.add(iri(own), AGENT_TYPE, iri(kind))
    return Description(own, Kind.AGENT, slug, made.canonical)


def _registered(context: Context, body: Agent) -> list[Description]:
    """The bodies above `body` and then itself."""
    line = [body]
    while (above := context.register.get(normalise(line[-1].parent))) and above not in line:
        line.append(above)
    parents = [*line[1:], None]
    made = [_body(context.base, one, parent) for one, parent in zip(line, parents, strict=True)]
    return made[::-1]


def _body(base: str, body: Agent, parent: Agent | None) -> Description:
    slug = key(body.name)
    own = f"{base}agent/{slug}"
    me = iri(own)
    made = Statements()
    made.typed(me, AGENT, ORGANISATION)
    made.add(me, NAME, text(body.name))
    known = table("publisher-type").find(body.type) if body.type else None
    if known:
        made.add(me, AGENT_TYPE, iri(known.iri))
    if body.siret:
        made.add(me, IDENTIFIER, text(body.siret))
    if parent:
        made.add(me, PART_OF, iri(f"{base}agent/{key(parent.name)}"))
    if boxes := emails(body.email):
        made.add(me, MBOX, mailbox(boxes[0]))
    if page := address(body.homepage):
        made.add(me, HOMEPAGE, page)
        made.typed(page, DOCUMENT)
    return Description(own, Kind.AGENT, slug, made.canonical)


# ── contact ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_CONTACTS = (
    ("dcat_ap.contact_name", "dcat_ap.contact_email"),
    ("dcat.contact_name", "dcat.contact_email"),
    ("inspire.contact_individual_name", "inspire.contact_email"),
)


def contact(view: Reader, out: Draft) -> None:
    """Contact name and address → `{dataset}/contact`; else the publisher's own from the register; else the default.

    A contact without a name is called by its publisher's. An address may be a web form.
    """
    chosen = next((pair for pair in _CONTACTS if any(view.get(p) is not None for p in pair)), None)
    for pair in _CONTACTS:
        if pair != chosen:
            for path in (*pair, *(["inspire.contact_position"] if chosen and pair is _CONTACTS[-1] else [])):
                view.ignore(path, wording.SUPERSEDED)
    if chosen and _stated_contact(view, out, *chosen):
        return
    if out.body and (boxes := emails(out.body.email)):
        card(out, out.body.name, mailbox(boxes[0]))
    elif boxes := emails(out.context.defaults.get("contact_email", "")):
        out.default("contact_email", "dcat:contactPoint")
        card(out, out.context.defaults.get("contact_name", "") or out.publisher_name or boxes[0], mailbox(boxes[0]))


def _stated_contact(view: Reader, out: Draft, name_path: str, address_path: str) -> bool:
    value = view.take_text(name_path)
    name = one_line(value) if value else ""
    mail, form = _reach(view, address_path)
    if not (name or mail or form):
        return False
    shown = name or out.publisher_name or (emails(view.get(address_path) or "") or [""])[0]
    card(out, shown, mail, form, individual=name_path.startswith("inspire"))
    if name_path.startswith("inspire") and (position := view.take_text("inspire.contact_position")):
        out.statements.add(out.contact, POSITION, text(one_line(position), out.tag))
    return True


def _reach(view: Reader, path: str) -> tuple[Term, Term]:
    """The mailbox or the web form at `path`, as the two IRIs of which one is empty."""
    value = view.take_text(path)
    if value is None:
        return "", ""
    boxes = emails(value)
    if boxes:
        if len(boxes) > 1:
            view.note(path, wording.ONE_EMAIL)
        return mailbox(boxes[0]), ""
    form = address(value) if "://" in value else None
    if form is None:
        view.refuse(path, wording.BAD_EMAIL)
    return "", form or ""


def card(out: Draft, name: str, mail: Term = "", form: Term = "", *, individual: bool = False) -> None:
    """The contact card of the dataset, `{dataset}/contact`, with what is known of a name, a mailbox and a web form."""
    out.contact = made = out.below("contact")
    out.add(CONTACT, made)
    out.statements.typed(made, KIND_OF_CARD, CARD_INDIVIDUAL if individual else CARD_ORGANISATION)
    if name:
        out.statements.add(made, FN, text(name))
    if mail:
        out.statements.add(made, HAS_EMAIL, mail)
    if form:
        out.statements.add(made, HAS_URL, form)
