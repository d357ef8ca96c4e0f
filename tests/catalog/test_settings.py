"""Settings: one table, its precedence, and errors that name the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.errors import SettingsInvalid
from catalog.settings import Settings, build, load
from catalog.settings_table import CHOICES, rows

SOURCE = '[[source]]\nid = "t"\nkind = "opendatasoft"\nurl = "https://data.example.org"\n'


def read(folder: Path, text: str, **env: str) -> Settings:
    file = folder / "garonne.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, env=env)


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load(env={})
    assert found.catalog.base == "http://127.0.0.1:8080/"
    assert found.store.path == tmp_path / "var"
    assert found.harvest.retries == 4
    assert found.sources == ()
    assert found.file is None


def test_two_settings_share_nothing(tmp_path: Path) -> None:
    one, two = (build({}, folder=tmp_path, env={}) for _ in range(2))
    one.catalog.title["xx"] = "changed"
    assert "xx" not in two.catalog.title


def test_the_place_of_the_catalogue_is_a_code_or_an_iri(tmp_path: Path) -> None:
    assert read(tmp_path, '[catalog]\nspatial = "FRA"').catalog.place.endswith("/country/FRA")
    assert read(tmp_path, '[catalog]\nspatial = "FRA_TLS"').catalog.place.endswith("/place/FRA_TLS")
    assert read(tmp_path, '[catalog]\nspatial = "https://example.org/ici"').catalog.place == "https://example.org/ici"
    with pytest.raises(SettingsInvalid, match="spatial `Ailleurs`"):
        read(tmp_path, '[catalog]\nspatial = "Ailleurs"')


def test_the_file_of_the_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "garonne.toml").write_text("[serve]\nport = 9\n")
    monkeypatch.chdir(tmp_path)
    assert load(env={}).serve.port == 9


def test_everything_from_a_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        [catalog]
        base = "https://data.example.org/cat/"
        title.fr = "Données"
        title.en = "Data"
        languages = ["fr", "en"]
        [harvest]
        timeout = 5
        [mapping]
        themes = "tables/themes.csv"
        [[source]]
        id = "saved"
        kind = "files"
        path = "responses/"
        [source.defaults]
        licence = "ETALAB_2_0"
        [source.guard]
        max_withdrawn = 0.5
        [[source]]
        id = "other"
        kind = "files"
        path = "/absolute"
        [[agent]]
        name = "Ville de Blagnac"
        aliases = ["blagnac"]
        """,
    )
    assert found.catalog.title == {"fr": "Données", "en": "Data"}
    assert found.harvest.timeout == 5.0
    assert found.mapping.themes == tmp_path / "tables/themes.csv"
    assert found.store.path == tmp_path / "var"
    assert [s.path for s in found.sources] == [tmp_path / "responses", Path("/absolute")]
    assert found.source("saved").defaults == {"licence": "ETALAB_2_0"}
    assert found.source("saved").guard.max_withdrawn == 0.5
    assert found.source("saved").guard.min_withdrawn == 5
    assert found.agents[0].aliases == ["blagnac"]
    with pytest.raises(SettingsInvalid, match=r"no source `x`\. Configured: saved, other"):
        found.source("x")


