"""The scheduler, as its own process: turns when they are due, one at a time, made up for, tried again, stopped."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import IO

import pytest

from catalog import lock, schedule, schema
from catalog.errors import SettingsInvalid, StoreLocked
from catalog.schedule import Turn
from harvest.scheduler import Scheduler
from tests.disks import full, own_disk, read_only
from tests.fakes.server import Answer, serving
from tests.fakes.smtp import Mailbox, mailbox
from tests.harvest.city import City, city, live, saved

SOON = "[schedule]\njitter = 0\nretry = 1\n"
FAILED = "[Garonne] saved\u00a0: moissonnage en échec"
NIGHTLY = 'schedule = "0 3 * * *"\n'


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Three records of the sample city."""
    folder = tmp_path / "records"
    folder.mkdir()
    for record in sorted(Path(str(files("harvest").joinpath("sample", "datasets"))).glob("*.json"))[:3]:
        shutil.copy(record, folder)
    return folder


@pytest.fixture
def silent() -> Iterator[str]:
    """A portal that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def planned(place: City, *, source: str = "saved", now: datetime | None = None) -> Turn:
    return Scheduler(place.settings).planned(now or datetime.now(UTC))[source]


def told_by(box: Mailbox) -> str:
    """Settings by which the operator is written to."""
    return (
        f'[notify]\nmail_host = "127.0.0.1"\nmail_port = {box.port}\nmail_security = "none"\n'
        'mail_from = "garonne@ville.example"\nmail_to = ["ops@ville.example"]\n'
    )


@contextmanager
def attended(place: City, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    with (place.folder / "schedule.log").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "catalog.commands", "--config", str(place.config), "harvest", "schedule", *options],
            stderr=said,
            stdin=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


def noted(place: City, until: Callable[[Turn], bool], source: str = "saved") -> Turn:
    """The note about a source as soon as it is as wanted."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        turn = schedule.read(place.settings.store.path).get(source, Turn(source))
        if until(turn):
            return turn
        time.sleep(0.1)
    pytest.fail(f"{turn}\n{(place.folder / 'schedule.log').read_text()}")


def said(place: City, words: str, *, more: bool = False) -> str:
    """What the scheduler has said, as soon as these words are in it; with `more`, once more than now."""
    log = place.folder / "schedule.log"
    wanted = log.read_text().count(words) + 1 if more else 1
    deadline = time.monotonic() + 60
    while (text := log.read_text()).count(words) < wanted:
        assert time.monotonic() < deadline, text
        time.sleep(0.1)
    return text


