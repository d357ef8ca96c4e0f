"""An OAI-PMH repository (version 2.0) with sets, deletions and resumption tokens, that errs as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.server import Answer

NAMESPACES = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dcat_ap": "http://data.europa.eu/r5r/",
    "iso19139": "http://www.isotc211.org/2005/gmd",
    "marc21": "http://www.loc.gov/MARC21/slim",
}


def dc(title: str, *more: str) -> str:
    """A record in Dublin Core."""
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>{"".join(more)}</oai_dc:dc>'
    )


def dcat(iri: str, title: str, *, distribution: bool = True) -> str:
    """A record in DCAT-AP, with a blank node that is named."""
    files = (
        '<dcat:distribution rdf:nodeID="d"/></dcat:Dataset><dcat:Distribution rdf:nodeID="d">'
        f'<dcat:accessURL rdf:resource="{iri}.csv"/></dcat:Distribution>'
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#" '
        f'xmlns:dct="http://purl.org/dc/terms/"><dcat:Dataset rdf:about="{iri}"><dct:title>{title}</dct:title>'
        f"{files if distribution else '</dcat:Dataset>'}</rdf:RDF>"
    )


@dataclass
class Repository:
    """Holds `records`: identifier to (datestamp, metadata by prefix); no metadata at all is a deleted record."""

    records: dict[str, tuple[str, dict[str, str]]]
    page: int = 2
    formats: tuple[str, ...] = ("oai_dc",)
    size: int | None = None
    loops: bool = False
    forgets: bool = False
    tokens: dict[str, tuple[dict[str, str], int]] = field(default_factory=dict)

    def reply(self, path: str) -> Answer:
        """What a GET is answered; the arguments are checked as the protocol has it (section 3.6)."""
        asked = dict(parse_qsl(urlsplit(path).query))
        verb = asked.pop("verb", "")
        if verb == "Identify":
            return answer(
                "<Identify><repositoryName>Entrepôt</repositoryName><protocolVersion>2.0</protocolVersion>"
                "<deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>"
            )
        if verb == "ListMetadataFormats":
            inner = "".join(
                f"<metadataFormat><metadataPrefix>{f}</metadataPrefix><metadataNamespace>{NAMESPACES[f]}"
                "</metadataNamespace></metadataFormat>"
                for f in self.formats
            )
            return answer(f"<ListMetadataFormats>{inner}</ListMetadataFormats>")
        if verb != "ListRecords":
            return error("badVerb", verb)
        return self._list(asked)

    def _list(self, asked: dict[str, str]) -> Answer:
        start = 0
        token = asked.pop("resumptionToken", "")
        if token:
            if asked:
                return error("badArgument", "resumptionToken is exclusive")
            if token not in self.tokens or self.forgets:
                return error("badResumptionToken", token)
            asked, start = self.tokens[token]
        elif asked.get("metadataPrefix") not in self.formats:
            return error("cannotDisseminateFormat", asked.get("metadataPrefix", ""))
        prefix = asked["metadataPrefix"]
        chosen = [
            (id_, day, inner.get(prefix, ""))
            for id_, (day, inner) in self.records.items()
            if asked.get("from", "") <= day <= asked.get("until", "9999")
        ]
        if not chosen:
            return error("noRecordsMatch", "")
        given = chosen[start : start + self.page]
        following = start + self.page
        made = ""
        if following < len(chosen) or self.loops:
            name = "t" if self.loops else f"t{following}"
            self.tokens[name] = (asked, 0 if self.loops else following)
            size = len(chosen) if self.size is None else self.size
            made = f'<resumptionToken completeListSize="{size}" cursor="{start}">{name}</resumptionToken>'
        elif start:
            made = "<resumptionToken/>"
        return answer(f"<ListRecords>{''.join(_record(*g) for g in given)}{made}</ListRecords>")


def _record(id_: str, day: str, inner: str) -> str:
    status = "" if inner else ' status="deleted"'
    metadata = f"<metadata>{inner}</metadata>" if inner else ""
    header = f"<header{status}><identifier>{id_}</identifier><datestamp>{day}</datestamp></header>"
    return f"<record>{header}{metadata}</record>"


def answer(inner: str) -> Answer:
    """An answer of the protocol."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>2026-01-01T00:00:00Z</responseDate><request>x</request>{inner}</OAI-PMH>"
    )
    return Answer(body.encode(), kind="text/xml; charset=utf-8")


def error(code: str, words: str) -> Answer:
    """An error of the protocol, which comes with status 200."""
    return answer(f'<error code="{code}">{words}</error>')
