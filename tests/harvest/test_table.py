"""Databases and folders as sources: SQLite files, a PostgreSQL server, folders of files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import RecordInvalid, SettingsInvalid, SourceError, UsageError
from catalog.model import Fate, Outcome, Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity
from harvest.mapping.context import Context
from harvest.source import make
from harvest.sources.table import TableSource
from shapes.engine import engine
from shapes.profiles import DEFAULTS, profile
from tests.fakes.postgres import PASSWORD, Server, postgres
from tests.harvest.city import city
from tests.harvest.test_conformance import graph
from vocab.text import Text

CONTEXT = Context(
    base="https://c.example.org/", source="metier", portal="", now=datetime.now(UTC), languages=("fr", "en")
)
SECRET = "Valeur-Jamais-Montrée"


def source(path: Path | None = None, *, url: str = "", said: list[Text] | None = None, **settings: Any) -> TableSource:
    tell = (lambda _m: None) if said is None else said.append
    given = SourceSettings(id="metier", kind="table", path=path, url=url, **settings)
    found = make(given, HarvestSettings(), tell)
    assert isinstance(found, TableSource)
    return found


def described(found: TableSource) -> dict[str, Record]:
    return {r.id: r for r in found.records() if isinstance(r, Record)}


def lines(found: TableSource, record: Record, context: Context = CONTEXT) -> str:
    return found.map(record, identity(record), context).dataset.canonical.decode()


def ledger(found: TableSource, record: Record) -> dict[tuple[str, str], tuple[Fate, str]]:
    entries = found.map(record, identity(record), CONTEXT).ledger.entries
    return {(e.field, e.value): (e.fate, e.reason.fr if e.reason else "") for e in entries}


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    file = tmp_path / "metier.sqlite"
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(
            """
            CREATE TABLE rue (id INTEGER PRIMARY KEY, nom_voie VARCHAR(40) NOT NULL);
            CREATE TABLE arbre (id INTEGER PRIMARY KEY, rue_id INTEGER REFERENCES rue(id), hauteur NUMERIC(4,1),
              latitude REAL, longitude REAL, date_maj DATETIME, "nom commun" TEXT, forme POINT);
            CREATE TABLE "Agents municipaux" (nom TEXT, email TEXT, lat REAL, lon REAL);
            CREATE VIEW grands AS SELECT * FROM arbre WHERE hauteur > 10;
            CREATE TABLE vide (a INTEGER);
            INSERT INTO rue VALUES (1, 'SECRET'), (2, 'x');
            INSERT INTO arbre VALUES (1, 1, 12.5, 43.6, 1.4, '2024-01-02 03:04:05', 'SECRET', NULL),
              (2, 1, 2.5, 43.7, 1.5, '2025-01-02 03:04:05', NULL, NULL);
            INSERT INTO "Agents municipaux" VALUES ('SECRET', 'a@example.org', 43.6, 1.4);
            """.replace("SECRET", SECRET)
        )
    return file


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tables_and_views_of_sqlite(sqlite: Path) -> None:
    found = source(sqlite, url="https://ville.example.org/donnees")
    records = described(found)
    assert sorted(records) == ["Agents municipaux", "arbre", "grands", "rue", "vide"]
    assert found.total == 5
    assert {k: (r.data["kind"], r.data["rows"]) for k, r in records.items()} == {
        "arbre": ("table", 2),
        "grands": ("view", 1),
        "rue": ("table", 2),
        "vide": ("table", 0),
        "Agents municipaux": ("table", 1),
    }
    text = lines(found, records["arbre"])
    schema = "<https://catalogue.example.org/dataset/arbre/schema"
    for statement in (
        f'{schema}> <http://www.w3.org/ns/csvw#primaryKey> "id" .',
        f"{schema}/hauteur> <http://www.w3.org/ns/csvw#datatype> <http://www.w3.org/2001/XMLSchema#decimal> .",
        f'{schema}/nom%20commun> <http://www.w3.org/ns/csvw#name> "nom commun" .',
        (
            f"{schema}/foreign-key/1/reference> <http://www.w3.org/ns/csvw#resource> "
            '"rue"^^<http://www.w3.org/2001/XMLSchema#anyURI> .'
        ),
        f"distribution/table> <http://purl.org/dc/terms/conformsTo> {schema}> .",
        "POLYGON((1.4 43.6,1.5 43.6,1.5 43.7,1.4 43.7,1.4 43.6))",
        '"2025-01-02T03:04:05+01:00"',
        '"Table « arbre » : 8 colonnes, 2 lignes."@fr',
    ):
        assert statement in text


def test_no_value_of_a_row_leaves(sqlite: Path) -> None:
    found = source(sqlite)
    for record in found.records():
        assert isinstance(record, Record)
        assert SECRET not in record.payload.decode()
        assert "example.org" not in record.payload.decode()
        assert SECRET not in lines(found, record)


def test_columns_that_look_personal_are_told_and_may_keep_a_table_out(sqlite: Path) -> None:
    said: list[Text] = []
    found = source(sqlite, said=said)
    record = described(found)["Agents municipaux"]
    assert [s.en for s in said] == ["Agents municipaux: these columns look personal: nom, email"]
    assert "extent" not in record.data, "the box around one person's place is that place"
    fate, reason = ledger(found, record)["findings.personal", "email"]
    assert fate is Fate.UNMAPPED
    assert "données personnelles" in reason
    assert found.admit(record, CONTEXT) is None
    strict = source(sqlite, options={"personal": "exclude"})
    refusal = strict.admit(record, CONTEXT)
    assert refusal is not None
    assert "nom, email" in refusal.fr


def test_patterns(sqlite: Path) -> None:
    assert sorted(described(source(sqlite, options={"include": ["*r*"], "exclude": ["gra*", "Ag*"]}))) == [
        "arbre",
        "rue",
    ]


def test_titles_of_the_settings_and_of_a_file(sqlite: Path, tmp_path: Path) -> None:
    table = tmp_path / "titres.csv"
    table.write_bytes("name;title;description\nrue;Rues;Les rues de la ville\narbre;À remplacer;".encode("cp1252"))
    found = source(sqlite, titles={"arbre": "Arbres"}, titles_file=table)
    data = {k: r.data for k, r in described(found).items()}
    assert (data["rue"]["title"], data["rue"]["comment"]) == ("Rues", "Les rues de la ville")
    assert data["arbre"]["title"] == "Arbres"
    assert data["vide"]["title"] == "Vide"
    table.write_text("a,b\n")
    with pytest.raises(SettingsInvalid, match="columns must be"):
        source(sqlite, titles_file=table)
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        source(sqlite, titles_file=tmp_path / "none.csv")


def test_counts_that_would_take_too_long(tmp_path: Path) -> None:
    file = tmp_path / "big.sqlite"
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
        db.execute("CREATE TABLE u (a INTEGER)")
        db.execute("CREATE VIEW v AS SELECT t.a FROM t, t AS u, t AS w")
        db.executemany("INSERT INTO t VALUES (?)", ((i,) for i in range(3210)))
        db.execute("ANALYZE")
        db.execute("INSERT INTO t VALUES (5000)")
    found = source(file, options={"timeout": 1, "exact_rows": 1000})
    records = described(found)
    assert (records["t"].data["rows"], records["t"].data["estimated"]) == (3210, True)
    assert records["u"].data["rows"] == 0
    assert "rows" not in records["v"].data
    assert "interrupted" in records["v"].data["findings"]["uncounted"]
    assert "environ 3\u00a0200 lignes" in lines(found, records["t"])
    exact = source(file, options={"include": ["t"]})
    (record,) = exact.records()
    assert isinstance(record, Record)
    assert record.data["rows"] == 3211


def test_a_geopackage_tells_more(tmp_path: Path) -> None:
    file = tmp_path / "parcs.gpkg"
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(
            """
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT, description TEXT,
              last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
            CREATE TABLE parcs (fid INTEGER PRIMARY KEY, geom MULTIPOLYGON);
            CREATE TABLE lambert (fid INTEGER PRIMARY KEY, geom POINT);
            INSERT INTO gpkg_contents VALUES
              ('parcs', 'features', 'Parcs et jardins', 'Les parcs.', '2024-05-06T07:08:09Z', 1, 43, 2, 44, 4326),
              ('lambert', 'features', 'lambert', '', '2024-05-06T07:08:09Z', 574000, 6278000, 574001, 6278001, 2154);
            """
        )
    records = described(source(file))
    assert sorted(records) == ["lambert", "parcs"]
    parcs = records["parcs"].data
    assert (parcs["title"], parcs["comment"], parcs["extent"]) == ("Parcs et jardins", "Les parcs.", [1, 43, 2, 44])
    assert parcs["modified"] == "2024-05-06T07:08:09Z"
    assert parcs["columns"][1]["type"] == "geo_shape"
    assert records["lambert"].data["findings"] == {"projected": "EPSG:2154"}


def test_what_is_no_database(tmp_path: Path) -> None:
    absent = source(options={"database": f"sqlite:///{tmp_path}/none.sqlite"})
    assert not absent.check().ok
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    check = source(broken).check()
    assert not check.ok
    with pytest.raises(SourceError):
        list(source(broken).records())


def test_nothing_is_written_to_sqlite(sqlite: Path) -> None:
    before = (sqlite.read_bytes(), sorted(sqlite.parent.iterdir()))
    found = source(sqlite)
    described(found)
    assert (sqlite.read_bytes(), sorted(sqlite.parent.iterdir())) == before
    import sqlalchemy as sa

    with pytest.raises(SourceError, match="readonly"), found.database.open() as connected:
        connected.connection.execute(sa.text("CREATE TABLE x (a)"))


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "needs a `path`"),
        ({"database": "mysql://u@h/d"}, "`mysql` are not read"),
        ({"database": "not a url"}, "cannot be read"),
        ({"database": "postgresql://u:pass-word@h/d"}, "does not belong in the settings"),
        ({"database_env": "GARONNE_TEST_ABSENT"}, "GARONNE_TEST_ABSENT is not set"),
        ({"includes": ["*"]}, "include"),
        ({"include": "*"}, "a list of texts"),
        ({"timeout": 0}, "a number from 1 on"),
        ({"personal": "hide"}, "exclude"),
    ],
)
def test_wrong_settings_are_told_without_secrets(options: dict[str, Any], word: str) -> None:
    with pytest.raises(UsageError, match=word) as caught:
        source(options=options)
    assert "pass-word" not in str(caught.value)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        running.run(
            """
            CREATE ROLE reader LOGIN PASSWORD 'PASSWORD';
            CREATE SCHEMA voirie;
            CREATE TYPE etat AS ENUM ('bon', 'mauvais');
            CREATE TABLE voirie.rue (id serial PRIMARY KEY, nom_voie varchar(40) NOT NULL, longueur numeric(8,2));
            COMMENT ON TABLE voirie.rue IS E'Rues de la ville.\\nTenues par le service de la voirie.';
            COMMENT ON COLUMN voirie.rue.longueur IS 'Longueur en mètres';
            CREATE TABLE voirie.troncon (rue integer REFERENCES voirie.rue, rang integer, etat etat, mots text[],
              reseau inet, infos jsonb, quand timestamptz, updated_at timestamptz, lon float8, lat float8,
              PRIMARY KEY (rue, rang));
            INSERT INTO voirie.rue (nom_voie) SELECT 'SECRET' FROM generate_series(1, 3000);
            INSERT INTO voirie.troncon VALUES
              (1, 1, 'bon', NULL, NULL, NULL, now(), '2024-05-06T07:08:09Z', 1.4, 43.5),
              (1, 2, 'bon', NULL, NULL, NULL, now(), '2023-05-06T07:08:09Z', 1.5, 43.6);
            ANALYZE;
            CREATE VIEW voirie.longues AS SELECT * FROM voirie.rue WHERE longueur > 100;
            CREATE MATERIALIZED VIEW voirie.copie AS SELECT id FROM voirie.rue;
            CREATE VIEW voirie.lente AS SELECT pg_sleep(20)::text AS a;
            CREATE TABLE voirie.mesure (quand date, v int) PARTITION BY RANGE (quand);
            CREATE TABLE voirie.mesure_2024 PARTITION OF voirie.mesure FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
            INSERT INTO voirie.mesure VALUES ('2024-02-03', 1);
            CREATE TABLE voirie.interdite (a int);
            CREATE TABLE public."Table; DROP" (a int);
            GRANT USAGE ON SCHEMA voirie TO reader;
            GRANT SELECT ON ALL TABLES IN SCHEMA voirie, public TO reader;
            REVOKE ALL ON voirie.interdite FROM reader;
            """.replace("SECRET", SECRET).replace("'PASSWORD'", f"'{PASSWORD}'")
        )
        yield running


def on(server: Server, monkeypatch: pytest.MonkeyPatch, **options: Any) -> TableSource:
    monkeypatch.setenv("METIER_PASSWORD", PASSWORD)
    given = {"database": server.url("reader"), "password_env": "METIER_PASSWORD", "schemas": ["voirie"], "timeout": 1}
    return source(url="https://ville.example.org/", options={**given, **options})


def test_tables_views_and_partitions_of_postgresql(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    found = on(server, monkeypatch)
    data = {k: r.data for k, r in described(found).items()}
    assert list(data) == [
        f"voirie.{n}" for n in ("copie", "interdite", "lente", "longues", "mesure", "rue", "troncon")
    ], "a partition is a part of its table"
    rue = data["voirie.rue"]
    assert (rue["title"], rue["comment"]) == ("Rues de la ville", "Tenues par le service de la voirie.")
    assert (rue["rows"], rue.get("estimated"), rue["primary_key"]) == (3000, None, ["id"])
    assert rue["columns"][2]["description"] == "Longueur en mètres"
    assert rue["columns"][1]["native"] == "character varying(40)"
    troncon = data["voirie.troncon"]
    assert troncon["primary_key"] == ["rue", "rang"]
    assert troncon["foreign_keys"] == [{"columns": ["rue"], "table": "voirie.rue", "referred": ["id"]}]
    assert troncon["extent"] == [1.4, 43.5, 1.5, 43.6]
    assert datetime.fromisoformat(troncon["modified"]) == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert {c["name"]: c.get("type") for c in troncon["columns"]} == {
        "rue": "int",
        "rang": "int",
        "etat": None,
        "mots": None,
        "reseau": None,
        "infos": "json_blob",
        "quand": "datetime",
        "updated_at": "datetime",
        "lon": "double",
        "lat": "double",
    }
    assert data["voirie.copie"]["kind"] == "view"
    assert data["voirie.mesure"]["rows"] == 1
    assert "permission denied" in data["voirie.interdite"]["findings"]["uncounted"]
    assert "statement timeout" in data["voirie.lente"]["findings"]["uncounted"]


def test_large_tables_are_counted_by_the_servers_estimate(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    found = on(server, monkeypatch, exact_rows=1000, include=["rue", "mesure"])
    records = described(found)
    assert (records["voirie.rue"].data["rows"], records["voirie.rue"].data["estimated"]) == (3000, True)
    assert "environ 3\u00a0000 lignes" in lines(found, records["voirie.rue"])
    assert records["voirie.mesure"].data["rows"] == 1, "its partitions were never analysed, so that it is counted"


def test_odd_names_are_quoted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    found = described(on(server, monkeypatch, schemas=[]))
    assert found["public.Table; DROP"].data["rows"] == 0


def test_nothing_can_be_written_to_postgresql(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy as sa

    monkeypatch.setenv("METIER_URL", server.url("owner").replace("owner@", f"owner:{PASSWORD}@"))
    found = source(options={"database_env": "METIER_URL"})
    assert found.check().ok
    with pytest.raises(SourceError, match="read-only transaction"), found.database.open() as connected:
        connected.connection.execute(sa.text("CREATE TABLE x (a int)"))


def test_the_password_is_in_no_message(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    found = on(server, monkeypatch)
    check = found.check()
    assert (check.ok, check.datasets) == (True, 7)
    monkeypatch.setenv("WRONG", "wrong-secret")
    for name, options in (("auth", {"password_env": "WRONG"}), ("host", {"database": "postgresql://u@127.0.0.1:9/x"})):
        check = on(server, monkeypatch, **options).check()
        assert not check.ok, name
        assert "wrong-secret" not in check.message
        assert PASSWORD not in check.message
        with pytest.raises(SourceError) as caught:
            list(on(server, monkeypatch, **options).records())
        assert PASSWORD not in str(caught.value) + repr(caught.value.__cause__)


def test_no_such_schema(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    check = on(server, monkeypatch, schemas=["absent"]).check()
    assert not check.ok
    assert "options.schemas" in check.hint


def test_postgis(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    if server.run("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'").strip() == "0":
        pytest.skip("PostGIS is not installed (Debian: apt install postgresql-postgis)")
    server.run(
        """
        CREATE SCHEMA sig; CREATE EXTENSION postgis SCHEMA public;
        CREATE TABLE sig.parc (id int PRIMARY KEY, geom geometry(Point, 2154), lieu geography(Point, 4326));
        INSERT INTO sig.parc SELECT i, ST_Transform(ST_SetSRID(ST_Point(1.4 + i / 10.0, 43.5), 4326), 2154)
          FROM generate_series(0, 1) AS i;
        GRANT USAGE ON SCHEMA sig TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA sig, public TO reader;
        """
    )
    (record,) = described(on(server, monkeypatch, schemas=["sig"], timeout=20)).values()
    assert record.data["extent"] == pytest.approx([1.4, 43.5, 1.5, 43.5], abs=1e-5)
    assert [c.get("type") for c in record.data["columns"]] == ["int", "geo_shape", "geo_shape"]


# ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    root = tmp_path / "dossier"
    (root / "voirie").mkdir(parents=True)
    (root / "arbres.csv").write_bytes("id;essence;hauteur\n1;Chêne;1,5\n2;Érable\n".encode("cp1252"))
    (root / "voirie" / "arbres.csv").write_text(f"id,nom_voie\n1,{SECRET}\n")
    point = {"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [1.4, 43.5]}}
    (root / "parcs.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [point]}))
    (root / "parcs.json").write_text(json.dumps({"type": "FeatureCollection", "features": [point]}))
    parquet.write_table(pa.table({"id": [1]}), root / "mesures.parquet")
    (root / "casse.geojson").write_text('{"type": "FeatureCollection", "features": [')
    (root / "casse.parquet").write_bytes(b"PAR1")
    (root / "vide.csv").write_bytes(b"")
    (root / "lisezmoi.txt").write_text("x")
    (root / "autre.json").write_text("{}")
    (root / ".cache.csv").write_text("a\n1\n")
    (root / "passwd.csv").symlink_to("/etc/passwd")
    return root


def test_every_file_of_a_folder(folder: Path) -> None:
    said: list[Text] = []
    found = source(folder, url="https://fichiers.example.org/open data/", said=said)
    records = described(found)
    assert list(records) == [
        *("arbres.csv", "casse.geojson", "casse.parquet", "mesures.parquet", "parcs.geojson", "parcs.json"),
        *("vide.csv", "voirie/arbres.csv"),
    ]
    assert [s.en for s in said] == ["files of other kinds, which are not described: 1 .json, 1 .txt"]
    broken = [name for name, r in records.items() if "fault" in r.data]
    assert broken == ["casse.geojson", "casse.parquet", "vide.csv"]
    for name in broken:
        with pytest.raises(RecordInvalid) as caught:
            found.map(records[name], identity(records[name]), CONTEXT)
        assert caught.value.french.startswith("Le fichier ne peut être lu")
    assert records["voirie/arbres.csv"].data["access"].endswith("/voirie/arbres.csv")
    text = lines(source(folder, url="https://fichiers.example.org/"), records["arbres.csv"])
    assert "file-type/CSV>" in text
    assert '"2 lignes' not in text
    fates = ledger(found, records["arbres.csv"])
    assert fates["findings.ragged", "1"][0] is Fate.UNMAPPED
    assert all(reason for fate, reason in fates.values() if fate is not Fate.MAPPED)


def test_check_of_folders(folder: Path, tmp_path: Path) -> None:
    check = source(folder, url="https://x.example.org/").check()
    assert (check.ok, check.datasets, check.hint) == (True, 8, "")
    assert "no distribution" in source(folder).check().hint
    assert not source(tmp_path / "absent").check().ok
    assert not source(folder, options={"include": ["*.xls"]}).check().ok
    assert source(folder / "arbres.csv").check().datasets == 1


def test_harvested_they_conform(folder: Path, sqlite: Path, tmp_path: Path) -> None:
    """With and without an address, through the whole pipeline; a file that breaks keeps its last good description."""
    more = '[source.defaults]\npublisher = "Toulouse Métropole"\nlicence = "ETALAB_2_0"\n'
    more += 'contact_email = "opendata@example.org"\ntheme = "TRAN"\n'
    a_city = city(
        tmp_path / "city",
        f'[[source]]\nid = "dossier"\nkind = "table"\npath = "{folder}"\nurl = "https://f.example.org/"\n{more}'
        f'[[source]]\nid = "metier"\nkind = "table"\npath = "{sqlite}"\n[source.titles]\nrue = "Rues"\n',
    )
    summary = a_city.run(validate=True)
    told = {s.id: s.outcomes for s in summary.sources}
    assert told["dossier"][Outcome.SET_ASIDE.value] == 3
    assert not told["dossier"][Outcome.FAILED.value] + told["metier"][Outcome.FAILED.value]
    datasets = a_city.datasets()
    assert len(datasets) == 10
    assert '"Rues"@fr' in datasets["rue"].canonical.decode()
    found = engine("pyshacl").validate(graph(a_city), [profile(name) for name in DEFAULTS])
    assert not [f for f in found if f.severity == "violation"]
    (folder / "arbres.csv").write_bytes(b"")
    again = a_city.run()
    assert sum(s.outcomes[Outcome.UNCHANGED.value] for s in again.sources) >= 8
    assert "arbres" in a_city.datasets()