def test_environment_over_file_over_default(tmp_path: Path) -> None:
    text = "[serve]\nport = 1\nworkers = 3\n[harvest]\ntimeout = 1.5\n"
    found = read(
        tmp_path, text, GARONNE_SERVE_PORT="2", GARONNE_HARVEST_BACKOFF="0.5", GARONNE_STORE_PATH="elsewhere",
        GARONNE_CATALOG_LANGUAGES="en, fr", GARONNE_CATALOG_TITLE="fr=A=B; en=C", GARONNE_UNRELATED="x",
    )  # fmt: skip
    assert (found.serve.port, found.serve.workers, found.harvest.timeout, found.harvest.backoff) == (2, 3, 1.5, 0.5)
    assert found.store.path == tmp_path / "elsewhere"
    assert found.catalog.languages == ["en", "fr"]
    assert found.catalog.title == {"fr": "A=B", "en": "C"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[harvest]\nintervall = 1", "unknown key `intervall` in [harvest];"),
        ("[harvest]\ntimeoutt = 1", "unknown key `timeoutt` in [harvest]; did you mean `timeout`?"),
        ("[harvset]\ntimeout = 1", "unknown key `harvset` in the settings file; did you mean `harvest`?"),
        (SOURCE + "[source.gard]\n", "unknown key `gard` in [source]; did you mean `guard`?"),
        (SOURCE + "[source.guard]\nmax_withdrawm = 1", "[source.guard]; did you mean `max_withdrawn`?"),
        ("[serve]\nport = '80'", "[serve] port must be an integer; it is '80'."),
        ("[serve]\nport = true", "[serve] port must be an integer; it is True."),
        ("[serve]\nport = 1.5", "[serve] port must be an integer"),
        ("[serve]\nport = -1", "[serve] port must be a number from 0 on; it is -1."),
        ("[harvest]\nretries = -1", "[harvest] retries must be a number from 0 on"),
        ("[harvest]\ntimeout = nan", "[harvest] timeout must be a number from 0 on"),
        ("[harvest]\ntimeout = 'long'", "[harvest] timeout must be a number"),
        ("[harvest]\ntimezone = 'Europe/Tolosa'", "[harvest] timezone `Europe/Tolosa` is not known"),
        ("[catalog]\nlanguages = 'fr'", "[catalog] languages must be a list of texts"),
        ("[catalog]\nlanguages = ['fr', 1]", "[catalog] languages must be a list of texts"),
        ("[catalog]\nlanguages = []", "languages is empty"),
        ("[catalog]\ntitle = 'x'", "[catalog] title must be a table"),
        ("[catalog]\ntitle.fr = 1", "[catalog] title must be a table"),
        ("[store]\npath = 3", "[store] path must be a path"),
        ("[store]\nengine = 'jena'", "engine `jena` is not offered. Offered: oxigraph, sparql."),
        ("[store]\nengine = 'sparql'", "[store] query must be the http(s) address of the engine's query"),
        (
            "[store]\nengine = 'sparql'\nquery = 'http://a:b@x/q'",
            "[store] query has a password in its address. Set user, and GARONNE_STORE_PASSWORD",
        ),
        ("catalog = 3", "[catalog] must be a table"),
        ("[source]\nid = 'x'", "[source] is repeated: write it as [[source]]"),
        ("[[source]]\nid = 'a b'\nkind = 'files'", "letters, digits and hyphens; it is `a b`"),
        ("[[source]]\nid = 'é'\nkind = 'files'", "letters, digits and hyphens"),
        ("[[source]]\nkind = 'files'", "needs an `id`"),
        ("[[source]]\nid = 'x'", "source `x` has no `kind`"),
        (SOURCE + SOURCE, "two sources are called `t`"),
        (SOURCE + "allow_private = 'yes'", "[source] allow_private must be a boolean"),
        ("[[source]]\nid='x'\nkind='files'\nurl='data.example.org'", "url must begin with http:// or https://"),
        (SOURCE + "[source.identity]\niri = 'mine'", "identity.iri is `minted` or `source`"),
        (SOURCE + "[source.identity]\nidentifier = '{dataset}'", "It knows {url}, {dataset_id}, {slug} and {base}."),
        (SOURCE + "[source.identity]\nidentifier = '{'", "cannot be filled in"),
        (SOURCE + "[source.identity]\nidentifier = '{url}'", "gives all datasets the same identifier"),
        ("[[agent]]\naliases = ['x']", "an [[agent]] has no `name`"),
        ("[catalog\n", "not valid TOML"),
        ("a = 1\na = 2", "not valid TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as e:
        read(tmp_path, text)
    assert said in str(e.value)
    assert e.value.exit_code == 2


@pytest.mark.parametrize(
    "base",
    ["", "data.example.org/", "https://data.example.org", "ftp://x.org/", "https:///x/", "http://[x/", "http://a b/",
     "http://x.org/?q=/", "http://x.org/#/", "file:///tmp/"],
)  # fmt: skip
def test_bad_bases(tmp_path: Path, base: str) -> None:
    with pytest.raises(SettingsInvalid, match="base must be an http"):
        build({"catalog": {"base": base}}, folder=tmp_path, env={})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GARONNE_SERVE_PORT", "eighty", "GARONNE_SERVE_PORT must be an integer; it is `eighty`."),
        ("GARONNE_HARVEST_TIMEOUT", "", "GARONNE_HARVEST_TIMEOUT must be a number"),
        ("GARONNE_CHECK_ALLOW_PRIVATE", "oui", "GARONNE_CHECK_ALLOW_PRIVATE must be a boolean; it is `oui`."),
        ("GARONNE_CATALOG_TITLE", "Données", "GARONNE_CATALOG_TITLE is written `key=value;key=value`"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as e:
        read(tmp_path, "", **{name: value})
    assert said in str(e.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"no such settings file\. `garonne init` makes one"):
        load(tmp_path / "absent.toml", env={})
    (tmp_path / "latin.toml").write_bytes("[catalog]\ntitle.fr = 'Donn\xe9es'".encode("latin-1"))
    with pytest.raises(SettingsInvalid, match="not valid TOML"):
        load(tmp_path / "latin.toml", env={})
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load(tmp_path, env={})


def test_every_row_is_explained_and_reachable(tmp_path: Path) -> None:
    found = rows()
    assert all(r.help.strip() and r.type for r in found)
    assert len({(r.table, r.name) for r in found}) == len(found)
    names = [r.env for r in found if r.env]
    assert len(set(names)) == len(names)
    assert all(n.startswith("GARONNE_") for n in names)
    built = build({}, folder=tmp_path, env={})
    for row in found:
        if row.env and row.table != "store":
            assert getattr(getattr(built, row.table), row.name) == row.default


@pytest.mark.parametrize("row", [r for r in rows() if r.env], ids=lambda r: r.env)
def test_each_environment_name_works(tmp_path: Path, row: Any) -> None:
    given = {
        "text": "fr",
        "integer": "7",
        "number": "7.5",
        "path": "x",
        "boolean": str(not row.default).lower(),
        "list of texts": "fr,en",
        "table": "name=b",
    }
    special = {"base": "https://x.org/", "engine": "oxigraph", "timezone": "UTC"}
    special |= {"on": "held", "mail_to": "a@ville.fr", "webhook": "https://x.org/"}
    special |= {"mail_host": "", "publishers": "False"}  # which need others beside them
    special |= {key: offered[-1] for (_, key), offered in CHOICES.items()}
    value = special.get(row.name, given[row.type]) if row.env != "GARONNE_VALIDATION_ENGINE" else "pyshacl"
    addresses = dict.fromkeys(("query", "update", "graphs"), "http://127.0.0.1/") if row.name == "engine" else {}
    found = build({"store": addresses}, folder=tmp_path, env={row.env: value})
    assert getattr(getattr(found, row.table), row.name) != row.default or value == str(row.default)
