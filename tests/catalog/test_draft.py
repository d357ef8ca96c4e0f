"""The next release while it is being made: identities, versions, undoing, settling, rolling back, pruning."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from catalog import schema
from catalog.archive import Archive
from catalog.draft import Draft, title_of
from catalog.errors import RecordInvalid, SettingsInvalid
from catalog.history import prune, restore
from catalog.model import Description, Kind, Outcome, Text
from catalog.releases import Releases, point
from tests.catalog.making import BASE, MINT, agent, at, draft, enter, identity, mapped, record
from tests.findings import BAD_DATE, NO_KEYWORD, found
from vocab.namespaces import DCT

COMPARED = (*schema.VERSIONED, "slugs", "renames", "aliases", "events")


def dump(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that says something about datasets."""
    with closing(schema.connect(folder)) as db:
        return {t: sorted(map(repr, map(tuple, db.execute(f"SELECT * FROM {t}")))) for t in COMPARED}  # noqa: S608


def published(folder: Path, number: int, work: Callable[[Draft], object]) -> None:
    """Makes what `work` enters release `number`, as far as the bookkeeping is concerned."""
    with closing(draft(folder, number)) as making:
        work(making)
        making.settle()
        making.record_events()
        making.commit(durable=True)
    point(folder, number)


# ── identities ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_identity_is_for_ever(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("Arbres d'alignement"), "Arbres"))
    published(tmp_path, 2, lambda d: d.withdraw("arbres-d-alignement"))
    with closing(draft(tmp_path, 3)) as making:
        found = identity(making, record("Arbres d'alignement"))
    assert found.slug == "arbres-d-alignement"
    assert found.iri == f"{BASE}dataset/arbres-d-alignement"
    assert found.record_iri == f"{BASE}record/arbres-d-alignement"
    assert found.identifier == "ods:arbres-d-alignement"


def test_a_later_comer_gets_the_name_of_its_source(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        slugs = [
            identity(making, record("Arbres")).slug,
            identity(making, record("arbres", source="blagnac")).slug,
            identity(making, record("ARBRES", source="blagnac")).slug,
            identity(making, record("arbrés", source="blagnac")).slug,
            identity(making, record("Arbres")).slug,
        ]
    assert slugs == ["arbres", "arbres-blagnac", "arbres-blagnac-2", "arbres-blagnac-3", "arbres"]


def test_a_slug_that_was_withdrawn_is_not_given_to_another(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("velos"), "Vélos"))
    published(tmp_path, 2, lambda d: d.withdraw("velos"))
    with closing(draft(tmp_path, 3)) as making:
        assert identity(making, record("velos", source="tisseo")).slug == "velos-tisseo"


def test_two_datasets_with_one_identifier(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        making.identity(record("a"), lambda _slug: "same", set())
        with pytest.raises(RecordInvalid, match=r"`same` is already that of `a` from source `ods`"):
            making.identity(record("b"), lambda _slug: "same", set())


def test_a_rename_keeps_everything_and_leaves_an_alias(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("old", uid="u1"), "Titre"))
    published(tmp_path, 2, lambda d: enter(d, record("new", uid="u1"), "Titre bis", seen={"new"}))
    view = Archive(tmp_path).at(2)
    assert view.fate(Kind.DATASET, "old") == "live"
    assert view.fate(Kind.DATASET, "new") == ("alias", "old")
    assert Archive(tmp_path).at(1).fate(Kind.DATASET, "new") is None
    assert view.count() == 1
    with closing(draft(tmp_path, 3)) as making:
        assert list(map(tuple, making.live("ods"))) == [("new", "old")]
        assert identity(making, record("new", uid="u1"), {"new"}).slug == "old"
        assert identity(making, record("new", source="other")).slug == "new-other"


def test_a_copy_with_the_same_uid_is_no_rename(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("one", uid="u"), "Un"))
    with closing(draft(tmp_path, 2)) as making:
        assert identity(making, record("two", uid="u"), {"one", "two"}).slug == "two"