def test_a_source_that_was_never_harvested_is_due_at_once_then_when_its_schedule_says(
    tmp_path: Path, sample: Path
) -> None:
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    with attended(place) as process:
        turn = noted(place, lambda t: bool(t.ended))
        assert (turn.ending, turn.failures) == ("harvested", 0)
        assert turn.due_at is not None
        assert turn.due_at > datetime.now(UTC)
        assert place.current().manifest.datasets == 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_what_was_missed_is_made_up_for_and_what_was_not_is_left(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    place.run()
    now = datetime.now(UTC)
    assert planned(place, now=now).due_at > now  # type: ignore[operator]
    later = now + timedelta(days=3)
    assert planned(place, now=later).due == later.isoformat("T", "seconds")


def test_a_dry_run_is_no_harvest(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    place.run(dry_run=True)
    now = datetime.now(UTC)
    assert planned(place, now=now).due == now.isoformat("T", "seconds")


def test_a_failed_turn_is_tried_again_and_succeeds_when_its_cause_is_gone(tmp_path: Path, sample: Path) -> None:
    away = sample.with_name("away")
    sample.rename(away)
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    with attended(place):
        turn = noted(place, lambda t: t.failures > 1)
        assert turn.ending == "failed"
        assert str(sample) in turn.reason_fr
        away.rename(sample)
        assert noted(place, lambda t: t.ending == "harvested").failures == 0


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
@pytest.mark.parametrize("trouble", [read_only, full], ids=lambda t: t.__name__)
def test_a_disk_that_takes_nothing_loses_no_turn(
    tmp_path: Path, sample: Path, trouble: Callable[[Path], AbstractContextManager[None]]
) -> None:
    with own_disk(tmp_path / "disk") as disk, mailbox() as box, ExitStack() as troubled:
        store = f'[store]\npath = "{disk}/var"\n'
        place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=f"{SOON}retry_most = 2\n{store}{told_by(box)}")
        with schedule.attending(place.settings.store.path):
            pass
        troubled.enter_context(trouble(disk))
        with attended(place):
            said(place, "schedule.json cannot be written")
            said(place, "le disque ne prend plus rien» was sent")
            said(place, "saved: failed: garonne: ", more=True)
            troubled.close()
            assert noted(place, lambda t: t.ending == "harvested").failures == 0
            assert said(place, "is written again").count("schedule.json cannot be written") == 1
            assert place.current().manifest.datasets == 3
    told = sorted(str(mail["Subject"]) for mail in box.mails)
    assert told == ["[Garonne] le disque ne prend plus rien", FAILED], "each once, however often it was tried"


def test_a_source_that_no_turn_awaits_is_planned_anew(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path, SOON + saved(sample) + NIGHTLY)
    place.folder.joinpath("var").mkdir()
    scheduler = Scheduler(place.settings)
    scheduler._jobs.start(paused=True)
    try:
        now = datetime.now(UTC)
        for _ in range(2):
            scheduler._look(now)
        job = scheduler._jobs.get_job("saved")
        assert job is not None
        assert job.next_run_time == now.replace(microsecond=0)
        scheduler._jobs.remove_job("saved")
        scheduler._look(now)
        assert scheduler._jobs.get_job("saved") is None, "it may be about to begin"
        scheduler._look(now)
        assert scheduler._jobs.get_job("saved") is not None
    finally:
        scheduler._jobs.shutdown()


def test_a_bookkeeping_that_cannot_be_read_stops_no_schedule(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path, SOON + saved(sample) + NIGHTLY)
    place.run()
    (place.settings.store.path / schema.FILE).write_bytes(b"no database" * 1000)
    now = datetime.now(UTC)
    assert planned(place, now=now).due == now.isoformat("T", "seconds")
    with attended(place):
        turn = noted(place, lambda t: t.failures > 0)
    assert "bookkeeping" in turn.reason_en


@pytest.mark.parametrize("written", ["text", "json"])
def test_what_a_turn_logs_is_among_the_lines_of_the_scheduler(tmp_path: Path, sample: Path, written: str) -> None:
    other = sample.with_name("others")
    shutil.copytree(sample, other)
    tables = saved(sample) + saved(other, "others", url="https://autre.example.org") + NIGHTLY
    place = city(tmp_path / "city", tables, more=f'{SOON}[log]\nformat = "{written}"\n')
    place.run("saved")
    for file in place.current().store.rglob("*.sst"):
        file.write_bytes(b"")
    with attended(place):
        noted(place, lambda t: t.ending == "harvested", "others")
        lines = said(place, "next turn at").splitlines()
    assert not any("datasets seen" in line or "jeux de données vus" in line for line in lines), "progress"
    if written == "json":
        told = [json.loads(line) for line in lines]
        (harvested,) = [one for one in told if one["logger"] == "garonne.harvest"]
        assert (harvested["id"], harvested["message"]) == ("run-2", "others: harvested")
        assert harvested["outcomes"]["created"] == 3
        assert [one["level"] for one in told if "is made again" in one["message"]] == ["warning"]
    else:
        assert "INFO garonne.harvest [run-2]: others: harvested" in lines
        assert any(line.startswith("WARNING ") and "is made again from the bookkeeping" in line for line in lines)


def test_a_scheduled_run_is_traced(tmp_path: Path, sample: Path) -> None:
    told = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason="garonne[traces]")
    with serving(lambda _: Answer(), lambda _path, _body: Answer()) as collector:
        more = f'{SOON}[log]\ntraces = "{collector.address}"\n'
        place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=more)
        with attended(place):
            noted(place, lambda t: t.ending == "harvested")
        spans = {
            span.name: {a.key: a.value.int_value or a.value.string_value for a in span.attributes}
            for asked in collector.asked
            for resource in told.ExportTraceServiceRequest.FromString(asked.body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }
    assert spans["run"] == {"run": 1}
    assert (spans["source"]["source"], spans["source"]["records"]) == ("saved", 3)
    assert {"conformance", "publish"} <= spans.keys()


def test_whom_the_settings_name_is_told_after_a_turn_and_once(tmp_path: Path, sample: Path) -> None:
    sample.rename(sample.with_name("away"))
    with mailbox() as box:
        place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON + told_by(box))
        with attended(place):
            noted(place, lambda t: t.failures > 1 and bool(box.mails))
    assert [str(mail["Subject"]) for mail in box.mails] == [FAILED]


def test_waits_double_up_to_the_most_and_never_beyond_the_next_turn(tmp_path: Path, sample: Path) -> None:
    more = "[schedule]\nretry = 100\nretry_most = 1000\n"
    scheduler = Scheduler(city(tmp_path, saved(sample) + NIGHTLY, more=more).settings)
    noon = datetime(2026, 1, 10, 12, tzinfo=UTC)
    waits = [scheduler.next(Turn("saved", ending="failed", failures=n), noon) - noon for n in (1, 2, 3, 9)]
    assert [w.total_seconds() for w in waits] == [100, 200, 400, 1000]
    almost = datetime(2026, 1, 11, 1, 59, tzinfo=UTC)
    assert scheduler.next(Turn("saved", ending="failed", failures=9), almost) == almost + timedelta(minutes=1)
    assert scheduler.next(Turn("saved", ending="held"), noon) == datetime(2026, 1, 11, 2, tzinfo=UTC)


