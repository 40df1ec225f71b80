# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts and dashboard: what they ask for exists, in a form that loads, and every alert has its page.

Prometheus' own judges are asked as well where this machine has them: promtool, which tests/setup gets from Debian's
package, and the parser promql_parser.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from vipd.director.events import AdminState
from vipd.metrics.exposition import Kind
from vipd.metrics.families import FAMILIES
from vipd.metrics.scrape import Scrape

from tests.agent.core.conversation import Conversation
from tests.agent.director.stage import Site, servers, service
from tests.agent.metrics.page import CONFIG, status

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ALERTS = DOCS / "monitoring" / "alerts.yml"
FIRED = Path(__file__).parents[1] / "data" / "monitoring" / "alerts_test.yml"
DASHBOARD = json.loads((DOCS / "monitoring" / "dashboard.json").read_text())

LABELS = {
    **{family.name: set(family.labels) for family in FAMILIES},
    **{f"{one.name}_bucket": {*one.labels, "le"} for one in FAMILIES if one.kind is Kind.HISTOGRAM},
    **{
        f"{one.name}_{part}": set(one.labels)
        for one in FAMILIES
        if one.kind is Kind.HISTOGRAM
        for part in ("sum", "count")
    },
}
FROM_PROMETHEUS = {"job", "instance"}
PROMTOOL = shutil.which("promtool", path=os.pathsep.join((os.environ["PATH"], str(ROOT / ".cache" / "promtool"))))
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="this machine has no promtool")
GRAFANA = {"$__range": "1h", "$job": ".*", "$instance": ".*"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str, list[str]]]:
    """(where, expression, the texts that show labels of its result)"""
    for rule in rules():
        yield rule["alert"], rule["expr"], [rule["annotations"]["summary"]]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], [target["legendFormat"]]
    for annotation in DASHBOARD["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"], [annotation["titleFormat"]]


QUERIES = list(queries())
each = pytest.mark.parametrize(("where", "query", "texts"), QUERIES, ids=[where for where, _query, _texts in QUERIES])


def as_grafana_asks(query: str) -> str:
    for variable, value in GRAFANA.items():
        query = query.replace(variable, value)
    return query


def metrics(query: str) -> set[str]:
    return set(re.findall(r"\b(?:vipd|keepalived)_[a-z_]+", query))


def known_labels(query: str) -> set[str]:
    """What the result may have."""
    kept = re.findall(r"\bby \(([^)]*)\)", query)
    if kept:
        return {label for labels in kept for label in labels.replace(" ", "").split(",")}
    return set.union(FROM_PROMETHEUS, *(LABELS[name] for name in metrics(query)))


@each
def test_it_asks_for_metrics_and_labels_that_exist(where: str, query: str, texts: list[str]) -> None:
    assert metrics(query), where
    assert metrics(query) <= LABELS.keys()
    selected = {label for inside in re.findall(r"{([^}]*)}", query) for label in re.findall(r"(\w+) *[=!]~?", inside)}
    grouped = {
        label for one in re.findall(r"\b(?:by|ignoring) \(([^)]*)\)", query) for label in re.split(r"[, ]+", one)
    }
    everywhere = set.union(FROM_PROMETHEUS, *(LABELS[name] for name in metrics(query)))
    assert selected | grouped <= everywhere


@each
def test_the_texts_show_labels_that_the_result_has(where: str, query: str, texts: list[str]) -> None:
    shown = {label for text in texts for label in re.findall(r"{{ *(?:\$labels\.)?(\w+) *}}", text)}
    assert shown <= known_labels(query), where


@each
def test_prometheus_can_parse_it(where: str, query: str, texts: list[str]) -> None:
    pytest.importorskip("promql_parser").parse(as_grafana_asks(query))


def test_the_variables_of_the_dashboard_ask_for_a_metric_that_exists() -> None:
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            assert metrics(variable["definition"]) <= LABELS.keys()
            assert variable["query"]["query"] == variable["definition"]


def test_the_dashboard_uses_only_variables_that_it_has() -> None:
    names = {f"${variable['name']}" for variable in DASHBOARD["templating"]["list"]} | {"$__range"}
    used = {name for _where, query, _texts in QUERIES for name in re.findall(r"\$\w+", query)}
    assert used <= names
    assert {panel["datasource"]["uid"] for panel in panels()} == {"${datasource}"}


