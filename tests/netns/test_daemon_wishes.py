# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator asks of a running node: to yield, and to go into maintenance."""

from __future__ import annotations

import json
from typing import Any

import pytest
from vipd import ctl

from tests.netns.configuration import VIP, down_s, instance
from tests.netns.daemon import Vipd
from tests.netns.segment import Segment


class Asked:
    """vipctl, and what it answered."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, daemon: Vipd, *words: str) -> tuple[int, Any]:
        status = ctl.main(["--socket", str(daemon.control_socket), *words, "--format", "json"])
        shown = self._capsys.readouterr()
        return status, json.loads(shown.out) if shown.out else shown.err


@pytest.fixture
def vipctl(capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(capsys)


@pytest.fixture
def master(segment: Segment) -> Vipd:
    a = segment.vipd("a", instance(150))
    a.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    return a


@pytest.mark.parametrize("program", ["vipd", "keepalived"])
def test_a_yield_moves_the_vip_to_a_peer_of_lower_priority_and_back(
    segment: Segment, master: Vipd, vipctl: Asked, program: str
) -> None:
    getattr(segment, program)("b", instance(100)).start()
    status, answer = vipctl(master, "yield", "V")
    assert (status, answer["kept"]) == (0, [])
    segment.wait_for_holders(VIP, "b", 1)
    assert 0 not in {advert.priority for advert in segment.packets.adverts("a")}, "nobody was without it for a skew"
    yielding = {"offering": False, "back_off_s": None, "why": "an operator asked it to yield"}
    assert master.instance()["yielding"] == yielding

    assert vipctl(master, "yield", "--end")[0] == 0
    segment.wait_for_holders(VIP, "a", down_s(150) + 1)


def test_what_no_peer_takes_stays(segment: Segment, master: Vipd, vipctl: Asked) -> None:
    for words in (("yield",), ("maintenance", "on", "--reason", "new disk")):
        status, answer = vipctl(master, *words)
        assert (status, answer["kept"]) == (3, ["V"])
    assert [change.added for change in segment.addresses.changes(VIP)] == [True]
    assert (master.instance()["priority"], master.instance()["yielding"]) == (150, None)
    assert not list(master.state_directory.iterdir())


def test_maintenance_outlives_the_daemon_and_the_death_of_the_peer(
    segment: Segment, master: Vipd, vipctl: Asked
) -> None:
    b = segment.vipd("b", instance(100))
    b.start()
    assert vipctl(master, "maintenance", "on", "--reason", "new disk")[0] == 0
    segment.wait_for_holders(VIP, "b", 1)
    assert vipctl(master, "maintenance", "status")[1]["note"]["reason"] == "new disk"
    master.stop()
    master.start()
    assert "this node is in maintenance: new disk" in master.log()
    b.stop()
    segment.wait_for_holders(VIP, "", 1)
    assert master.instance()["takes_over_in_s"] is None
    assert vipctl(master, "maintenance", "off")[0] == 0
    segment.wait_for_holders(VIP, "a", down_s(150))
    assert not list(master.state_directory.iterdir())


def test_maintenance_that_cannot_be_remembered_changes_nothing(segment: Segment, master: Vipd, vipctl: Asked) -> None:
    master.state_directory.rmdir() if master.state_directory.exists() else None
    master.state_directory.write_text("not a directory")
    segment.vipd("b", instance(100)).start()
    status, answer = vipctl(master, "maintenance", "on")
    assert status == 1
    assert "cannot be remembered, so nothing is changed" in answer
    assert segment.holders(VIP) == {"a"}
    assert master.instance()["yielding"] is None
