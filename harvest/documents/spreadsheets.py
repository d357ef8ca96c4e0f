"""Spreadsheets from elsewhere (Office Open XML), as rows of texts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from lxml.etree import XMLSyntaxError
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from catalog.errors import ResponseInvalid
from harvest.documents.tables import Row

MAGIC = b"PK\x03\x04"
OLD = b"\xd0\xcf\x11\xe0"
"""How files of Excel before 2007 begin."""
_FAULTS = (
    zipfile.BadZipFile,
    InvalidFileException,
    XMLSyntaxError,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    OSError,
)


def rows(body: bytes, *, what: str, limit: int, sheet: str = "") -> Iterator[Row]:
    """The rows of a sheet, the first that is not empty unless one is named. Raises `ResponseInvalid`.

    `limit` is the most that the document may unpack to, in bytes. Formulas give the value that was last computed.
    """
    if body.startswith(OLD):
        raise ResponseInvalid(
            "it is a spreadsheet of Excel before 2007 (.xls), or protected by a password.",
            what=what,
            hint="Save it as .xlsx or CSV.",
        )
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            size = sum(one.file_size for one in packed.infolist())
        if size > limit:
            raise ResponseInvalid(f"it unpacks to {size:,} bytes, more than the {limit:,} allowed.", what=what)
        book = load_workbook(BytesIO(body), read_only=True, data_only=True)
    except _FAULTS as e:
        raise ResponseInvalid(f"it is no sound spreadsheet ({type(e).__name__}).", what=what) from e
    if sheet and sheet not in book.sheetnames:
        raise ResponseInvalid(f"it has no sheet `{sheet}`; it has {', '.join(book.sheetnames)}.", what=what)
    try:
        for one in [book[sheet]] if sheet else book.worksheets:
            found = False
            for number, cells in enumerate(one.iter_rows(values_only=True), 1):
                words = [_words(cell) for cell in cells]
                found = found or any(words)
                yield Row(number, words)
            if found:
                return
    except _FAULTS as e:
        raise ResponseInvalid(f"it is no sound spreadsheet ({type(e).__name__}).", what=what) from e


def _words(cell: Any) -> str:
    """A cell as people would write it: days without a time, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
