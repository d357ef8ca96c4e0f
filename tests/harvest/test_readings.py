"""A source that says that nothing changed is not read again, and one of which this could be untrue is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.takedown.order import take_down
from harvest.rereading import NOT_MODIFIED
from harvest.summary import Summary
from tests.fakes.rdf import PREFIXES, dataset
from tests.fakes.server import Answer, Running, serving
from tests.harvest.city import City, city


class Feed:
    """Catalogues in RDF at /NAME, of one document or of pages."""

    def __init__(self) -> None:
        self.pages: dict[str, list[list[str]]] = {"one": [["a", "b", "c"]]}
        self.more = ""

    def reply(self, path: str) -> Answer:
        parts = urlsplit(path)
        pages = self.pages[parts.path.strip("/")]
        number = int(parse_qs(parts.query).get("page", ["1"])[0])
        body = PREFIXES + "".join(dataset(name, self.more) for name in pages[number - 1])
        if number < len(pages):
            body += f"<?page={number}> a hydra:PartialCollectionView ; hydra:next <?page={number + 1}> .\n"
        return Answer(body.encode(), kind="text/turtle")


@pytest.fixture
def feed() -> Iterator[tuple[Feed, Running]]:
    served = Feed()
    with serving(served.reply, tagged=True) as running:
        yield served, running


def source(url: str, name: str = "one", *, more: str = "") -> str:
    return f'[[source]]\nid = "{name}"\nkind = "dcat"\nurl = "{url}/{name}"\nallow_private = true\n{more}\n'


def stood(summary: Summary, number: int = 0) -> bool:
    return NOT_MODIFIED in summary.sources[number].notes


def counts(summary: Summary, number: int = 0) -> dict[str, int]:
    return {k: v for k, v in summary.sources[number].outcomes.items() if v}


def requests(running: Running) -> int:
    number = len(running.asked)
    running.asked.clear()
    return number


def test_a_document_that_is_the_same_is_not_read(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    served, running = feed
    town = city(tmp_path, source(running.address))
    assert not stood(town.run())
    assert requests(running) == 1
    again = town.run()
    assert stood(again)
    assert requests(running) == 1
    assert counts(again) == {"unchanged": 3}
    assert (again.sources[0].seen, again.release, again.current, again.exit_code) == (3, None, 1, 0)
    served.pages["one"][0].append("d")
    grown = town.run()
    assert not stood(grown)
    assert requests(running) == 1, "the new document came with the question"
    assert counts(grown) == {"unchanged": 3, "created": 1}
    assert stood(town.run())


def test_every_page_must_be_the_same(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    served, running = feed
    served.pages["one"] = [["a", "b"], ["c", "d"], ["e"]]
    town = city(tmp_path, source(running.address))
    town.run()
    requests(running)
    assert stood(town.run())
    assert requests(running) == 3
    served.pages["one"][1].remove("d")
    changed = town.run()
    assert counts(changed) == {"unchanged": 4, "withdrawn": 1}
    served.pages["one"].pop()  # the last page is gone with its dataset
    assert counts(town.run()) == {"unchanged": 3, "withdrawn": 1}
    requests(running)
    assert stood(town.run())
    assert requests(running) == 2


@pytest.mark.parametrize("options", [{"full": True}, {"limit": 2}, {"validate": True}])
def test_what_is_asked_for_otherwise_is_read(
    tmp_path: Path, feed: tuple[Feed, Running], options: dict[str, object]
) -> None:
    _, running = feed
    town = city(tmp_path, source(running.address))
    town.run()
    assert not stood(town.run(**options))
    if "limit" in options:
        assert not stood(town.run()), "what came after a part is not known to be whole"


def test_other_settings_and_time_make_it_be_read(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    _, running = feed
    town = city(tmp_path, source(running.address))
    town.run()
    changed = city(tmp_path, source(running.address, more='language = "en"'))
    assert not stood(changed.run())
    assert stood(changed.run())
    always = replace(changed.settings, harvest=replace(changed.settings.harvest, whole_every=0.0))
    assert not stood(City(tmp_path, always).run())


def test_a_source_without_validators_is_read(tmp_path: Path) -> None:
    served = Feed()
    with serving(served.reply) as running:
        town = city(tmp_path, source(running.address))
        town.run()
        assert not stood(town.run())


def test_what_failed_or_was_held_leaves_the_last_good_reading(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    served, running = feed
    served.pages["one"] = [[f"d{i}" for i in range(20)]]
    town = city(tmp_path, source(running.address))
    town.run()
    whole = list(served.pages["one"][0])
    served.pages["one"][0][5:] = []
    for _ in range(2):
        assert town.run().sources[0].status == "held"
    served.pages["one"][0][:] = whole
    back = town.run()
    assert stood(back)
    assert counts(back) == {"unchanged": 20}


def test_a_dataset_that_another_source_gives_up_is_looked_for(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    served, running = feed
    served.pages = {"one": [["a", "b", "c"]], "two": [["a", "x"]]}
    town = city(tmp_path, source(running.address) + source(running.address, "two", more='role = "aggregator"'))
    first = town.run()
    assert counts(first, 1) == {"created": 1, "merged": 1}
    again = town.run()
    assert stood(again)
    assert stood(again, 1)
    assert counts(again, 1) == {"unchanged": 1, "merged": 1}
    served.pages["one"][0].remove("a")
    last = town.run()
    assert counts(last) == {"unchanged": 2, "withdrawn": 1}
    assert not stood(last, 1), "the other source's copy of it is now the only one"
    assert counts(last, 1) == {"created": 1, "unchanged": 1}


def test_what_is_taken_down_is_not_left_published(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    _, running = feed
    town = city(tmp_path, source(running.address))
    town.run()
    take_down(town.settings, next(iter(town.datasets())), "décision de justice", lambda _text: None)
    after = town.run()
    assert not stood(after)
    assert counts(after) == {"unchanged": 2, "set aside": 1}
    assert stood(town.run())


def test_records_set_aside_are_told_again(tmp_path: Path, feed: tuple[Feed, Running]) -> None:
    _, running = feed
    town = city(tmp_path, source(running.address))
    town.run()
    take_down(town.settings, next(iter(town.datasets())), "décision de justice", lambda _text: None)
    before, after = town.run(), town.run()
    assert stood(after)
    assert before.sources[0].set_aside == after.sources[0].set_aside
    assert (counts(before), before.exit_code) == (counts(after), after.exit_code)
