"""What the service tells of itself: metrics, logs, traces, each from a service that runs."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from api.watch import door_of
from catalog import schedule
from catalog.schedule import Turn
from catalog.settings import load
from harvest.options import Options
from harvest.pipeline import run
from harvest.progress import Progress
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.fakes.server import Answer, serving

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metrics")
    settings = settings_in(folder)
    settings = replace(settings, log=replace(settings.log, format="json", access=True))
    City(settings).publish(TITLES)
    with Server(settings, folder, more='\n[log]\nformat = "json"\naccess = true\n') as running:
        yield running


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service whose sources were harvested with success, held, failed, and never; then one of them again and again.

    One has a schedule, whose last turn has failed.
    """
    folder = tmp_path_factory.mktemp("harvested")
    sample = sorted(Path(str(files("harvest").joinpath("sample", "datasets"))).glob("*.json"))
    tables = ""
    for number, name in enumerate(("good", "held", "failed", "never")):
        (folder / name).mkdir()
        for record in sample[8 * number : 8 * number + 8]:
            shutil.copy(record, folder / name)
        where = f'path = "{folder / name}"\nurl = "https://{name}.example.org"'
        tables += f'\n[[source]]\nid = "{name}"\nkind = "files"\n{where}\n'
    weekly = 'schedule = "0 3 * * 1"\n'
    settings = settings_in(folder)
    with Server(settings, folder, "--no-schedule", more=tables + weekly) as running:
        city = load(folder / "garonne.toml")

        def harvest(*names: str) -> None:
            run(city, Options(names, validate=False), Progress(quiet=True, stream=io.StringIO()))

        harvest("good", "held", "failed")
        for record in sorted((folder / "held").glob("*.json"))[:6]:
            record.unlink()
        shutil.rmtree(folder / "failed")
        time.sleep(1)  # moments are whole seconds
        harvest("held")
        harvest("failed")
        time.sleep(1)
        for _ in range(12):
            harvest("good")
        turn = Turn("never", ending="failed", failures=3, due="2026-11-30T02:00:00+00:00")
        schedule.write(settings.store.path, {"never": turn})
        with schedule.attending(settings.store.path):
            pass
        yield running


def test_each_source_is_told_however_many_runs_took_others_since(harvested: Server) -> None:
    found = metrics(harvested)
    states = {labels: value for (name, labels), value in found.items() if name == "garonne_source"}
    assert states == {("good", "harvested"): 1, ("held", "held"): 1, ("failed", "failed"): 1}
    assert [found["garonne_source_records", (how, "good")] for how in ("unchanged", "set aside")] == [7, 1]
    assert found["garonne_source_records", ("created", "good")] == 0
    assert found["garonne_source_records", ("held", "held")] == 8
    assert found["garonne_source_records", ("held", "failed")] == 7
    last = {name: found["garonne_source_timestamp_seconds", (name,)] for name in ("good", "held", "failed")}
    good = {
        name: found["garonne_source_success_timestamp_seconds", (name,)] for name in ("good", "held", "failed", "never")
    }
    assert good["held"] == good["failed"] < last["held"] <= last["failed"] < last["good"] == good["good"]
    assert good["never"] == 0
    assert found["garonne_source_patience_seconds", ("good",)] == 48 * 3600
    assert found["garonne_source_patience_seconds", ("never",)] == 1.5 * (7 * 24 + 1) * 3600, (
        "a week with the end of summer time"
    )
    assert found["garonne_source_failures", ("never",)] == 3
    assert time.time() - found["garonne_scheduler_look_timestamp_seconds", ()] < 60, "of the one that attended last"
    due = datetime(2026, 11, 30, 2, tzinfo=UTC).timestamp()
    assert found["garonne_source_due_timestamp_seconds", ("never",)] == due


def test_status_tells_each_source_however_many_runs_took_others_since(harvested: Server) -> None:
    text = harvested.get("/status?lang=en", "text/html").text
    table = text[text.index('aria-labelledby="sources"') :]
    table = table[: table.index("</table>")]
    rows = {row[0]: row for row in re.findall(r'<tr><td>(\w+)</td><td><a href="[^"]*">(\d+)</a></td><td>(\w+)', table)}
    assert {name: (run, status) for name, run, status in rows.values()} == {
        "good": ("15", "harvested"),
        "held": ("2", "held"),
        "failed": ("3", "failed"),
    }


def metrics(server: Server) -> dict[tuple[str, tuple[str, ...]], float]:
    answer = server.get("/metrics")
    assert answer.type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def logged(server: Server) -> list[dict[str, object]]:
    server.log.seek(0)
    return [json.loads(line) for line in server.log.read().decode().splitlines() if line.startswith("{")]


