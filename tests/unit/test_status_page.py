# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status page: what it says of a pair, and what a browser makes of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.status_page import status_page
from ansible_collections.lbha.pair.plugins.plugin_utils.pair_status import PairStatus, answer
from ansible_collections.lbha.pair.plugins.plugin_utils.status_page import page

from tests.agent.core.conversation import Conversation
from tests.unit.test_roles import play

NOW = 1_764_244_800.0  # 2025-11-27 12:00:00 UTC
CONFIG = """config
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.0.0.3/24
    }
}"""


def node(*words: str, history: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """What a node answers after these things happened to it; the worker's part is made up."""
    talk = Conversation()
    for said in ("link eth0 up 10.0.0.5", CONFIG, *words):
        talk.say(said)
    return {**talk.router.snapshot(talk.now), "history": history or [], **more}


def moved(at: float, before: str, after: str, reason: str = "why", instance: str = "VI_1") -> dict[str, Any]:
    """``at`` is seconds before now."""
    said = {"instance": instance, "before": before, "after": after, "priority": 100, "reason": reason}
    return {"at": NOW - at, **said}


MASTER = node("wait 5", history=[moved(3600, "INIT", "BACKUP"), moved(3596, "BACKUP", "MASTER", "no advert")])
BACKUP = node("hear 10.0.0.6 200 vips=10.0.0.3", history=[moved(1800, "INIT", "BACKUP", "<started> & {{ fine }}")])
SILENT = {"error": "no answer from vipd on /run/vipd/control.sock"}


def pair(lb01: dict[str, Any] = MASTER, lb02: dict[str, Any] = BACKUP) -> PairStatus:
    return PairStatus(NOW, {"lb01": lb01, "lb02": lb02})


def drawn(of: PairStatus) -> str:
    return page(of, UTC)


def parsed(of: PairStatus) -> ElementTree.Element:
    return ElementTree.fromstring(drawn(of).removeprefix("<!DOCTYPE html>\n"))


def texts(of: PairStatus) -> list[str]:
    return ["".join(cell.itertext()) for cell in parsed(of).iter("td")]


def test_one_holder_is_well() -> None:
    assert pair().faults == []
    assert [(vip.address, vip.holders) for vip in pair().vips] == [("10.0.0.3/24", ("lb01",))]
    assert "every VIP has one holder" in drawn(pair())


def test_two_holders_and_none_are_told() -> None:
    assert pair(MASTER, MASTER).faults == ["10.0.0.3/24 is held by lb01 and lb02"]
    assert pair(BACKUP, BACKUP).faults == ["10.0.0.3/24 is held by no node that answers"]
    refused = node("wait 5", "refused eth0 10.0.0.3")
    assert pair(refused, BACKUP).faults == ["10.0.0.3/24 is held by no node that answers"], "the kernel did not take it"
    assert "1 to look at" in drawn(pair(MASTER, MASTER))


def test_a_node_that_does_not_answer_is_shown_with_the_reason() -> None:
    assert pair(MASTER, SILENT).faults == [f"lb02 does not answer: {SILENT['error']}"]
    assert SILENT["error"] in texts(pair(MASTER, SILENT))
    assert "lb01, lb02" in drawn(PairStatus(NOW, {"lb01": SILENT, "lb02": SILENT}))


def test_fault_and_maintenance_are_told() -> None:
    ruled_out = node("link eth0 down", maintenance=True)
    assert pair(MASTER, ruled_out).faults == [
        "VI_1 on lb02 is in FAULT: interface eth0 is down; interface eth0 has no IPv4 address",
        "lb02 is in maintenance",
    ]


def test_transitions_of_both_nodes_the_newest_first() -> None:
    assert [(one.node, one.after) for one in pair().transitions] == [
        ("lb02", "BACKUP"),
        ("lb01", "MASTER"),
        ("lb01", "BACKUP"),
    ]
    assert "2025-11-27 11:30:00 UTC" in texts(pair())


def test_a_stay_lasts_until_the_next_transition_or_now() -> None:
    stays = [(one.node, one.state, one.start_s - NOW, one.end_s - NOW) for one in pair().stays(0)]
    assert stays == [("lb01", "BACKUP", -3600, -3596), ("lb01", "MASTER", -3596, 0), ("lb02", "BACKUP", -1800, 0)]
    assert [one.state for one in pair().stays(NOW - 60)] == ["MASTER", "BACKUP"]


def test_two_masters_stand_out_and_a_handover_does_not() -> None:
    def lb02(*seconds: float) -> dict[str, Any]:
        states = ("BACKUP", "MASTER", "BACKUP")
        steps = zip(seconds, ("INIT", *states), states, strict=False)
        return node("hear 10.0.0.6 200", history=[moved(at, before, after) for at, before, after in steps])

    def shared(of: PairStatus) -> list[str]:
        bars = [one for one in parsed(of).iter("rect") if one.get("class") == "shared"]
        return ["".join(one.itertext()) for one in bars]

    assert shared(pair(MASTER, lb02(1800, 100, 55))) == 2 * ["lb01 and lb02 were both MASTER for 45 s"]
    assert shared(pair(MASTER, lb02(1800, 100, 99.5))) == []


def test_the_timeline_is_drawn_to_scale() -> None:
    """An hour: from 150 to 1186."""
    [master] = [one for one in parsed(pair()).iter("rect") if one.get("class") == "master"]
    assert float(master.get("x", "")) == pytest.approx(150 + 4 / 3600 * 1036, abs=0.2)
    assert float(master.get("width", "")) == pytest.approx(3596 / 3600 * 1036, abs=0.2)
    ticks = [one.text for one in parsed(pair()).iter("text") if one.get("class") == "tick"]
    assert {"11:00", "11:30", "12:00"} <= set(ticks)


def test_the_page_needs_nothing_else() -> None:
    root = parsed(pair())
    assert {element.tag for element in root.iter()}.isdisjoint({"script", "link", "img", "iframe"})
    assert "http" not in drawn(pair())
    assert "url(" not in drawn(pair())


def test_what_nodes_say_is_text() -> None:
    assert "<started> & {{ fine }}" in texts(pair())
    assert "{{" not in drawn(pair())


def test_many_transitions_are_cut_short() -> None:
    busy = {**MASTER, "history": [moved(100 - number, "BACKUP", "MASTER") for number in range(100)]}
    assert "41 older ones are left out." in drawn(pair(busy))


@pytest.mark.parametrize(
    ("registered", "told"),
    [
        ({"rc": 0, "stdout": '{"instances": []}'}, {"instances": []}),
        ({"rc": 1, "stdout": "", "stderr": "no answer\nfrom vipd"}, {"error": "no answer from vipd"}),
        ({"unreachable": True, "msg": "Failed to connect"}, {"error": "Failed to connect"}),
        ({}, {"error": "no reason is known"}),
    ],
)
def test_what_a_task_registered(registered: dict[str, Any], told: dict[str, Any]) -> None:
    assert answer(registered) == told


def test_the_filter() -> None:
    asked = {"lb01": {"rc": 0, "stdout": json.dumps(MASTER)}, "lb02": {"unreachable": True, "msg": "no route"}}
    assert "lb02 does not answer: no route" in status_page(asked, NOW)
    with pytest.raises(AnsibleFilterError, match="expected results of 'vipctl status"):
        status_page({"lb01": {"rc": 0, "stdout": "[]"}}, NOW)


@pytest.mark.parametrize("flags", [(), ("--limit", "lb02")], ids=["all", "limited"])
def test_the_playbook_shows_nodes_that_cannot_be_reached(
    flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them: ansible-rulebook limits a playbook to the host of the event."""
    monkeypatch.setenv("PWD", str(tmp_path))  # as a shell there would
    done = play(tmp_path, {}, "lbha.pair.status_page", *flags)
    assert done.returncode == 0, done.stdout
    shown = (tmp_path / "vip-status.html").read_text()
    for name in ("lb01", "lb02"):
        assert re.search(f"{name} does not answer: .*Failed to connect", shown)


# --- a real browser ------------------------------------------------------------------------------

BROWSER = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)

# Put into a copy of the page, to say what the browser has made of it.
JUDGE = """<script>
const shown = [...document.querySelectorAll("svg text, td, th, h1")].filter(one => one.checkVisibility());
const boxes = shown.map(one => one.getBoundingClientRect());
document.title = JSON.stringify({
  mode: document.compatMode,
  fetched: performance.getEntriesByType("resource").length,
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  outside: boxes.filter(box => box.left < 0 || box.right > window.innerWidth + 1).length,
  invisible: boxes.filter(box => box.height === 0).length,
  master: getComputedStyle(document.querySelector("svg rect.master")).fill,
  lanes: document.querySelectorAll("svg text.lane").length,
  columns: shown.some(one => one.tagName === "TH"),
});
</script></body>"""


@pytest.mark.skipif(BROWSER is None, reason="this machine has no browser")
@pytest.mark.parametrize("width", [1400, 800, 500])
def test_a_browser_shows_it_whole(tmp_path: Path, width: int) -> None:
    file = tmp_path / "page.html"
    file.write_text(drawn(pair(MASTER, SILENT)).replace("</body>", JUDGE))
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={width},1000",
        f"--user-data-dir={tmp_path}/p",
    )
    done = subprocess.run(
        [str(BROWSER), *flags, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r"<title>(.*?)</title>", done.stdout)
    assert found is not None
    judged = json.loads(found[1])
    assert judged == {
        "mode": "CSS1Compat",
        "fetched": 0,
        "overflow": 0,
        "outside": 0,
        "invisible": 0,
        "master": "rgb(47, 111, 208)",
        "lanes": 1,
        "columns": width > 700,  # a telephone shows each cell with its heading
    }
