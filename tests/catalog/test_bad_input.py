"""Bad input to `garonne validate`: a sentence, the right exit code, nothing on standard output, never a traceback."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.commands.validate import validate
from catalog.errors import GaronneError
from tests.shapes.catalogues import CORRECT

GARONNE = Path(sys.executable).with_name("garonne")
MIB = 1 << 20


def refused(*args: str) -> GaronneError:
    with pytest.raises(GaronneError) as caught:
        CliRunner().invoke(validate, list(args), catch_exceptions=False, standalone_mode=False)
    return caught.value


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("a.ttl", b"", "it is empty"),
        ("a.ttl", b"Bonjour, voici mes donn\xc3\xa9es.", "this is not"),
        ("a.txt", b"Bonjour", "this is not RDF"),
        ("a.ttl", b"<!doctype html><title>Portail</title>", "this is a web page"),
        ("a.xlsx", b"PK\x03\x04" + bytes(100), "this is a compressed file"),
        ("a.ttl.gz", gzip.compress(CORRECT.encode(), mtime=0), "this is a compressed file"),
        ("a.ttl", CORRECT.encode("utf-16"), "it is written in UTF-16"),
        ("a.ttl", CORRECT.encode("latin-1", "replace"), "this is not correct Turtle"),
        ("a.ttl", CORRECT[: len(CORRECT) // 2].encode(), "this is not correct Turtle"),
        ("a.nt", b"<http://x.example/a> <http://x.example/b> <http://x.exa", "this is not correct N-Triples"),
        ("a.rdf", b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/', "this is not correct RDF/XML"),
        ("a.jsonld", b'{"@context": {"a": "http://x.example/a"}, "a": [1, 2', "this is not correct JSON-LD"),
        ("a.jsonld", b'{"@context": "https://x.example/c.jsonld", "a": 1}', "nothing is fetched while reading"),
        ("a.json", b'{"a": 1}', "holds no statement"),
        ("a.ttl", b"\x00\x01\x02\x03", "this is not"),
    ],
)
def test_what_cannot_be_read_ends_with_3(tmp_path: Path, name: str, body: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(body)
    error = refused(str(tmp_path / name))
    assert error.exit_code == 3
    assert told in error.message
    assert all(c.isprintable() for c in error.message)


def test_300_mebibytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with (tmp_path / "big.nt").open("wb") as file:
        file.truncate(300 * MIB)
    # Reading it would need more than it may have.
    shell = f"ulimit -v {1_200_000}; exec {GARONNE} validate big.nt"
    done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "garonne: big.nt: it is larger than 200 MiB. Raise the limit with --max-size, or validate it in parts.\n"
    )


def test_a_stream_is_read_to_its_limit_only(tmp_path: Path) -> None:
    with Path("/dev/zero").open("rb") as endless:
        done = subprocess.run(
            [str(GARONNE), "validate", "-", "--max-size", "2"],
            stdin=endless,
            cwd=tmp_path,
            env={**os.environ, "LANG": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (3, "")
    assert "standard input: it is larger than 2 MiB" in done.stderr


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["--profile", "dcat-ap-4"], 2, "Offered: dcat-ap-3"),
        (["--shapes", "gone.ttl"], 3, "there is no such file"),
        (["--shapes", "data.ttl"], 3, "holds no SHACL shape"),
        (["--baseline", "data.ttl"], 3, "no report of Garonne"),
    ],
)
def test_wrong_shapes_profiles_and_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], code: int, told: str
) -> None:
    (tmp_path / "data.ttl").write_text(CORRECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    error = refused("data.ttl", *args)
    assert error.exit_code == code
    assert told in f"{error.message} {error.hint}"
