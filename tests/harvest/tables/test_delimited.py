"""CSV files as offices leave them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from catalog.errors import RecordInvalid
from harvest.tables.delimited import describe
from harvest.tables.model import Table

BYTES = 1 << 30


def read(folder: Path, body: bytes | str, *, most: int = BYTES) -> Table:
    file = folder / "x.csv"
    file.write_bytes(body if isinstance(body, bytes) else body.encode())
    return describe(file, "x.csv", most=most)


def columns(found: Table) -> dict[str, str]:
    return {c.name: c.type for c in found.columns}


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_separator_and_line_end(tmp_path: Path, separator: str, code: str, end: str) -> None:
    rows = [["identifiant", "libellé", "année"], ["1", "Château d’eau", "2024"], ["2", "Ça; là, et|ici", "2025"]]
    body = end.join(separator.join(f'"{c}"' if len(c) > 11 else c for c in row) for row in rows) + end
    found = read(tmp_path, body.encode(code))
    assert columns(found) == {"identifiant": "int", "libellé": "", "année": "int"}
    assert found.rows == 2
    assert ("encoding" in found.findings) is (not code.startswith("utf-8"))


def test_an_encoding_that_shows_only_later(tmp_path: Path) -> None:
    found = read(tmp_path, b"a;b\n" + b"1;x\n" * 400_000 + "2;é\n".encode("cp1252"))
    assert (found.rows, found.findings) == (400_001, {"encoding": "cp1252"})
    mixed = read(tmp_path, "a;é\n".encode() + b"1;x\n" * 100_000 + "2;é\n".encode("cp1252"))
    assert mixed.findings == {"damaged": 1}


def test_types_hold_for_every_value(tmp_path: Path) -> None:
    text = (
        "n;m;d;t;v;j;z;b;vide;code\n"
        "1;1.5;2024-01-31;2024-01-31T10:00:00Z;1,5;31/01/2024;x;true;;01001\n"
        "-2;2e3;2024-02-01;2024-01-31T10:00:00;2;01/02/2024;;false;;31555\n"
    )
    found = read(tmp_path, text)
    assert columns(found) == {
        "n": "int",
        "m": "double",
        "d": "date",
        "t": "datetime",
        "v": "",
        "j": "",
        "z": "",
        "b": "boolean",
        "vide": "",
        "code": "",
    }
    assert found.findings == {"comma_numbers": ["v"], "french_dates": ["j"]}
    assert columns(read(tmp_path, text + "x;;;;;;;;;\n"))["n"] == ""


def test_ragged_rows_blank_lines_titles_above_and_repeated_headings(tmp_path: Path) -> None:
    found = read(tmp_path, "Arbres de la ville;;\n\nid;nom voie;h\n1;a;2\n2;b\n\n3;c;4;5\nid;nom voie;h\n4;d;5\n")
    assert found.rows == 4
    assert found.findings == {"preamble": 1, "ragged": 2}
    assert columns(found) == {"id": "int", "nom voie": "", "h": "int"}


def test_quoted_cells_span_lines(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b\n1,"x\ny, ""z"""\n2,"\u2028"\n').rows == 2


@pytest.mark.parametrize(
    "body",
    [
        "12;Dupont;dupont@example.org\n13;Durand;durand@example.org\n",
        "Dupont;Toulouse;F\nDurand;Toulouse;F\nMartin;Blagnac;F\nDupont;Muret;M\n",
    ],
)
def test_a_first_row_of_data_is_never_taken_for_headings(tmp_path: Path, body: str) -> None:
    found = read(tmp_path, body)
    assert [c.name for c in found.columns] == ["_col.1", "_col.2", "_col.3"]
    assert found.findings["no_header"] is True
    assert found.rows == body.count("\n")
    assert "Dup" not in str(found.plain())


def test_years_may_be_headings(tmp_path: Path) -> None:
    assert list(columns(read(tmp_path, "commune;2023;2024\nMuret;1;2\n"))) == ["commune", "2023", "2024"]


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("lat;lon\n43.5;1.4\n;\n43.7;1.2\n", (1.2, 43.5, 1.4, 43.7)),
        ("latitude;longitude\n43,5;1,4\n", (1.4, 43.5, 1.4, 43.5)),
        ('id,geo_point_2d\n1,"43.5, 1.4"\n2,"43.6,1.5"\n', (1.4, 43.5, 1.5, 43.6)),
        ("lat;lon\n6278000;574000\n", None),
        ("nom;lat;lon\nDupont;43.5;1.4\n", None),
    ],
)
def test_extent_of_coordinates_but_not_of_persons(tmp_path: Path, text: str, extent: object) -> None:
    assert read(tmp_path, text).extent == extent


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"\x1f\x8b\x08\0", "compressed"),
        (b"PK\x03\x04abc", "spreadsheet"),
        (b"<!DOCTYPE html><p>", "web page"),
        (b"a;b\n\x01\0\0\x02\xff\0\0\0", "binary"),
        (b'a;b\n1;"' + b"x" * 11_000_000, "quotation mark|10 million"),
        (b'a;b\n1;"' + b"xxxxxxxxx\n" * 1_100_000, "quotation mark"),
    ],
)
def test_what_is_no_table_says_so_in_both_languages(tmp_path: Path, body: bytes, word: str) -> None:
    with pytest.raises(RecordInvalid, match=word) as caught:
        read(tmp_path, body)
    assert caught.value.french.startswith("Le fichier ne peut être lu")


def test_any_cut_of_a_file_is_read(tmp_path: Path) -> None:
    body = 'é;b;c\n1;"x;y\nz";2024-01-01\n2;;\n'.encode()
    for end in range(len(body)):
        try:
            read(tmp_path, body[:end])
        except RecordInvalid:
            assert end == 0


def test_a_huge_file_needs_little_memory_and_is_read_in_part(tmp_path: Path) -> None:
    line = b"1234;un libelle assez long pour peser;2024-01-01;12.5\n"
    body = b"id;libelle;date;valeur\n" + line * 120_000
    file = tmp_path / "huge.csv"
    file.write_bytes(body)
    tracemalloc.start()
    found = describe(file, "huge.csv", most=2_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert found.estimated
    assert found.rows == pytest.approx(120_000, rel=0.01)
    assert found.findings["partly_read"] == 2_000_000