def test_the_panels_stand_side_by_side() -> None:
    every = DASHBOARD["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    places = [panel["gridPos"] for panel in every]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, two in combinations(places, 2):
        beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= two["y"] or two["y"] + two["h"] <= one["y"]


def test_the_dashboard_can_be_imported() -> None:
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= DASHBOARD.keys()
    assert "id" not in DASHBOARD  # a number of the Grafana that it came from


def test_alerts_have_what_prometheus_wants_and_no_more() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "0s"))
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


def test_every_alert_has_its_section_and_nothing_else_has() -> None:
    page = (DOCS / "observability.md").read_text()
    sections = re.findall(r"^### (Vip\w+)$", page, re.MULTILINE)
    assert sections == [rule["alert"] for rule in rules()]
    for rule in rules():
        assert rule["annotations"]["runbook_url"].endswith(f"docs/observability.md#{rule['alert'].lower()}")


def test_every_alert_is_made_to_fire_and_not_to() -> None:
    expected = [one for test in yaml.safe_load(FIRED.read_text())["tests"] for one in test["alert_rule_test"]]
    for fires in (True, False):
        assert {one["alertname"] for one in expected if bool(one["exp_alerts"]) is fires} == {
            rule["alert"] for rule in rules()
        }


def promtool(*words: str | Path) -> None:
    done = subprocess.run([str(PROMTOOL), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
@pytest.mark.parametrize("words", [("check", "rules", ALERTS), ("test", "rules", FIRED)], ids=["load", "fire"])
def test_promtool_says_that_the_alerts_load_and_fire(words: tuple[str | Path, ...]) -> None:
    promtool(*words)


@needs_promtool
def test_prometheus_takes_the_scrape_that_the_page_shows(tmp_path: Path) -> None:
    page = (DOCS / "observability.md").read_text()
    (jobs,) = re.findall(r"^```yaml\n# below scrape_configs.*?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": yaml.safe_load(jobs)}))
    promtool("check", "config", tmp_path / "prometheus.yml")


def exposed(instance: str, talk: Conversation) -> list[str]:
    """The series that Prometheus would have of a node which is a director as well."""
    site = Site(service(servers(2)))
    site.want("10.0.0.11", AdminState.DRAIN)
    answers = {"status": status(talk, director=True), "director": site.director.snapshot()}
    page = Scrape(lambda command, _timeout_s: answers[command]).page()
    names = [line.rpartition(" ")[0] for line in page.splitlines() if not line.startswith("#")]
    own = f'job="lb",instance="{instance}"'
    return [f"{name[:-1]},{own}}}" if name.endswith("}") else f"{name}{{{own}}}" for name in names]


def pair() -> list[str]:
    """A master, and a backup that has heard it and others."""
    more = "vrrp_track_process nginx {\nprocess nginx\n}\n"
    master, backup = Conversation(), Conversation()
    for talk, priority in ((master, "150"), (backup, "100")):
        config = CONFIG.replace("config\n", f"config\n{more}").replace("priority 150", f"priority {priority}")
        config = config.replace("track_script", "track_process {\nnginx\n}\ntrack_script")
        for words in ("link eth0 up 10.0.0.5", "link eth1 up 10.1.0.5", config, "script chk succeeds"):
            talk.say(words)
        talk.say("process nginx 2")
    master.say("wait 5")
    for words in ("hear 10.0.0.6 150 vrid=77", "hear 10.0.0.6 150 version=3", "hear 10.0.0.6 150"):
        backup.say(words)
    return [*exposed("lb01", master), *exposed("lb02", backup)]


@needs_promtool
def test_no_query_of_the_dashboard_comes_back_empty(tmp_path: Path) -> None:
    """Of what a real pair shows, each value one more at each scrape."""
    shown = [
        {"expr": f"count({as_grafana_asks(query)}) > bool 0", "eval_time": "8m", "exp_samples": [{"value": 1}]}
        for _where, query, _texts in QUERIES[len(rules()) :]
    ]
    series = [{"series": name, "values": "1+1x40"} for name in pair()]
    asked = {"tests": [{"interval": "15s", "input_series": series, "promql_expr_test": shown}]}
    (tmp_path / "dashboard_test.yml").write_text(yaml.safe_dump(asked, sort_keys=False))
    promtool("test", "rules", tmp_path / "dashboard_test.yml")
