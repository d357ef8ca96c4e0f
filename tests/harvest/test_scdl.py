"""Inventories of datasets kept as tables: made by hand from the published schema, and untidy as offices' are."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from catalog.errors import ResponseInvalid, SettingsInvalid, UsageError
from catalog.model import Fate, Mapped, Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity, results
from harvest.mapping.context import Agent, Context
from harvest.source import Rejected, make
from harvest.sources.scdl import Scdl
from shapes.engine import engine
from shapes.profiles import profile
from tests.fakes.server import Answer, in_turn, serving
from tests.harvest.city import city
from tests.harvest.test_conformance import graph

CONTEXT = Context(base="https://catalogue.example.org/", source="scdl", portal="", now=datetime.now(UTC))
FIELDS = [
    *("COLL_NOM", "COLL_SIRET", "ID", "TITRE", "DESCRIPTION", "THEME", "DIFFUSEUR", "PRODUCTEUR_NOM"),
    *("PRODUCTEUR_SIRET", "COUV_SPAT_MAILLE", "COUV_SPAT_NOM", "COUV_TEMP_DEBUT", "COUV_TEMP_FIN", "DATE_PUBL"),
    *("FREQ_MAJ", "DATE_MAJ", "MOTS_CLES", "LICENCE", "NOMBRE_RESSOURCES", "FORMAT_RESSOURCES", "PROJECTION"),
    *("LANG", "URL"),
]
TREES = {
    "COLL_NOM": "Ville de Toulouse",
    "COLL_SIRET": "21310555400017",
    "ID": "arbres",
    "TITRE": "Arbres d’alignement",
    "DESCRIPTION": "Les arbres des rues ; et leurs essences.",
    "THEME": "Environnement",
    "DIFFUSEUR": "Open Data Toulouse",
    "PRODUCTEUR_NOM": "Direction des jardins",
    "PRODUCTEUR_SIRET": "21310555400017",
    "COUV_SPAT_MAILLE": "Communale",
    "COUV_SPAT_NOM": "Toulouse",
    "COUV_TEMP_DEBUT": "2019-01-01",
    "COUV_TEMP_FIN": "2020-12-31",
    "DATE_PUBL": "2019-03-12",
    "FREQ_MAJ": "Annuelle",
    "DATE_MAJ": "12/03/2021",
    "MOTS_CLES": "arbres;essences, rues;voirie",
    "LICENCE": "Licence Ouverte 2.0",
    "NOMBRE_RESSOURCES": "2",
    "FORMAT_RESSOURCES": "csv;geojson",
    "PROJECTION": "2154",
    "LANG": "FR",
    "URL": "https://data.ville.fr/explore/dataset/arbres",
}
"""A whole line."""


def line(**more: str) -> list[str]:
    return [{**TREES, **more}[field] for field in FIELDS]


def table(*rows: Sequence[str], separator: str = ";", headings: Sequence[str] = FIELDS) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([headings, *rows])
    return out.getvalue()


def source(path: Path | None = None, url: str = "", **options: Any) -> Scdl:
    settings = SourceSettings(id="scdl", kind="scdl", path=path, url=url, allow_private=True, options=options)
    found = make(settings, HarvestSettings(backoff=0.01), lambda _message: None)
    assert isinstance(found, Scdl)
    return found


def read(tmp_path: Path, body: str | bytes, **options: Any) -> tuple[list[Record], list[Rejected]]:
    file = tmp_path / "catalogue.csv"
    file.write_bytes(body if isinstance(body, bytes) else body.encode())
    found = list(source(file, **options).records())
    return [r for r in found if isinstance(r, Record)], [r for r in found if isinstance(r, Rejected)]


def mapped(tmp_path: Path, body: str, changes: dict[str, Any] | None = None, **options: Any) -> Mapped:
    (record,), rejected = read(tmp_path, body, **options)
    assert not rejected
    return source(tmp_path).map(record, identity(record), replace(CONTEXT, **(changes or {})))


def lines(found: Mapped) -> str:
    return found.dataset.canonical.decode()


# ── what a line becomes ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_as_dcat_ap(tmp_path: Path) -> None:
    found = mapped(tmp_path, table(line()))
    said = lines(found)
    iri = "<https://catalogue.example.org/dataset/ville-de-toulouse-arbres>"
    dct, eu = "http://purl.org/dc/terms/", "http://publications.europa.eu/resource/authority"
    for statement in (
        f'{iri} <{dct}title> "Arbres d’alignement"@fr .',
        f'{iri} <{dct}identifier> "21310555400017:arbres" .',
        f"{iri} <{dct}license> <{eu}/licence/ETALAB_2_0> .",
        f"{iri} <{dct}accrualPeriodicity> <{eu}/frequency/ANNUAL> .",
        f"{iri} <{dct}spatial> <{eu}/place/FRA_TLS> .",
        f"{iri} <{dct}language> <{eu}/language/FRA> .",
        f"{iri} <{dct}publisher> <https://catalogue.example.org/agent/direction-des-jardins> .",
        f'{iri} <{dct}modified> "2021-03-12"^^<http://www.w3.org/2001/XMLSchema#date> .',
        'keyword> "arbres"@fr',
        'keyword> "voirie"@fr',
        "file-type/CSV>",
        "file-type/GEOJSON>",
        "accessURL> <https://data.ville.fr/explore/dataset/arbres>",
        "landingPage> <https://data.ville.fr/explore/dataset/arbres>",
        "conformsTo> <http://www.opengis.net/def/crs/EPSG/0/2154>",
        'startDate> "2019-01-01"',
    ):
        assert statement in said
    assert "downloadURL" not in said, "URL is a page"
    assert said.count("#Distribution>") == 2
    fates = {e.field: e.fate for e in found.ledger.entries}
    assert fates["COUV_SPAT_MAILLE"] is Fate.UNMAPPED
    assert fates["COLL_NOM"] is fates["NOMBRE_RESSOURCES"] is Fate.IGNORED
    assert {e.field for e in found.ledger.entries} == set(FIELDS)


def test_deliberations_of_two_communes_are_two_datasets(tmp_path: Path) -> None:
    other = {"ID": "deliberations", "COLL_NOM": "Ville de Blagnac", "COLL_SIRET": "21310069600014"}
    body = table(
        line(ID="deliberations"),
        line(**other),
        line(ID="deliberations", COLL_SIRET="", PRODUCTEUR_SIRET="", COLL_NOM="Colomiers"),
    )
    records, _ = read(tmp_path, body)
    assert [r.id for r in records[:2]] == ["21310555400017:deliberations", "21310069600014:deliberations"]
    assert records[2].id == "colomiers:deliberations"
    assert len({r.name for r in records}) == 3
    assert not any(r.claims for r in records)


def test_an_identifier_that_is_unique_by_itself_stays(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, table(line(ID="https://data.ville.fr/id/arbres")))
    assert record.iri == record.id == record.identifier == "https://data.ville.fr/id/arbres"


def test_a_producer_is_found_in_the_register_by_its_siret(tmp_path: Path) -> None:
    agent = Agent(name="Ville de Toulouse", siret="21310555400017")
    assert "agent/ville-de-toulouse>" in lines(mapped(tmp_path, table(line()), {"agents": (agent,)}))
    broken = mapped(tmp_path, table(line(PRODUCTEUR_SIRET="2,13106E+13")))
    assert {e.fate for e in broken.ledger.entries if e.field == "PRODUCTEUR_SIRET"} == {Fate.UNMAPPED}


def test_no_producer_no_format_no_address(tmp_path: Path) -> None:
    said = lines(mapped(tmp_path, table(line(PRODUCTEUR_NOM="", PRODUCTEUR_SIRET="", FORMAT_RESSOURCES=""))))
    assert "publisher> <https://catalogue.example.org/agent/ville-de-toulouse>" in said
    assert "#Distribution>" not in said
    lost = mapped(tmp_path, table(line(URL="")))
    assert "#Distribution>" not in lines(lost)
    assert {e.fate for e in lost.ledger.entries if e.field == "FORMAT_RESSOURCES"} == {Fate.UNMAPPED}


# ── untidy files ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators(tmp_path: Path, name: str, separator: str) -> None:
    body = table(line(TITRE="Marchés à thème"), separator=separator).encode(name)
    (record,), rejected = read(tmp_path, body)
    assert record.data["cells"]["TITRE"] == "Marchés à thème"
    assert not rejected


def test_empty_lines_headings_again_and_a_title_above(tmp_path: Path) -> None:
    body = "Catalogue de la ville;;;\r\n\r\n" + table(line(), [""] * 23, FIELDS, line(ID="b")) + ";;;;\r\n"
    records, rejected = read(tmp_path, body)
    assert [r.id.rpartition(":")[2] for r in records] == ["arbres", "b"]
    assert not rejected


def raw(**more: str) -> str:
    """A line without a single quotation mark."""
    return ";".join(line(**{"DESCRIPTION": "Arbres", "MOTS_CLES": "a", "FORMAT_RESSOURCES": "csv", **more}))


HEAD = ";".join(FIELDS) + "\n"


def test_separators_that_nobody_put_in_quotation_marks(tmp_path: Path) -> None:
    for field, text in (("MOTS_CLES", "a;b;c"), ("DESCRIPTION", "Rues ; et places")):
        (record,), rejected = read(tmp_path, HEAD + raw(**{field: text}) + "\n")
        assert not rejected
        assert [p.strip() for p in record.data["cells"][field].split(";")] == [p.strip() for p in text.split(";")]
        assert record.data["cells"]["URL"] == TREES["URL"]
        assert record.data["mended"] == (field,)
    found = mapped(tmp_path, HEAD + raw(MOTS_CLES="a;b;c") + "\n")
    told = [e.reason.fr for e in found.ledger.entries if e.field == "MOTS_CLES" and e.reason]
    assert "recomposée" in told[0]
    assert lines(found).count("keyword>") == 3


def test_line_breaks_that_nobody_put_in_quotation_marks(tmp_path: Path) -> None:
    (first, second), rejected = read(
        tmp_path, HEAD + raw(DESCRIPTION="Arbres\ndes rues\net des places") + "\n" + raw(ID="b") + "\n"
    )
    assert first.data["cells"]["DESCRIPTION"] == "Arbres\ndes rues\net des places"
    assert second.data["cells"]["ID"] == "b"
    assert not rejected


def test_cells_missing_at_the_end(tmp_path: Path) -> None:
    short = ";".join(line(DESCRIPTION="Arbres", MOTS_CLES="a")[:18])
    records, rejected = read(tmp_path, HEAD + short + "\n" + raw(ID="b") + ";;\n")
    assert [r.data["cells"]["TITRE"] for r in records] == [TREES["TITRE"]] * 2
    assert not rejected


def test_rows_that_nothing_puts_right_are_set_aside_with_their_line(tmp_path: Path) -> None:
    shifted = ";".join(line(DESCRIPTION="Arbres", MOTS_CLES="a")[:1] + line(DESCRIPTION="x", MOTS_CLES="a")[4:20])
    file = tmp_path / "c.csv"
    file.write_text(HEAD + raw() + "\n" + shifted + "\nTotal;1\n" + raw(ID="b") + "\n" + raw(TITRE="") + "\n")
    found = source(file)
    records = list(found.records())
    rejected = [r for r in records if isinstance(r, Rejected)]
    assert [r.id for r in records if isinstance(r, Record)] == ["21310555400017:arbres", "21310555400017:b"]
    assert [r.id for r in rejected] == ["c.csv:3", "c.csv:4", "c.csv:6"]
    assert "18 cellules au lieu de 23" in rejected[0].reason.fr
    assert rejected[2].reason.en == "the line has no title."
    assert not found.complete, "which datasets these are is unknown: none is withdrawn"


def test_columns_of_another_name(tmp_path: Path) -> None:
    body = "Réf.;Nom du jeu de données;Mots-clés;Mise en ligne;Courriel;Lien de téléchargement;Bureau\n"
    body += "7;Marchés;prix;le 12/03/2019;m@ville.fr;https://ville.fr/m.csv;B12\n"
    columns = {"ID": "réf", "DATE_PUBL": "Mise en ligne"}
    found = mapped(tmp_path, body, columns=columns)
    said = lines(found)
    assert 'identifier> "7"' in said
    assert 'issued> "2019-03-12"' in said
    assert "hasEmail> <mailto:m@ville.fr>" in said
    assert "downloadURL> <https://ville.fr/m.csv>" in said
    assert {e.fate for e in found.ledger.entries if e.field == "Bureau"} == {Fate.UNMAPPED}


def test_a_line_without_an_identifier_is_known_by_its_title(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, table(line(ID="")))
    assert record.id == "21310555400017:arbres-dalignement"


# ── spreadsheets ─────────────────────────────────────────────────────────────────────────────────────────────────────


def book(path: Path, *rows: Sequence[Any], sheet: str = "Inventaire") -> Path:
    made = openpyxl.Workbook()
    made.create_sheet(sheet)
    for row in rows:
        made[sheet].append(list(row))
    made.save(path)
    return path


def test_a_spreadsheet(tmp_path: Path) -> None:
    values: list[Any] = line()
    values[FIELDS.index("COLL_SIRET")] = 21310555400017.0
    values[FIELDS.index("DATE_MAJ")] = datetime(2021, 3, 12)  # noqa: DTZ001  as spreadsheets have it
    values[FIELDS.index("DATE_PUBL")] = date(2019, 3, 12)
    path = book(tmp_path / "i.xlsx", ["Inventaire 2021"], [], FIELDS, values)
    for found in (source(path), source(tmp_path), source(path, sheet="Inventaire")):
        (record,) = found.records()
        assert isinstance(record, Record)
        cells = record.data["cells"]
        assert record.id == "21310555400017:arbres"
        assert (cells["DATE_MAJ"], cells["DATE_PUBL"]) == ("2021-03-12", "2019-03-12")
    (rejected,) = source(path, sheet="Autre").records()
    assert isinstance(rejected, Rejected)
    assert "Inventaire" in rejected.reason.en


def test_what_is_no_spreadsheet(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * 300_000_000)
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0old")
    (tmp_path / "cut.xlsx").write_bytes(book(tmp_path / "x.xlsx", FIELDS, line()).read_bytes()[:2000])
    (tmp_path / "x.xlsx").unlink()
    reasons = {r.id: r.reason.en for r in source(tmp_path).records() if isinstance(r, Rejected)}
    assert "unpacks to 300,000,000 bytes" in reasons["bomb.xlsx"]
    assert "before 2007" in reasons["old.xlsx"]
    assert "no sound spreadsheet" in reasons["cut.xlsx"]


# ── the source ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_inventory_by_its_address() -> None:
    with serving(in_turn(Answer(table(line()).encode(), kind="text/csv"))) as running:
        assert [r.id for r in source(url=running.address).records()] == ["21310555400017:arbres"]
        check = source(url=running.address).check()
        assert (check.ok, check.datasets) == (True, 1)
    with serving(in_turn(Answer(b"<!DOCTYPE html><p>Bonjour", kind="text/html"))) as running:
        assert not source(url=running.address).check().ok
        with pytest.raises(ResponseInvalid, match="web page"):
            list(source(url=running.address).records())


def test_what_is_no_inventory(tmp_path: Path) -> None:
    _, (rejected,) = read(tmp_path, "a;b\n1;2\n")
    assert "found: a, b" in rejected.reason.en
    _, (rejected,) = read(tmp_path, "  ")
    assert "empty" in rejected.reason.en
    with pytest.raises(SettingsInvalid):
        source()
    with pytest.raises(SettingsInvalid):
        source(tmp_path, columns=["TITRE"])
    with pytest.raises(SettingsInvalid):
        source(tmp_path, sheet=1)
    with pytest.raises(UsageError, match="TITLE"):
        source(tmp_path, columns={"TITLE": "x"})


def test_saved_inventories_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(("Catalogue\n" + table(line(), separator=",")).encode("cp1252"))
    book(tmp_path / "b.xlsx", ["Titre"], FIELDS, line(ID="b"))
    (tmp_path / "c.csv").write_text("TITRE;AUTEUR\nRoman;X\n")
    found = {r.file.name: r.kind for r in results(tmp_path)}
    assert found == {"a.csv": "scdl", "b.xlsx": "scdl", "c.csv": "none"}
    assert all(r.mapped for r in results(tmp_path) if r.kind == "scdl")


def test_what_is_published_conforms(tmp_path: Path) -> None:
    (tmp_path / "catalogue.csv").write_text(table(*(line(ID=f"jeu-{i}") for i in range(3))), encoding="cp1252")
    found = city(tmp_path / "city", f'[[source]]\nid = "v"\nkind = "scdl"\npath = "{tmp_path / "catalogue.csv"}"\n')
    found.run()
    assert len(found.datasets()) == 3
    findings = engine("pyshacl").validate(graph(found), [profile("dcat-ap-3")])
    assert not [f for f in findings if f.severity == "violation"]
