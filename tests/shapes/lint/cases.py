"""Shapes in a few words, and what the lint remarks on them."""

from __future__ import annotations

from shapes.lint import Check, Found, lint
from shapes.lint.sheets import sheet_of

HEAD = """
@prefix : <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
"""


def found(*files: str) -> list[Found]:
    """The remarks on these files together; their first line is the one after `HEAD`'s last."""
    return lint([sheet_of(f"{n}.ttl", (HEAD + text).encode(), f"f{n}x") for n, text in enumerate(files)])


def checks(*files: str) -> list[Check]:
    """The checks that remark something, in the order of the lines."""
    return [one.remark.check for one in found(*files)]


def line(number: int) -> int:
    """The number of a case's own line in the file."""
    return HEAD.count("\n") + number


def on(constraints: str) -> str:
    """A shape with a target and one property shape with these constraints."""
    return f":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; {constraints} ] ."
