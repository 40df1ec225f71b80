# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One way to speak VRRP: version, address family, transport. And the same virtual router in it, for every kind of node.

keepalived's text is vipd's as well; FRR has a grammar of its own, and gets its addresses from interfaces that the
operator makes beforehand (``frr.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

VRID = 51
LABELS = "abc"  # of the nodes: their addresses end in 1, 2, 3
# What a busy machine may add to a bound of the protocol, the start of an interpreter included.
GRACE_S = 4.0
VIPS = {4: "10.0.0.100", 6: "2001:db8::100"}


@dataclass(frozen=True)
class Cell:
    version: int
    family: int
    transport: str = "multicast"  # or unicast, or vmac
    settings: tuple[str, ...] = ()  # for global_defs
    with_frr: bool = False

    def __str__(self) -> str:
        return f"v{self.version}-ipv{self.family}-{self.transport}"

    @property
    def interval_s(self) -> float:
        """As short as the version allows without a busy machine being taken for a dead master.

        FRR's zebra, told twice within some 0.3 s what to do with the interface, was seen to leave it down for good.
        """
        if self.version == 2:
            return 1.0
        return 0.3 if self.with_frr else 0.1

    @property
    def vip(self) -> str:
        return VIPS[self.family]

    @property
    def mac(self) -> str:
        """Of the virtual router (RFC 9568 section 7.3), for transport vmac."""
        return f"00:00:5e:00:{'01' if self.family == 4 else '02'}:{VRID:02x}"

    def skew_s(self, priority: int) -> float:
        """A backup takes over this long after a goodbye, at most."""
        return (256 - priority) / 256 * self.interval_s + GRACE_S

    def down_s(self, priority: int) -> float:
        """A backup takes over this long after a master's last advert, at most."""
        return 3 * self.interval_s + self.skew_s(priority)

    def keepalived(self, label: str, priority: int, labels: str) -> str:
        """The configuration of node ``label`` in a group of ``labels``."""
        lines = [
            "state BACKUP",
            "interface eth0",
            f"virtual_router_id {VRID}",
            f"priority {priority}",
            f"advert_int {self.interval_s:g}",
            *self._transport_lines(label, labels),
            f"virtual_ipaddress {{\n        {self.vip}\n    }}",
        ]
        body = "\n".join(f"    {line}" for line in lines)
        settings = "\n    ".join([f"vrrp_version {self.version}", *self.settings])
        return f"global_defs {{\n    {settings}\n}}\nvrrp_instance V {{\n{body}\n}}\n"

    def _transport_lines(self, label: str, labels: str) -> list[str]:
        if self.transport == "vmac":
            return ["use_vmac"]
        if self.transport == "unicast":
            peers = " ".join(self.address(other) for other in labels if other != label)
            return [f"unicast_src_ip {self.address(label)}", f"unicast_peer {{\n        {peers}\n    }}"]
        return []

    def address(self, label: str) -> str:
        return f"{'10.0.0.' if self.family == 4 else 'fe80::'}{LABELS.index(label) + 1}"

    def frr(self, priority: int) -> str:
        lines = [
            f"version {self.version}",
            f"priority {priority}",
            f"advertisement-interval {self.interval_s * 1000:.0f}",
            f"{'ip' if self.family == 4 else 'ipv6'} {self.vip}",
        ]
        return "interface eth0\n" + "".join(f" vrrp {VRID} {line}\n" for line in lines)
