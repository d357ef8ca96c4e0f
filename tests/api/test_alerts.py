"""The example alert rules, judged by Prometheus' own tool: each fires when its day comes, and none on a quiet one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.docs import FOLDER

RULES = FOLDER / "examples" / "garonne-alerts.yml"
PROMTOOL = shutil.which("promtool")
BY_SOURCE = {"source": "city"}
OCCASIONS: Mapping[str, tuple[str, Mapping[str, str], str, Mapping[str, str]]] = {
    "GaronneDown": ('up{job="garonne"}', {"bad": "0x400", "good": "1x4000"}, "10m", {"job": "garonne"}),
    "GaronneStoreUnreadable": ("garonne_store_readable", {"bad": "0x400", "good": "1x4000"}, "10m", {}),
    "GaronneReleaseDamaged": ("garonne_release_damaged", {"bad": "1x400", "good": "0x4000"}, "10m", {}),
    "GaronneSourceStale": (
        'garonne_source_success_timestamp_seconds{source="city"}',
        {"bad": "0x4000", "good": "0+60x4000"},
        "37h",
        BY_SOURCE,
    ),
    "GaronneSchedulerSilent": (
        "garonne_scheduler_look_timestamp_seconds",
        {"bad": "0x400", "good": "0+60x4000"},
        "1h",
        {},
    ),
    "GaronneSourceFailed": (
        'garonne_source_failures{source="city"}',
        {"bad": "3x800", "good": "2x4000"},
        "7h",
        BY_SOURCE,
    ),
    "GaronneSourceHeld": (
        'garonne_source{source="city",status="held"}',
        {"bad": "1x400", "good": "0x4000"},
        "2h",
        {**BY_SOURCE, "status": "held"},
    ),
    "GaronneQueriesFail": (
        'garonne_queries_total{outcome="time"}',
        {"bad": "0+60x400", "good": "0+6x4000"},
        "1h",
        {},
    ),
    "GaronneBusy": (
        'garonne_lane_waiting{lane="short"}',
        {"bad": "65x400", "good": "64x4000"},
        "1h",
        {"lane": "short"},
    ),
    "GaronneDiskFull": ("garonne_disk_free_bytes", {"bad": "9x400", "good": "11x4000"}, "1h", {}),
    "GaronneSlow": (
        'garonne_request_seconds_bucket{door="feed",le="5"}',
        {"bad": "0+1x400", "good": "0+60x4000"},
        "1h",
        {"door": "feed"},
    ),
}
"""A series of each alert, its values on a bad and on a good day, when it is looked at, and the labels it bears."""
BESIDE = (
    ("garonne_disk_bytes", "100x4000"),
    ('garonne_source_patience_seconds{source="city"}', f"{36 * 3600 - 7200}x4000"),
    ('garonne_request_seconds_bucket{door="feed",le="10"}', "0+60x4000"),
    ('garonne_request_seconds_bucket{door="feed",le="+Inf"}', "0+60x4000"),
)
"""What is measured on any day: sixty requests a minute, of which a good day answers all within five seconds."""


def alerts() -> dict[str, dict[str, str]]:
    """The alerts of the example with severity, summary and description."""
    found = re.findall(
        r'- alert: (\w+)\n.*?labels: { severity: (\w+) }.*?summary: "(.*?)"\n\s+description: "(.*?)"\n',
        RULES.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return {name: dict(zip(("severity", "summary", "description"), told, strict=True)) for name, *told in found}


def judged(folder: Path, tests: list[dict[str, Any]]) -> None:
    if PROMTOOL is None:
        pytest.skip("promtool is not installed")
    file = folder / "tests.yml"  # JSON is YAML
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run([PROMTOOL, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def series(day: str) -> list[dict[str, str]]:
    own = [(name, values[day]) for name, values, _, _ in OCCASIONS.values()]
    return [{"series": name, "values": values} for name, values in (*own, *BESIDE)]


def test_every_alert_is_tried() -> None:
    assert alerts().keys() == OCCASIONS.keys()
    assert RULES.read_text(encoding="utf-8").count("- alert:") == len(OCCASIONS)


def test_the_rules_are_rules() -> None:
    if PROMTOOL is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run([PROMTOOL, "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{len(OCCASIONS)} rules found" in done.stdout


def test_each_fires_when_its_day_comes(tmp_path: Path) -> None:
    wanted = []
    for name, told in alerts().items():
        _, _, at, labels = OCCASIONS[name]
        texts = {k: re.sub(r"{{ \$labels\.(\w+) }}", lambda m, of=labels: of[m[1]], told[k]) for k in told}  # type: ignore[misc]
        expected = {
            "exp_labels": {"severity": told["severity"], **labels},
            "exp_annotations": {k: texts[k] for k in ("summary", "description")},
        }
        wanted.append({"eval_time": at, "alertname": name, "exp_alerts": [expected]})
    judged(tmp_path, [{"interval": "1m", "input_series": series("bad"), "alert_rule_test": wanted}])


def test_none_fires_on_a_quiet_day(tmp_path: Path) -> None:
    wanted = [{"eval_time": at, "alertname": name, "exp_alerts": []} for name, (_, _, at, _) in OCCASIONS.items()]
    judged(tmp_path, [{"interval": "1m", "input_series": series("good"), "alert_rule_test": wanted}])


DAY = 24 * 60
DAYS = 3 * DAY
"""In minutes."""


def test_each_source_is_judged_by_itself(tmp_path: Path) -> None:
    """One that is harvested every night hides none that is dead, held, or never harvested; a weekly one may wait."""
    nightly = "".join(f" {n * 86400}x{DAY - 1}" for n in range(3)).strip()
    series = {
        'garonne_source_success_timestamp_seconds{source="alive"}': nightly,
        'garonne_source_success_timestamp_seconds{source="dead"}': f"0x{DAYS}",
        'garonne_source_success_timestamp_seconds{source="never"}': f"0x{DAYS}",
        'garonne_source_success_timestamp_seconds{source="weekly"}': f"0x{DAYS}",
        **{
            f'garonne_source_patience_seconds{{source="{s}"}}': f"{48 * 3600}x{DAYS}"
            for s in ("alive", "dead", "never")
        },
        'garonne_source_patience_seconds{source="weekly"}': f"{252 * 3600}x{DAYS}",
        'garonne_source{source="alive",status="harvested"}': f"1x{DAYS}",
        'garonne_source{source="dead",status="failed"}': f"1x{DAYS}",
        'garonne_source{source="kept",status="held"}': f"1x{DAYS}",
        'garonne_source_failures{source="alive"}': f"0x{DAYS}",
        'garonne_source_failures{source="dead"}': f"9x{DAYS}",
    }
    told = alerts()

    def alert(name: str, **labels: str) -> dict[str, Any]:
        texts = {k: re.sub(r"{{ \$labels\.(\w+) }}", lambda m: labels[m[1]], told[name][k]) for k in told[name]}
        return {
            "exp_labels": {"severity": texts["severity"], **labels},
            "exp_annotations": {k: texts[k] for k in ("summary", "description")},
        }

    stale = [alert("GaronneSourceStale", source=source) for source in ("dead", "never")]
    wanted = [
        {"eval_time": "47h", "alertname": "GaronneSourceStale", "exp_alerts": []},
        {"eval_time": "50h", "alertname": "GaronneSourceStale", "exp_alerts": stale},
        {
            "eval_time": "50h",
            "alertname": "GaronneSourceHeld",
            "exp_alerts": [alert("GaronneSourceHeld", source="kept", status="held")],
        },
        {
            "eval_time": "50h",
            "alertname": "GaronneSourceFailed",
            "exp_alerts": [
                alert("GaronneSourceFailed", source="dead"),
                alert("GaronneSourceFailed", source="dead", status="failed"),
            ],
        },
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    judged(tmp_path, [{"interval": "1m", "input_series": inputs, "alert_rule_test": wanted}])