def test_renamed_and_the_old_name_used_again_then_taken_back(tmp_path: Path) -> None:
    """The new dataset bears the name that the renamed one had: both undo paths must cope."""
    published(tmp_path, 1, lambda d: enter(d, record("a", uid="u1"), "Un"))
    before = dump(tmp_path)

    def swap(making: Draft) -> None:
        enter(making, record("b", uid="u1"), "Un", seen={"b"})
        enter(making, record("a", uid="u2"), "Deux", seen={"a", "b"})
        making.commit()

    for undo in (lambda d: d.abandon(), lambda d: d.revert("ods")):
        with closing(draft(tmp_path, 2)) as making:
            swap(making)
            undo(making)
            assert dump(tmp_path) == before


def test_another_base_is_refused(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a"), "Un"))
    with pytest.raises(SettingsInvalid, match="Restore the base"):
        Draft(tmp_path, 2, at(2), "https://elsewhere.example.org/")


# ── descriptions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_record_says_when_it_was_issued_and_modified(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a"), "Un"))
    published(tmp_path, 2, lambda d: enter(d, record("a"), "Deux"))
    published(tmp_path, 3, lambda d: d.withdraw("a"))
    published(tmp_path, 4, lambda d: enter(d, record("a"), "Trois"))
    for release, modified in ((1, 1), (2, 2), (4, 4)):
        view = Archive(tmp_path).at(release)
        found = view.get(MINT.dataset("a"))
        assert found is not None
        node = NamedNode(MINT.record("a"))
        dates = {t.predicate: t.object for t in found.triples if t.subject == node}
        xsd = NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
        assert dates == {
            DCT.issued: Literal(at(1).isoformat(), datatype=xsd),
            DCT.modified: Literal(at(modified).isoformat(), datatype=xsd),
        }
        assert view.dates(found.iri) == (at(1), at(modified))
    assert Archive(tmp_path).at(3).get(MINT.dataset("a")) is None


@pytest.mark.parametrize(
    "sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\r", "\n", "\t", "\x00", '"', "\\", " .\n"]
)
def test_a_description_survives_every_sign(tmp_path: Path, sign: str) -> None:
    with closing(draft(tmp_path, 1)) as making:
        final = enter(making, record("a"), f"un{sign}deux")
        assert Literal(f"un{sign}deux", language="fr") in {t.object for t in final.triples}
        assert title_of(final) == f"un{sign}deux"
        assert Description.of(final.iri, final.kind, final.slug, final.triples) == final


