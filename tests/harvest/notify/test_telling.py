"""What is told, whom, and how often; and that nothing of it troubles a harvest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog import schedule, schema
from catalog.commands import root
from catalog.errors import SettingsInvalid
from catalog.schedule import Turn
from catalog.settings import load
from harvest.notify import ways
from harvest.notify.notes import FILE, Notes
from harvest.notify.telling import Teller, tell, trial
from tests.disks import full, own_disk, read_only
from tests.fakes.rdf import PREFIXES, dataset
from tests.fakes.server import Answer, Running, serving
from tests.fakes.smtp import Mailbox, mailbox
from tests.harvest.city import City, city

DAY = timedelta(days=1)
VILLE = '[[agent]]\nname = "Ville"\nemail = "donnees@ville.example"\n'


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    monkeypatch.setattr(ways, "PAUSE", 0.01)
    with mailbox() as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Running]:
    with serving(lambda _path: Answer(), lambda _path, _body: Answer()) as running:
        yield running


def notify(box: Mailbox, more: str = "") -> str:
    return (
        f'[notify]\nmail_host = "127.0.0.1"\nmail_port = {box.port}\nmail_security = "none"\n'
        f'mail_from = "garonne@ville.example"\nmail_to = ["ops@ville.example"]\n{more}\n'
    )


def write(folder: Path, names: str, more: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "feed.ttl").write_text(PREFIXES + "".join(dataset(n, more) for n in names), encoding="utf-8")


def town(folder: Path, more: str, *, agents: str = "") -> City:
    source = f'[[source]]\nid = "feed"\nkind = "dcat"\npath = "{folder}/feed.ttl"\n'
    return city(folder, source + agents, more=more)


def subjects(box: Mailbox) -> list[str]:
    found = [str(mail["Subject"]) for mail in box.mails]
    box.mails.clear()
    return found


def now() -> datetime:
    return datetime.now(UTC)


def test_nobody_is_told_unless_the_settings_say_so(tmp_path: Path) -> None:
    a_town = town(tmp_path, "")
    a_town.run()
    assert tell(a_town.settings) == []
    assert not (tmp_path / "var" / FILE).exists()


def test_a_failure_is_told_once_then_weekly_and_again_when_it_comes_back(tmp_path: Path, box: Mailbox) -> None:
    a_town = town(tmp_path, notify(box, 'on = ["failed"]'))
    a_town.run()  # there is no such file
    start = now()
    tell(a_town.settings, start)
    assert subjects(box) == ["[Garonne] feed\u00a0: moissonnage en échec"]
    a_town.run()
    for days in (1, 3, 6):
        assert tell(a_town.settings, start + days * DAY) == []
    write(tmp_path, "ab")
    tell(a_town.settings, start + 8 * DAY)
    assert subjects(box) == ["[Garonne] feed\u00a0: moissonnage en échec"], "a reminder, after a week"
    a_town.run()
    assert tell(a_town.settings) == []
    (tmp_path / "feed.ttl").unlink()
    a_town.run()
    assert len(tell(a_town.settings)) == 1


def test_held_says_why_and_what_to_do_to_mail_and_webhook(tmp_path: Path, box: Mailbox, hook: Running) -> None:
    write(tmp_path, "abcdefghijklmnopqrst")
    a_town = town(tmp_path, notify(box, f'webhook = "{hook.address}/hook"'))
    a_town.run()
    assert tell(a_town.settings) == []
    write(tmp_path, "ab")
    a_town.run()
    assert {one.way: one.error for one in tell(a_town.settings)} == {"mail": "", "webhook": ""}
    text = box.mails[0].get_content()
    assert "18 des 20 jeux de données publiés ne sont plus listés" in text
    assert "garonne sources accept" in text
    assert "https://data.example.org/status" in text
    told = json.loads(hook.asked[0].body)
    assert (told["event"], told["source"]) == ("held", "feed")
    assert told["reason"]["en"]
    assert tell(a_town.settings) == []


def test_each_way_is_tried_again_by_itself(tmp_path: Path, box: Mailbox) -> None:
    states = [Answer(status=404), Answer(status=404), Answer()]
    with serving(lambda _path: Answer(), lambda _path, _body: states.pop(0)) as server:
        a_town = town(tmp_path, notify(box, f'webhook = "{server.address}"'))
        a_town.run()
        assert [bool(one.error) for one in tell(a_town.settings)] == [False, True]
        assert [(one.way, bool(one.error)) for one in tell(a_town.settings)] == [("webhook", True)]
        assert [(one.way, one.error) for one in tell(a_town.settings)] == [("webhook", "")]
        assert tell(a_town.settings) == []


def test_a_source_that_is_not_harvested_any_more(tmp_path: Path, box: Mailbox) -> None:
    write(tmp_path, "ab")
    a_town = town(tmp_path, notify(box, "stale = 30"))
    assert tell(a_town.settings) == [], "nothing was ever harvested"
    a_town.run()
    assert tell(a_town.settings, now() + timedelta(hours=29)) == []
    tell(a_town.settings, now() + timedelta(hours=31))
    assert subjects(box) == ["[Garonne] feed\u00a0: source plus moissonnée"]


def test_a_turn_that_was_stopped_is_told_though_no_run_says_so(tmp_path: Path, box: Mailbox) -> None:
    write(tmp_path, "ab")
    a_town = town(tmp_path, notify(box))
    a_town.run()
    at = (now() + timedelta(minutes=1)).isoformat("T", "seconds")
    turn = Turn(
        "feed", begun=at, ended=at, ending="failed", reason_fr="arrêté\nBcc: x@example.org", reason_en="stopped"
    )
    schedule.write(a_town.settings.store.path, {"feed": turn})
    tell(a_town.settings)
    assert "arrêté Bcc: x@example.org" in box.mails[0].get_content()
    assert box.mails[0]["Bcc"] is None


def licensed(name: str, more: str = "") -> str:
    publisher = 'dct:publisher [ a foaf:Agent ; foaf:name "Ville"@fr ]'
    return dataset(name, f"; {publisher} {more}")


def test_publishers_are_written_to_once_a_day_of_what_is_new(tmp_path: Path, box: Mailbox) -> None:
    def change(*names: str) -> None:
        (tmp_path / "feed.ttl").write_text(PREFIXES + "".join(licensed(n) for n in names), encoding="utf-8")

    a_town = town(tmp_path, notify(box, "publishers = true\nstale = 0"), agents=VILLE)
    change("a")
    a_town.run(validate=True)
    start = now()
    assert tell(a_town.settings, start) == [], "what stood when it began is no news"
    change("a", "b", "c")
    a_town.run(validate=True)
    (told,) = tell(a_town.settings, start + timedelta(hours=1))
    assert told.message.to == ("donnees@ville.example",)
    (mail,) = box.mails
    assert box.to[-1] == ["donnees@ville.example"]
    assert "2 jeux de données à revoir" in mail["Subject"]
    text = mail.get_content()
    assert "Que faire\u00a0:" in text
    assert "https://data.example.org/quality?publisher=" in text
    assert "Jeu b" in text
    assert "Jeu a" not in text
    change("a", "b", "c", "d")
    a_town.run(validate=True)
    assert tell(a_town.settings, start + timedelta(hours=20)) == [], "at most one a day"
    (later,) = tell(a_town.settings, start + timedelta(hours=26))
    assert "Jeu d" in later.message.body
    assert "Jeu b" not in later.message.body
    assert tell(a_town.settings, start + timedelta(days=3)) == []


def test_a_digest_that_did_not_get_through_is_sent_the_next_time(tmp_path: Path, box: Mailbox) -> None:
    a_town = town(tmp_path, notify(box, "publishers = true\nstale = 0"), agents=VILLE)
    start = now()
    for names in ("a", "ab"):
        (tmp_path / "feed.ttl").write_text(PREFIXES + "".join(licensed(n) for n in names), encoding="utf-8")
        a_town.run(validate=True)
        box.refusing = ["554 never"] if names == "ab" else []
        told = tell(a_town.settings, start)
    assert [bool(one.error) for one in told] == [True]
    assert [bool(one.error) for one in tell(a_town.settings, start + timedelta(hours=1))] == [False]
    assert "Jeu b" in box.mails[0].get_content()
    assert tell(a_town.settings, start + 2 * DAY) == []


def test_publishers_are_left_alone_by_default(tmp_path: Path, box: Mailbox) -> None:
    (tmp_path / "feed.ttl").write_text(PREFIXES + licensed("a"), encoding="utf-8")
    a_town = town(tmp_path, notify(box), agents=VILLE)
    a_town.run(validate=True)
    tell(a_town.settings)
    assert Notes.read(a_town.settings.store.path).publishers == {}


def test_notes_that_cannot_be_read_are_begun_anew(tmp_path: Path, box: Mailbox) -> None:
    a_town = town(tmp_path, notify(box))
    a_town.run()
    tell(a_town.settings)
    assert tell(a_town.settings) == []
    (tmp_path / "var" / FILE).write_text('{"told": 3}')
    assert len(tell(a_town.settings)) == 1


@pytest.fixture
def on_a_disk(tmp_path: Path, box: Mailbox) -> Iterator[tuple[City, Path]]:
    """A town whose only source fails, and the disk that its store is on."""
    with own_disk(tmp_path / "disk") as disk:
        a_town = town(tmp_path / "town", notify(box, f'stale = 0\n[store]\npath = "{disk}/var"'))
        a_town.run()
        yield a_town, disk


DISK, FAILED = "[Garonne] le disque ne prend plus rien", "[Garonne] feed\u00a0: moissonnage en échec"


def test_a_full_disk_is_told_once_then_weekly_by_whatever_process(on_a_disk: tuple[City, Path], box: Mailbox) -> None:
    a_town, disk = on_a_disk
    start = now()
    tell(a_town.settings, start)
    assert subjects(box) == [FAILED]
    with full(disk):
        for hours in range(4):
            tell(a_town.settings, start + timedelta(hours=hours))
        (mail,) = box.mails
        assert "Place libre\u00a0: 0.00 Go sur 0.07." in mail.get_content()
        assert subjects(box) == [DISK]
        tell(a_town.settings, start + 8 * DAY)
        assert subjects(box) == [DISK, FAILED]
    assert tell(a_town.settings, start + 8 * DAY) == []
    with full(disk):
        assert len(tell(a_town.settings, start + 9 * DAY)) == 1, "it has come again"


def test_what_cannot_be_remembered_is_not_sent(
    on_a_disk: tuple[City, Path], box: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    a_town, disk = on_a_disk
    with read_only(disk):
        for _ in range(2):
            assert all("would be sent again and again" in one.error for one in tell(a_town.settings))
        assert root.run(["--config", str(a_town.config), "harvest", "notify"]) == 3
        assert "notify.json cannot be written" in capsys.readouterr().err
    assert subjects(box) == []
    tell(a_town.settings)
    assert subjects(box) == [FAILED]


def test_a_process_that_lives_on_remembers_what_no_disk_takes(on_a_disk: tuple[City, Path], box: Mailbox) -> None:
    a_town, disk = on_a_disk
    start, teller = now(), Teller(a_town.settings, lasting=True)
    with read_only(disk):
        for hours in range(4):
            teller.tell(start + timedelta(hours=hours))
        assert subjects(box) == [DISK, FAILED]
        teller.tell(start + 8 * DAY)
        assert subjects(box) == [DISK, FAILED]
    assert teller.tell(start + 8 * DAY) == []
    assert tell(a_town.settings, start + 8 * DAY) == [], "another process knows now"


def test_it_is_noted_before_it_is_sent(tmp_path: Path, box: Mailbox) -> None:
    noted: list[dict[str, str]] = []

    def taken(_path: str, _body: bytes) -> Answer:
        noted.append(Notes.read(tmp_path / "var").told)
        return Answer()

    with serving(lambda _path: Answer(), taken) as server:
        a_town = town(tmp_path, notify(box, f'webhook = "{server.address}"'))
        a_town.run()
        start = now()
        tell(a_town.settings, start)
    (during,) = noted
    unsure = Notes(told=during)
    week = timedelta(days=7)
    assert not unsure.due("webhook failed feed", start + timedelta(hours=23), week), "who was stopped then waits"
    assert unsure.due("webhook failed feed", start + DAY, week), "and repeats it"
    assert Notes.read(tmp_path / "var").told["webhook failed feed"] == start.isoformat()


def test_a_damaged_bookkeeping_is_told_with_what_is_known(tmp_path: Path, box: Mailbox) -> None:
    write(tmp_path, "ab")
    a_town = town(tmp_path, notify(box))
    a_town.run()
    (tmp_path / "feed.ttl").unlink()
    a_town.run()
    start = now()
    tell(a_town.settings, start)
    assert subjects(box) == [FAILED]
    file = tmp_path / "var" / schema.FILE
    good = file.read_bytes()
    at = start.isoformat("T", "seconds")
    turn = Turn("feed", begun=at, ended=at, ending="failed", reason_fr="rien ne va", reason_en="nothing works")
    schedule.write(tmp_path / "var", {"feed": turn})
    file.write_bytes(b"no database" * 1000)
    for hours in range(3):
        tell(a_town.settings, start + timedelta(hours=hours))
    text = box.mails[0].get_content()
    for words in (
        "L’édition 1 reste publiée",
        f"feed\u00a0: dernier tour à {at}, failed. rien ne va",
        "garonne restore",
    ):
        assert words in text
    assert subjects(box) == ["[Garonne] les registres ne se lisent plus"]
    tell(a_town.settings, start + 8 * DAY)
    assert subjects(box) == ["[Garonne] les registres ne se lisent plus"]
    file.write_bytes(good)
    assert tell(a_town.settings, start + DAY) == [], "what was told of the source before is not told again"


def test_a_run_that_finds_the_store_damaged_tells_so_once(tmp_path: Path, box: Mailbox, hook: Running) -> None:
    write(tmp_path, "ab")
    a_town = town(tmp_path, notify(box, f'webhook = "{hook.address}"'))
    a_town.run()
    (tmp_path / "var" / schema.FILE).write_bytes(b"no database" * 1000)
    command = ["--config", str(a_town.config), "harvest", "run", "--notify", "--no-validate", "--quiet"]
    assert [root.run(command) for _ in range(2)] == [3, 3]
    assert subjects(box) == ["[Garonne] les registres ne se lisent plus"]
    told = json.loads(hook.asked[0].body)
    assert (told["event"], told["kind"], len(hook.asked)) == ("store", "bookkeeping", 1)


def test_who_asks_for_failures_alone_is_told_of_no_store(tmp_path: Path, box: Mailbox) -> None:
    a_town = town(tmp_path, notify(box, 'on = ["failed"]'))
    a_town.run()
    (tmp_path / "var" / schema.FILE).write_bytes(b"no database" * 1000)
    assert tell(a_town.settings) == []


def test_a_trial_goes_every_way(tmp_path: Path, box: Mailbox, hook: Running) -> None:
    a_town = town(tmp_path, notify(box, f'webhook = "{hook.address}"'))
    assert [(one.way, one.error) for one in trial(a_town.settings)] == [("mail", ""), ("webhook", "")]
    assert json.loads(hook.asked[0].body)["event"] == "test"


def test_the_commands(tmp_path: Path, box: Mailbox) -> None:
    write(tmp_path, "ab")
    command = ["--config", str(town(tmp_path, notify(box)).config), "harvest"]
    run = [*command, "run", "--notify", "--no-validate", "--quiet"]
    assert root.run(run) == 0
    assert subjects(box) == []
    (tmp_path / "feed.ttl").unlink()
    assert root.run(run) == 3
    assert len(subjects(box)) == 1
    assert root.run([*command, "notify"]) == 0
    assert subjects(box) == []
    assert root.run([*command, "notify", "--test"]) == 0
    assert subjects(box) == ["[Garonne] message d’essai"]
    box.refusing = ["554 never"]
    assert root.run([*command, "notify", "--test"]) == 3


def test_mail_that_does_not_get_through_changes_no_harvest(tmp_path: Path, box: Mailbox) -> None:
    box.refusing = ["554 never"] * 9
    a_town = town(tmp_path, notify(box))
    run = ["--config", str(a_town.config), "harvest", "run", "--notify", "--no-validate", "--quiet"]
    assert root.run(run) == 3, "for the source, which failed"
    assert len(box.refusing) == 8
    write(tmp_path, "ab")
    assert root.run(run) == 0
    assert a_town.current().number == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('mail_password = "x"', "mail_password must not stand in the settings file"),
        ('webhook_secret = "x"', "webhook_secret must not stand"),
        ('on = ["hold"]', "`hold` is not offered"),
        ('mail_to = ["a@b\\nBcc: c@d"]', "is no mail address"),
        ('mail_host = "mail"', "mail_from: '' is no mail address"),
        ('mail_security = "ssl"', "`ssl` is not offered"),
        ("publishers = true", "needs mail_host"),
        ('webhook = "ftp://a/"', "must be an http"),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, given: str, said: str) -> None:
    file = tmp_path / "garonne.toml"
    file.write_text(f"[notify]\n{given}\n")
    with pytest.raises(SettingsInvalid, match=said):
        load(file, env={})


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "garonne.toml"
    file.write_text("[notify]\n")
    assert load(file, env={"GARONNE_NOTIFY_MAIL_PASSWORD": "x"}).notify.mail_password == "x"


def test_asking_to_tell_where_nobody_is_named_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root.run(["--config", str(town(tmp_path, "").config), "harvest", "run", "--notify"]) == 2
    assert "[notify] names nobody to tell" in capsys.readouterr().err