def test_a_turn_that_does_not_end_is_stopped(tmp_path: Path, silent: str) -> None:
    place = city(tmp_path / "city", live(silent, "saved") + NIGHTLY, more=SOON + "limit = 3\n", timeout=300)
    with attended(place):
        turn = noted(place, lambda t: t.failures > 0)
    assert "arrêté" in turn.reason_fr


def test_two_schedulers_never_attend_to_one_catalogue(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    with schedule.attending(place.settings.store.path), pytest.raises(StoreLocked, match="another scheduler"):
        Scheduler(place.settings).run()


def test_another_writer_is_waited_for_and_is_no_failure(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    with lock.writing(place.settings.store.path), attended(place):
        turn = noted(place, lambda t: bool(t.ended))
    assert (turn.ending, turn.failures) == ("busy", 0)
    assert turn.due_at is not None
    assert turn.due_at <= datetime.now(UTC) + timedelta(seconds=61)


def test_it_ends_with_the_process_that_started_it_and_its_turn_with_it(tmp_path: Path, silent: str) -> None:
    place = city(tmp_path / "city", live(silent, "saved") + NIGHTLY, more=SOON, timeout=300)
    with attended(place, "--with-parent") as process:
        noted(place, lambda _: (place.settings.store.path / lock.FILE).exists())
        stdin: IO[bytes] | None = process.stdin
        assert stdin is not None
        stdin.close()
        assert process.wait(45) == 0
        with lock.writing(place.settings.store.path):
            pass


def test_several_sources_take_turns(tmp_path: Path, sample: Path) -> None:
    other = sample.with_name("others")
    shutil.copytree(sample, other)
    tables = saved(sample) + NIGHTLY + saved(other, "others", url="https://autre.example.org") + NIGHTLY
    place = city(tmp_path / "city", tables, more=SOON)
    with attended(place):
        turns = [noted(place, lambda t: bool(t.ended), name) for name in ("saved", "others")]
    first, second = sorted(turns, key=lambda t: t.begun)
    assert (first.ending, second.ending) == ("harvested", "harvested")
    assert first.ended <= second.begun


def test_show(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path / "city", saved(sample) + NIGHTLY, more=SOON)
    folder = place.settings.store.path
    folder.mkdir()
    schedule.write(folder, {"saved": replace(planned(place), ending="failed", reason_fr="le portail est éteint")})
    command = [sys.executable, "-m", "catalog.commands", "--config", str(place.config), "harvest", "schedule"]
    shown = subprocess.run([*command, "--show", "--lang", "fr"], capture_output=True, text=True, check=True)
    assert "le portail est éteint" in shown.stdout
    told = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)[0]["schedule"] == "0 3 * * *"


def test_a_city_without_schedules_is_told_how_to_have_one(tmp_path: Path, sample: Path) -> None:
    with pytest.raises(SettingsInvalid, match="no source has a schedule"):
        Scheduler(city(tmp_path, saved(sample)).settings)


def test_a_schedule_that_is_none_is_refused(tmp_path: Path, sample: Path) -> None:
    with pytest.raises(SettingsInvalid, match="not as in cron"):
        city(tmp_path, saved(sample) + 'schedule = "every night"\n')


def test_a_clock_that_was_set_back_moves_no_turn_beyond_its_schedule(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path, SOON + saved(sample) + NIGHTLY)
    place.folder.joinpath("var").mkdir()
    now = datetime.now(UTC)
    later = (now + timedelta(days=4000)).isoformat("T", "seconds")
    for ending in ("failed", "harvested", "busy"):
        schedule.write(
            place.folder / "var", {"saved": Turn("saved", begun=later, ending=ending, failures=1, due=later)}
        )
        assert planned(place, now=now).due_at == now.replace(microsecond=0), "when it was harvested is not known"
    recent = (now - timedelta(minutes=1)).isoformat("T", "seconds")
    schedule.write(place.folder / "var", {"saved": Turn("saved", begun=recent, ending="failed", failures=1, due=later)})
    due = planned(place, now=now).due_at
    assert due is not None
    assert due < now + timedelta(days=2)


def test_a_clock_that_is_set_back_while_the_scheduler_runs(tmp_path: Path, sample: Path) -> None:
    place = city(tmp_path, SOON + saved(sample) + NIGHTLY)
    place.folder.joinpath("var").mkdir()
    scheduler = Scheduler(place.settings)
    scheduler._jobs.start(paused=True)
    try:
        now = datetime.now(UTC)
        far = (now + timedelta(days=4000)).isoformat("T", "seconds")
        scheduler._put(Turn("saved", due=far))
        scheduler._look(now)
        job = scheduler._jobs.get_job("saved")
        assert job is not None
        assert job.next_run_time < now + timedelta(days=2)
        assert schedule.read(place.folder / "var")["saved"].due_at == job.next_run_time
    finally:
        scheduler._jobs.shutdown()
