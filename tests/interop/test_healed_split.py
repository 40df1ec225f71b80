# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a split brain that nobody saw (no link went down), clients reach the winner as soon as the loser knows it lost.

Switches and neighbours still have the loser's MAC then, and the winner may have heard nothing at all. vipd's loser says
one last word, on which any winner announces itself again. keepalived's does so only with
``vrrp_higher_prio_send_advert``; without it a client was seen to lose 1.9 s here, or all until its ARP entry ended.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.interop.cell import GRACE_S, Cell
from tests.interop.client import Client
from tests.interop.group import CLIENT, Group
from tests.interop.lives import Life
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

REPETITIONS = 10
ALLOWANCE_S = 0.5  # for processes that wake late on a busy machine

KEEPALIVED_LOSES = Cell(3, 4, settings=("vrrp_higher_prio_send_advert true",))
MIXES = {"vv": Cell(3, 4), "kv": Cell(3, 4), "vk": KEEPALIVED_LOSES, "kk": KEEPALIVED_LOSES}
CUT = """
table netdev cut {
    chain in { type filter hook ingress device eth0 priority 0; policy drop; }
    chain out { type filter hook egress device eth0 priority 0; policy drop; }
}
"""


def healed_splits(group: Group) -> None:
    for node in group.nodes.values():
        node.start()
    group.settle("both start", "a", group.after_silence_s("b"))
    with Client(group.segment.hosts[CLIENT], group.cell.vip) as client:
        for number in range(REPETITIONS):
            with cut_off(group.segment.hosts["a"]):
                group.wait_until_held("a is cut off", "b", group.after_silence_s("b"))
                # Heal at another moment of the interval each time.
                time.sleep(group.cell.interval_s * (1 + number / REPETITIONS))
            traffic_is_back(group, client, time.time(), f"repetition {number}")


def traffic_is_back(group: Group, client: Client, healed: float, event: str) -> None:
    """Within one interval of the winner's first word."""
    heard = wait_for(lambda: group.adverts("a", since=healed), f"{event}: an advert of a", 1)[0].at
    wait_for(lambda: group.holders() == {"a"}, f"{event}: {group.cell.vip} on a alone", GRACE_S)
    limit_s = group.cell.interval_s + ALLOWANCE_S
    time.sleep(max(0.0, heard + 2 * limit_s - time.time()))
    lost_s = client.last_loss(since=heard) - heard
    assert lost_s <= limit_s, f"{event}: the client had no answer for {lost_s:.3f} s after b heard a"


@contextmanager
def cut_off(host: Namespace) -> Iterator[None]:
    _nft(host, "-f", "-", text=CUT)
    try:
        yield
    finally:
        _nft(host, "delete", "table", "netdev", "cut")


def _nft(host: Namespace, *words: str, text: str = "") -> None:
    subprocess.run(["ip", "netns", "exec", host.name, "nft", *words], input=text, text=True, check=True)


LIVES = [Life(cell, mix, healed_splits) for mix, cell in MIXES.items()]


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_traffic_is_back(lived: Callable[[Life], None], life: Life) -> None:
    lived(life)
