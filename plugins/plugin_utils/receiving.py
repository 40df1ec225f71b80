# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a real server takes packets for a VIP that it must not tell anybody about: on the loopback, or out of a tunnel.

A tunnel ends at the device that the kernel has for packets of that kind from anybody, so that a director may come and
go. What comes out of it has a client's address, to which no route leads back into it: hence no ``rp_filter``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Forwarding
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address

# A request is answered by whom it asks for on that very interface, and asked with an address that belongs to it.
SILENT = {"arp_ignore": "1", "arp_announce": "2"}


@dataclass(frozen=True)
class Step:
    """Commands of ``ip``; ``show`` prints something, with ``shows`` in it, where ``start`` has been done."""

    start: str
    stop: str
    show: str
    shows: str = ""


@dataclass(frozen=True)
class RealServerPlan:
    modules: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class End:
    """Where tunnels of one kind end, and what has to be loaded for it."""

    device: str
    modules: tuple[str, ...]


# By what is within the packets, and by the version of both addresses. GUE is UDP around what ipip would be.
ENDS = {
    ("ipip", 4): End("tunl0", ("ipip",)),
    ("ipip", 6): End("ip6tnl0", ("ip6_tunnel",)),
    ("gre", 4): End("gre0", ("ip_gre",)),
    ("gre", 6): End("ip6gre0", ("ip6_gre",)),
    ("gue", 4): End("tunl0", ("ipip", "fou")),
    ("gue", 6): End("ip6tnl0", ("ip6_tunnel", "fou")),
}


def direct(vips: Sequence[Address]) -> RealServerPlan:
    silent = any(vip.version == 4 for vip in vips)  # IPv6 answers for the addresses of that very interface alone
    settings = _silent("all", "lo") if silent else {}
    return RealServerPlan(settings=settings, steps=tuple(step for vip in vips for step in _vip(vip, "lo")))


def tunnelled(vips: Sequence[Address], tunnel: Forwarding) -> RealServerPlan:
    versions = sorted({vip.version for vip in vips})
    ends = {version: ENDS[tunnel.tunnel, version] for version in versions}
    return RealServerPlan(
        tuple(dict.fromkeys(module for end in ends.values() for module in end.modules)),
        _lax(ends[4].device) if 4 in ends else {},
        (
            *(step for version, end in ends.items() for step in _opened(version, end, tunnel)),
            *(step for vip in vips for step in _vip(vip, ends[vip.version].device)),
        ),
    )


def _lax(device: str) -> dict[str, str]:
    return {
        **_silent("all", "lo", device),
        **{f"net.ipv4.conf.{name}.rp_filter": "0" for name in ("all", device)},
    }


def _silent(*interfaces: str) -> dict[str, str]:
    return {f"net.ipv4.conf.{name}.{key}": value for name in interfaces for key, value in SILENT.items()}


def _opened(version: int, end: End, tunnel: Forwarding) -> Iterator[Step]:
    if tunnel.port is not None:
        ip, mark = ("-6 ", " -6") if version == 6 else ("", "")
        port = f"port {tunnel.port}"
        yield Step(f"{ip}fou add {port} gue", f"{ip}fou del {port}", "fou show", f"{port} gue{mark}")
    up = f"link set {end.device}"
    yield Step(f"{up} up", f"{up} down", f"-oneline link show dev {end.device} up")


def _vip(vip: Address, device: str) -> tuple[Step, ...]:
    """The VIP, and its route: for this host alone, whatever network it is in."""
    host = f"{vip}/{vip.max_prefixlen}"
    if vip.version == 6:
        # Deprecated: no connection of this host's own starts from it.
        show = f"-6 -oneline address show dev {device} to {host}"
        address = f"address replace {host} dev {device} nodad preferred_lft 0"
        return (Step(f"-6 {address}", f"-6 address delete {host} dev {device}", show),)
    return (
        Step(
            f"address replace {host} dev {device}",
            f"address delete {host} dev {device}",
            f"-oneline address show dev {device} to {host}",
        ),
        Step(
            f"route replace {host} dev {device}",
            f"route delete {host} dev {device}",
            f"-oneline route show {host} dev {device}",
        ),
    )