def test_entered_twice_in_one_draft_counts_once(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        enter(making, record("a"), "Un")
        enter(making, record("a"), "Deux")
        assert making.tally().counts["dataset"] == 1
        assert making.record_events() == {"created": 1}
        assert title_of(making.standing(MINT.dataset("a"))) == "Deux"


def test_a_view_of_an_old_release_does_not_move(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: [enter(d, record(n), n) for n in "abc"])
    view = Archive(tmp_path).at(1)
    before = (list(view.all()), view.count(), view.summaries(), view.findings(MINT.dataset("a")), view.finding_counts())

    def work(making: Draft) -> None:
        enter(making, record("a"), "changed", agent("x", "X"))
        making.withdraw("b")
        enter(making, record("d"), "new")
        making.put_findings(MINT.dataset("a"), "ods", [found(BAD_DATE, '"hier"')])

    with closing(draft(tmp_path, 2)) as making:
        work(making)
        making.commit()
        assert (
            list(view.all()), view.count(), view.summaries(), view.findings(MINT.dataset("a")), view.finding_counts()
        ) == before  # fmt: skip
    published(tmp_path, 2, work)
    assert list(view.all()) == before[0]
    after = Archive(tmp_path).at(2)
    assert [d.slug for d in after.all()] == ["a", "c", "d"]
    assert after.finding_counts() == (1, 0)
    assert after.findings(MINT.dataset("a")) == [found(BAD_DATE, '"hier"')]
    assert after.findings(MINT.dataset("c")) is None
    assert [after.fate(Kind.DATASET, s) for s in "abcdz"] == ["live", "gone", "live", "live", None]


# ── undoing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = "abcde"
STEP = st.tuples(
    st.sampled_from(["enter", "enter", "withdraw", "findings", "aside", "rename", "commit"]),
    st.sampled_from(NAMES),
    st.sampled_from(["ods", "other"]),
    st.integers(0, 2),
)


def do(making: Draft, steps: list[tuple[str, str, str, int]]) -> None:
    """Arbitrary work of a run, as the pipeline might do it."""
    for what, name, source, n in steps:
        given = record(name, source=source, uid=f"{source}{name}", text=str(n))
        if what == "enter":
            enter(making, given, f"Titre {n}", agent(f"agent{n}", f"Agent {source}"), seen=set(NAMES))
        elif what == "rename":
            seen = set(NAMES) - {name} | {f"{name}{n}"}
            enter(making, record(f"{name}{n}", source=source, uid=f"{source}{name}"), f"Titre {n}", seen=seen)
        elif what == "aside":
            making.put_record(given, slug=None, fingerprint="f", outcome=Outcome.SET_ASIDE, reason=Text("non", "no"))
        elif what == "commit":
            making.commit()
        elif slug := dict(making.live(source)).get(name):
            if what == "withdraw":
                making.withdraw(slug)
                making.forget(source, name)
            else:
                findings = [found(NO_KEYWORD, key=str(n))] if n else []
                making.put_findings(MINT.dataset(slug), source, findings)
    making.commit()


FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(first=st.lists(STEP, max_size=12), second=st.lists(STEP, max_size=12), finished=st.booleans())
def test_abandoning_leaves_no_trace(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str, str, int]],
    second: list[tuple[str, str, str, int]],
    finished: bool,
) -> None:
    folder = tmp_path_factory.mktemp("var")
    published(folder, 1, lambda d: do(d, first))
    before = dump(folder)
    with closing(draft(folder, 2)) as making:
        do(making, second)
        if finished:
            making.settle()
            making.record_events()
    with closing(draft(folder, 2)):  # a new run takes back what the killed one left
        assert dump(folder) == before


@FEW
@given(first=st.lists(STEP, max_size=12), ours=st.lists(STEP, max_size=8), theirs=st.lists(STEP, max_size=8))
def test_reverting_one_source_leaves_the_other(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str, str, int]],
    ours: list[tuple[str, str, str, int]],
    theirs: list[tuple[str, str, str, int]],
) -> None:
    ours = [(w, n, "ods", k) for w, n, _, k in ours]
    theirs = [(w, n, "other", k) for w, n, _, k in theirs]
    with_both, alone = (tmp_path_factory.mktemp("var") for _ in range(2))
    for folder in (with_both, alone):
        published(folder, 1, lambda d: do(d, first))
    with closing(draft(with_both, 2)) as making:
        do(making, theirs)
        do(making, ours)
        making.revert("ods")
    with closing(draft(alone, 2)) as making:
        do(making, theirs)
    assert dump(with_both) == dump(alone)


