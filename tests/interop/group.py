# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One virtual router on nodes of any kind, and what must be so after each event: one master, one voice, one answer.

The kinds are letters: v is vipd, k is keepalived, f is FRR. What happens to a group is in ``lives.py``.
"""

from __future__ import annotations

import time
from pathlib import Path

from tests.interop.cell import GRACE_S, VRID, Cell
from tests.interop.frr import Frr
from tests.netns.daemon import Daemon, Vipd
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for
from tests.netns.witness import Advert

LAST_WORD_S = 0.2  # that a loser may have on its way
HEARD = 3  # adverts of the master during which nobody else may speak
PING_LIMIT_S = 5
FRR_GRACE_S = 4.0
CLIENT = "z"


class Group:
    """Nodes a, b, c of the kinds ``mix``, the first with the highest priority; and a client on the same switch."""

    def __init__(self, segment: Segment, cell: Cell, mix: str) -> None:
        self.segment = segment
        self.cell = cell
        self.labels = "abc"[: len(mix)]
        # Its interface comes up late under load, and what was said on it until then is lost: the one gratuitous ARP
        # and the first adverts. And as a backup it answers for the address, too.
        self.has_frr = "f" in mix
        self.priorities = dict(zip(self.labels, (150, 100, 50), strict=False))
        self.nodes = {label: self._node(label, kind) for label, kind in zip(self.labels, mix, strict=True)}
        if cell.transport == "vmac":
            self._hush_physical_macs()

    def _node(self, label: str, kind: str) -> Daemon:
        host, priority = self.segment.hosts[label], self.priorities[label]
        if kind == "f":
            return self.segment.with_daemon(Frr(host, self.cell, label, priority))
        config = self.cell.keepalived(label, priority, self.labels)
        return self.segment.vipd(label, config) if kind == "v" else self.segment.keepalived(label, config)

    def _hush_physical_macs(self) -> None:
        """What an operator must see to: Linux uses every address of a host at every interface of it."""
        for label in self.labels:
            with self.segment.hosts[label].entered():
                for setting, value in (("arp_ignore", "1"), ("arp_announce", "2")):
                    Path("/proc/sys/net/ipv4/conf/all", setting).write_text(value)

    # Bounds of the protocol

    def after_goodbye_s(self, label: str) -> float:
        return self.cell.skew_s(self.priorities[label]) + FRR_GRACE_S * self.has_frr

    def after_silence_s(self, label: str) -> float:
        return self.cell.down_s(self.priorities[label]) + FRR_GRACE_S * self.has_frr

    # What is so

    def holders(self) -> set[str]:
        have_it = self.segment.holders(self.cell.vip)
        frr = {label for label, node in self.nodes.items() if isinstance(node, Frr)}
        return (have_it & self.nodes.keys()) - frr | {label for label in frr if self.nodes[label].holds(self.cell.vip)}

    def adverts(self, label: str, since: float = 0.0) -> list[Advert]:
        return [one for one in self.segment.packets.adverts(label, VRID) if one.at > since]

    def clean(self, label: str) -> None:
        """What a killed daemon left: vipd's unit releases it, keepalived's leaves it to the operator."""
        node, host = self.nodes[label], self.segment.hosts[label]
        if isinstance(node, Frr | Vipd):
            node.release()
        elif self.cell.transport == "vmac":
            host.ip(f"link delete vrrp.{VRID}")
        else:
            host.ip(f"address delete {self.cell.vip} dev eth0")

    # What must become so

    def wait_until_held(self, event: str, label: str, within_s: float) -> None:
        wait_for(lambda: label in self.holders(), f"{event}: {self.cell.vip} on {label}", within_s)

    def settle(self, event: str, master: str, within_s: float) -> None:
        """In time exactly ``master`` holds the address and only it speaks; and then the client reaches it."""
        deadline = time.monotonic() + within_s
        while True:
            self._wait_until_alone(event, master, max(0.0, deadline - time.monotonic()))
            objection = self._objection(event, master)
            if objection is None:
                break
            assert time.monotonic() < deadline, objection
        self._one_answer(event, master)

    def _wait_until_alone(self, event: str, master: str, within_s: float) -> None:
        try:
            wait_for(lambda: self.holders() == {master}, f"{event}: {self.cell.vip} on {master} alone", within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is on {sorted(self.holders()) or 'nobody'}") from None

    def _objection(self, event: str, master: str) -> str | None:
        """To its being the only one, for as long as it takes it to speak a few times."""
        since = time.time() + self.cell.interval_s + LAST_WORD_S
        within_s = (HEARD + 2) * self.cell.interval_s + GRACE_S
        wait_for(lambda: len(self.adverts(master, since)) >= HEARD, f"{event}: adverts of {master}", within_s)
        for other in set(self.labels) - {master}:
            if self.adverts(other, since):
                return f"{event}: {other} still adverts while {master} does"
        return None if self.holders() == {master} else f"{event}: {master} did not stay the only holder"

    def _one_answer(self, event: str, master: str) -> None:
        client, vip = self.segment.hosts[CLIENT], self.cell.vip
        if self.has_frr:
            client.ip("neighbour flush dev eth0")
        wait_for(self._answers, f"{event}: an answer of {vip}", PING_LIMIT_S)
        if not self.has_frr:
            neighbour = client.ip(f"neighbour show to {vip} dev eth0").split()
            assert self._mac(master) in neighbour, f"{event}: {vip} is not at {master} for the client: {neighbour}"

    def _answers(self) -> bool:
        ping = self.segment.hosts[CLIENT].start("ping", "-q", "-n", "-c1", "-W1", self.cell.vip, stdout=-3)
        return ping.wait(PING_LIMIT_S) == 0

    def _mac(self, label: str) -> str:
        if self.cell.transport == "vmac":
            return self.cell.mac
        return self.segment.hosts[label].mac().hex(":")
