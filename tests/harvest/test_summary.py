"""What the summary of a run says when the run fails as a whole, and who hears of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog import takes
from catalog.archive import Archive
from catalog.errors import StoreFull
from catalog.model import Outcome, Text
from catalog.settings import SourceSettings
from harvest.notify.conditions import conditions
from harvest.summary import SourceSummary, Summary
from tests.fakes.opendatasoft import Portal, names, portal, record
from tests.harvest.city import city, live

WHY, HINT = Text("le disque est plein", "the disk is full"), Text("libérez-en", "free some")


def test_what_was_harvested_came_to_nothing_and_what_had_failed_says_why() -> None:
    done, held = SourceSummary("done", "files"), SourceSummary("held", "files", "held", Text("trop peu", "too few"))
    done.count(Outcome.CREATED, 7)
    summary = Summary(1, "2026-03-01T00:00:00+00:00", sources=[done, held])
    summary.broke_off([SourceSettings(id=name, kind="files") for name in ("done", "held", "later")], WHY, HINT)
    assert [(s.id, s.status, s.reason.en) for s in summary.sources] == [
        ("done", "failed", "the disk is full"),
        ("held", "held", "too few"),
        ("later", "failed", "the disk is full"),
    ]
    assert summary.sources[0].hint == HINT
    assert not summary.sources[0].outcomes


def test_a_run_that_cannot_publish_is_told_of_and_its_sources_did_not_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreFull("no space is left on the disk.", what="var", hint="Free some space and run again.")

    state = Portal([record(name) for name in names(4)])
    with portal(state) as running:
        place = city(tmp_path, live(running.address, "one") + live(running.address, "two"))
        place.run()
        archive = Archive(place.settings.store.path)
        before = takes.successes(archive)
        state.records[1] = record(names(4)[1], title="changé")
        monkeypatch.setattr("harvest.pipeline.publish", full)
        with pytest.raises(StoreFull):
            place.run()
        found = takes.latest(archive, place.settings.sources)
        assert {name: (take.run, take.status) for name, take in found.items()} == {
            "one": (2, "failed"),
            "two": (2, "failed"),
        }
        assert found["one"].found["reason"] == "var: no space is left on the disk."
        assert takes.successes(archive) == before
        told = [message.key for message in conditions(place.settings, datetime.now(UTC), {}).messages]
        assert told == ["failed one", "failed two"]
        monkeypatch.undo()
        assert place.run().release == 2
        assert takes.successes(archive).keys() == {"one", "two"}
        assert conditions(place.settings, datetime.now(UTC), {}).messages == []
