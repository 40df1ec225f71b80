# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration that both contenders get, and the master that they hear.

One text for both: whole seconds are VRRPv2, anything shorter is VRRPv3, as with everybody.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from vipd.wire.vrrp import Advert, encode_packet

from tests.netns.namespace import Namespace

PRIORITY, MASTER_PRIORITY = 100, 200
GARP_DELAY_S = 1  # of the second set of announcements: measurements begin when it is over

_GROUP = ("224.0.0.18", 0)
_SOURCE = IPv4Address("10.0.0.1")


def version(interval_s: float) -> int:
    return 2 if interval_s >= 1 else 3


def configuration(vips: Iterable[Sequence[str]], interval_s: float, priority: int = PRIORITY) -> str:
    """One instance, VRID 1 and on, for each item of ``vips``."""
    head = f"global_defs {{\n    vrrp_version {version(interval_s)}\n    vrrp_garp_master_delay {GARP_DELAY_S}\n}}\n"
    return head + "".join(
        _instance(vrid, addresses, interval_s, priority) for vrid, addresses in enumerate(vips, start=1)
    )


def _instance(vrid: int, vips: Sequence[str], interval_s: float, priority: int) -> str:
    lines = [
        "state BACKUP",
        "interface eth0",
        f"virtual_router_id {vrid}",
        f"priority {priority}",
        f"advert_int {interval_s:g}",
        "virtual_ipaddress {",
        *(f"    {vip}" for vip in vips),
        "}",
    ]
    return "\n".join([f"vrrp_instance V{vrid} {{", *(f"    {line}" for line in lines), "}", ""])


def one_vip_each(count: int) -> list[list[str]]:
    return [[f"10.0.1.{vrid}"] for vrid in range(1, count + 1)]


class Master:
    """Speaks for the virtual routers from a host that runs no daemon, when and what a measurement wants."""

    def __init__(self, host: Namespace, vips: Iterable[Sequence[str]], interval_s: float) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        with host.entered():
            self._socket = socket.socket(socket.AF_INET, kind, socket.IPPROTO_RAW)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0\0")
        adverts = [
            Advert(version(interval_s), vrid, 0, round(interval_s * 100), tuple(map(IPv4Address, addresses)))
            for vrid, addresses in enumerate(vips, start=1)
        ]
        self._adverts = {advert.vrid: advert for advert in adverts}

    def say(self, vrid: int, priority: int) -> None:
        advert = self._adverts[vrid]
        said = Advert(advert.version, vrid, priority, advert.advert_int_cs, advert.addresses)
        self._socket.sendto(encode_packet(_SOURCE, said), _GROUP)

    def close(self) -> None:
        self._socket.close()