def test_requests_and_queries_are_counted(server: Server) -> None:
    before = metrics(server)
    server.get("/catalog.ttl")
    server.get("/dataset/nobody")
    server.sparql(f"SELECT * WHERE {{ ?s ?p {time.time_ns()} }}")
    after = metrics(server)

    def more(*name: str) -> float:
        key = (name[0], name[1:])
        return after.get(key, 0) - before.get(key, 0)

    assert more("garonne_requests_total", "feed", "200") == 1
    assert more("garonne_requests_total", "page", "404") == 1
    assert more("garonne_request_seconds_count", "sparql") == 1
    assert more("garonne_queries_total", "answered") >= 1
    assert more("garonne_query_seconds_count", "answered") >= 1
    assert more("garonne_answer_cache_total", "misses") == 1


def test_the_catalogue_is_told(server: Server) -> None:
    found = metrics(server)
    assert found["garonne_store_readable", ()] == 1
    assert found["garonne_release", ()] == 1
    assert found["garonne_release_datasets", ()] == len(TITLES)
    assert found["garonne_release_timestamp_seconds", ()] > 1_700_000_000
    assert 0 < found["garonne_disk_free_bytes", ()] <= found["garonne_disk_bytes", ()]
    assert ("garonne_findings", ("violation",)) in found


def test_metrics_are_for_this_machine_unless_the_operator_says_otherwise(server: Server) -> None:
    passed_on = server.get("/metrics", **{"X-Forwarded-For": "192.0.2.7"})
    assert passed_on.status == 404
    assert "garonne_" not in passed_on.text


def test_examples_name_metrics_that_there_are(harvested: Server) -> None:
    told = harvested.get("/metrics").text
    there = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
    there |= {f"{name}_{end}" for name in there for end in ("total", "bucket", "count", "sum")}
    for name in ("garonne-alerts.yml", "garonne-dashboard.json"):
        wanted = set(re.findall(r"\bgaronne_\w+", (EXAMPLES / name).read_text(encoding="utf-8")))
        assert wanted
        assert wanted <= there, name
    json.loads((EXAMPLES / "garonne-dashboard.json").read_text(encoding="utf-8"))


def test_each_metric_is_documented_and_there(harvested: Server) -> None:
    harvested.sparql("ASK {}")
    told = {
        family.name + ("_total" if family.type == "counter" else ""): set(family.samples[0].labels) - {"le"}
        for family in text_string_to_metric_families(harvested.get("/metrics").text)
        if family.name.startswith("garonne_") and family.samples
    }
    page = (EXAMPLES.parent / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(garonne_\w+)` \|(.*?)\|", page, re.MULTILINE)
    assert {name: set(re.findall(r"\w+", labels)) for name, labels in rows} == told


def test_every_answer_has_an_identifier_that_its_log_line_bears(server: Server) -> None:
    answers = [server.get("/catalog.ttl"), server.get("/nowhere"), server.sparql("nonsense")]
    names = [a.headers["x-request-id"] for a in answers]
    assert len(set(names)) == 3
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = {str(line.get("id")): line for line in logged(server) if line["logger"] == "garonne.access"}
        if set(names) <= lines.keys():
            break
        time.sleep(0.1)
    found = [lines[name] for name in names]
    assert [(line["path"], line["status"]) for line in found] == [
        ("/catalog.ttl", 200),
        ("/nowhere", 404),
        ("/sparql", 400),
    ]
    assert all(isinstance(line["ms"], float) and line["client"] == "127.0.0.1" for line in found)


def test_a_line_break_in_an_address_makes_no_second_line(server: Server) -> None:
    server.get("/dataset/a%0AWARNING%20forged")
    assert not any(line.get("message") == "WARNING forged" for line in logged(server))


@pytest.mark.parametrize(
    ("path", "door"),
    [("/", "page"), ("/sparql", "sparql"), ("/catalog.ttl", "feed"), ("/catalog/x.ttl", "feed"), ("/agent/x", "thing")],
)
def test_doors_are_a_handful_of_names(path: str, door: str) -> None:
    assert door_of(path) == door
    assert door_of("/" + "x" * 1000) == "thing"


def test_traces_go_to_the_collector_that_the_operator_names(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with serving(lambda _: Answer(), lambda _path, _body: Answer()) as collector:
        with Server(settings, tmp_path, more=f'\n[log]\ntraces = "{collector.address}"\n') as server:
            server.get("/catalog.ttl")
            server.sparql("ASK {}")
        spans = [
            (span.name, {a.key: a.value.int_value or a.value.string_value for a in span.attributes})
            for asked in collector.asked
            for resource in ExportTraceServiceRequest.FromString(asked.body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
    assert {asked.path for asked in collector.asked} == {"/v1/traces"}
    told = dict(spans)
    assert told["GET feed"]["http.response.status_code"] == 200
    assert any(name.endswith(" sparql") for name in told)