def test_an_interruption_after_the_swap_takes_nothing_away(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        enter(making, record("a"), "Un")
        making.commit()
        point(tmp_path, 1)
        before = dump(tmp_path)
        making.abandon()
        assert dump(tmp_path) == before


def test_a_run_without_a_visible_change_keeps_what_it_learnt(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a", text="x"), "Un", agent("v", "Ville")))
    before = list(Archive(tmp_path).at(1).all())
    with closing(draft(tmp_path, 2)) as making:
        enter(making, record("a", text="y"), "Un", agent("v", "Ville"))
        making.put_record(record("b"), slug=None, fingerprint="f", outcome=Outcome.SET_ASIDE, reason=Text("non", "no"))
        making.settle()
        assert not making.changed()
        making.absorb()
    with closing(draft(tmp_path, 2)) as making:
        known = making.known("ods", "a")
        assert known is not None
        assert known.hash == "hash of a y"
        assert making.reason(record("b").source, "b") == Text("non", "no")
    assert list(Archive(tmp_path).at(1).all()) == before


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def events(folder: Path, release: int) -> dict[str, str]:
    return {r["slug"]: r["kind"] for r in Archive(folder).rows("SELECT * FROM events WHERE release = :n", n=release)}


def test_events_say_what_a_reader_sees(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: [enter(d, record(n), n) for n in "abc"])
    assert events(tmp_path, 1) == dict.fromkeys("abc", "created")

    def second(making: Draft) -> None:
        enter(making, record("a"), "changed")
        enter(making, record("b"), "b")
        making.withdraw("c")
        enter(making, record("d"), "d")

    published(tmp_path, 2, second)
    assert events(tmp_path, 2) == {"a": "updated", "c": "withdrawn", "d": "created"}
    published(tmp_path, 3, lambda d: [making_again(d), d.withdraw("d")])
    assert events(tmp_path, 3) == {"c": "created", "d": "withdrawn"}


def making_again(making: Draft) -> None:
    enter(making, record("c"), "c")


def test_created_and_withdrawn_in_one_draft_is_no_event(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        enter(making, record("a"), "Un")
        making.withdraw("a")
        assert making.record_events() == {}


# ── settling ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(6))
def test_the_majority_decides_whatever_the_order(tmp_path: Path, seed: int) -> None:
    said = {"a": "Ville", "b": "Ville de T", "c": "Ville", "d": "X", "e": "Y"}
    order = random.Random(seed).sample(sorted(said), len(said))  # noqa: S311  any order will do
    with closing(draft(tmp_path, 1)) as making:
        for name in order:
            enter(making, record(name), name, agent("ville", said[name]))
        making.settle()
        (found,) = making.shared(Kind.AGENT)
    assert found == agent("ville", "Ville")


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_tie_goes_to_the_lesser_hash(tmp_path: Path, order: str) -> None:
    said = {"a": agent("v", "Un"), "b": agent("v", "Deux")}
    with closing(draft(tmp_path, 1)) as making:
        for name in order:
            enter(making, record(name), name, said[name])
        making.settle()
        assert making.shared(Kind.AGENT) == [min(said.values(), key=lambda d: d.hash)]


def test_an_agent_goes_with_the_last_dataset_that_names_it(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: [enter(d, record(n), n, agent("v", "Ville")) for n in "ab"])
    published(tmp_path, 2, lambda d: d.withdraw("a"))
    assert Archive(tmp_path).at(2).count(Kind.AGENT) == 1
    published(tmp_path, 3, lambda d: d.withdraw("b"))
    assert Archive(tmp_path).at(3).count(Kind.AGENT) == 0
    assert Archive(tmp_path).at(3).fate(Kind.AGENT, "v") == "gone"


def test_settling_twice_changes_nothing(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a"), "Un", agent("v", "Ville")))
    with closing(draft(tmp_path, 2)) as making:
        making.settle()
        assert not making.changed()


# ── rolling back, pruning ────────────────────────────────────────────────────────────────────────────────────────────


def state(folder: Path, release: int) -> list[Description]:
    view = Archive(folder).at(release)
    return [d for kind in Kind for d in view.all(kind)]


@FEW
@given(
    lists=st.lists(st.lists(STEP, max_size=8), min_size=3, max_size=3),
    target=st.integers(1, 3),
)
def test_a_restored_release_equals_the_old_one(
    tmp_path_factory: pytest.TempPathFactory, lists: list[list[tuple[str, str, str, int]]], target: int
) -> None:
    folder = tmp_path_factory.mktemp("var")
    prints = {}
    for number, steps in enumerate(lists, 1):
        with closing(draft(folder, number)) as making:
            do(making, steps)
            making.settle()
            prints[number] = making.tally().fingerprint
        point(folder, number)
    before = {n: state(folder, n) for n in (1, 2, 3)}
    with closing(draft(folder, 4)) as making:
        restore(making, target)
        making.commit()
        assert making.tally().fingerprint == prints[target]
        counted = making.record_events()
    point(folder, 4)
    assert state(folder, 4) == before[target]
    assert {n: state(folder, n) for n in (1, 2, 3)} == before
    old, new = ({d.iri: d.hash for d in s if d.kind is Kind.DATASET} for s in (before[3], before[target]))
    wanted = {
        "created": len(new.keys() - old.keys()),
        "withdrawn": len(old.keys() - new.keys()),
        "updated": sum(old[i] != new[i] for i in old.keys() & new.keys()),
    }
    assert counted == {k: n for k, n in wanted.items() if n}


def one_more(number: int, making: Draft) -> None:
    enter(making, record("a"), f"a{number}")
    enter(making, record(f"x{number}"), "x")
    if number > 1:
        making.withdraw(f"x{number - 1}")


def test_pruning_keeps_what_kept_releases_need(tmp_path: Path) -> None:
    for number in range(1, 6):
        published(tmp_path, number, partial(one_more, number))
    before = {n: state(tmp_path, n) for n in (4, 5)}
    with closing(draft(tmp_path, 6)) as making:
        prune(making, 4)
    assert {n: state(tmp_path, n) for n in (4, 5)} == before
    assert state(tmp_path, 2) == []
    assert Archive(tmp_path).rows("SELECT COUNT(*) FROM descriptions WHERE until <= 4")[0][0] == 0
    assert len(events(tmp_path, 2)) == 3, "events stay for ever"
    assert Archive(tmp_path).at(5).fate(Kind.DATASET, "x1") == "gone"


# ── titles, runs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_titles(tmp_path: Path) -> None:
    assert title_of(agent("v", "Ville de «T»")) == "Ville de «T»"
    with closing(draft(tmp_path, 1)) as making:
        who = identity(making, record("a"))
    node = NamedNode(who.iri)
    bare = Description.of(who.iri, Kind.DATASET, "a", [Triple(node, DCT.description, Literal("x"))])
    assert title_of(bare) == "a"
    assert title_of(mapped(who, "L'été\n«là»").dataset) == "L'été\n«là»"


def test_a_run_that_was_killed_is_marked(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        first = making.start_run()
    with closing(draft(tmp_path, 1)) as making:
        second = making.start_run()
        making.end_run(second, "published", 1, at(2), {"é": 1})
    runs = Archive(tmp_path).runs()
    assert [(r["n"], r["status"]) for r in runs] == [(second, "published"), (first, "interrupted")]
    assert runs[0]["summary"] == {"é": 1}


def test_the_pointer_is_what_decides(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a"), "Un"))
    assert Releases(tmp_path).pointer() == 1


def test_what_is_settled_is_what_all_mentions_say(tmp_path: Path) -> None:
    """Only what a draft touched is decided anew: the outcome is that of deciding everything."""
    chance = random.Random(7)  # noqa: S311  no secret
    names = [f"jeu-{n}" for n in range(12)]
    for number in range(1, 9):

        def work(making: Draft) -> None:
            for name in chance.sample(names, 5):
                if chance.random() < 0.2 and making.known_by_slug(name) is not None:
                    making.withdraw(name)
                    continue
                said = [agent(slug, f"{slug} {chance.randint(1, 2)}") for slug in chance.sample("xyz", 2)]
                enter(making, record(name, text=str(chance.random())), str(chance.random()), *said)
                if chance.random() < 0.3:
                    making.settle()  # as a gate has it done twice

        published(tmp_path, number, work)
        with closing(schema.connect(tmp_path)) as db:
            said: dict[str, str] = {}
            for iri, hash_ in db.execute(
                "SELECT iri, hash FROM mentions WHERE until IS NULL GROUP BY iri, hash ORDER BY COUNT(*) DESC, hash"
            ):
                said.setdefault(iri, hash_)
            shared = "SELECT iri, content FROM descriptions WHERE kind = 'agent' AND until IS NULL"
            assert dict(db.execute(shared).fetchall()) == said, number
