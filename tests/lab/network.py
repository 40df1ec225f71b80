# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's network: one bridge in a namespace of its own, one cable to each node.

Nothing appears in the host's own network namespace: both ends of a cable are made where they
belong. So two labs may use the same addresses, and a host's firewall or routes play no part.
A node's address is set from here, before it boots, and stays when the carrier goes: as on a Debian
server with /etc/network/interfaces, and unlike systemd-networkd, which removes addresses it does not know.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address
from pathlib import Path

from .host import run
from .process import kill_all_in_netns

NETNS_DIRECTORY = Path("/run/netns")
BRIDGE = "br0"
INTERFACE = "eth0"
CHASSIS, CARD = "chassis", "card"
PREFIX_LENGTH = 24

# A new namespace inherits the host's IPv4 settings: a node starts from the kernel's defaults instead.
NODE_SYSCTLS = (
    "net.ipv4.ip_forward=0",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.default.rp_filter=0",
    "net.ipv4.conf.all.arp_ignore=0",
    "net.ipv4.conf.default.arp_ignore=0",
    "net.ipv4.conf.all.arp_announce=0",
    "net.ipv4.conf.default.arp_announce=0",
)
# A switch has no addresses of its own and filters nothing (a host with Docker has br_netfilter loaded).
SWITCH_SYSCTLS = (
    "net.ipv6.conf.default.disable_ipv6=1",
    "net.bridge.bridge-nf-call-iptables=0",
    "net.bridge.bridge-nf-call-arptables=0",
)


def stable_mac(lab: str, node: str) -> str:
    """The same card in every boot of a node; locally administered, unicast."""
    digest = hashlib.sha256(f"{lab}/{node}".encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))


def link_local(mac: str) -> str:
    """The IPv6 address that a kernel gives to the card by itself (RFC 4291 appendix A)."""
    first, *others = (int(byte, 16) for byte in mac.split(":"))
    identifier = bytes([first ^ 0x02, *others[:2], 0xFF, 0xFE, *others[2:]])
    return str(IPv6Address(b"\xfe\x80" + bytes(6) + identifier))


def namespace_path(namespace: str) -> Path:
    return NETNS_DIRECTORY / namespace


def create_namespace(namespace: str, sysctls: tuple[str, ...]) -> None:
    run("ip", "netns", "add", namespace)
    run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "netns", "exec", namespace, "sysctl", "-qew", *sysctls)


def remove_namespace(namespace: str) -> None:
    """The namespace and every process in it, such as the far end of an ssh connection."""
    path = namespace_path(namespace)
    if path.exists():
        kill_all_in_netns(path)
        run("ip", "netns", "delete", namespace)


class Switch:
    """The bridge of a lab; its ports are named like the nodes."""

    def __init__(self, namespace: str):
        self.namespace = namespace

    def create(self) -> None:
        create_namespace(self.namespace, SWITCH_SYSCTLS)
        # No snooping: a switch without a querier may not lose VRRP's multicast.
        self._ip(
            f"link add name {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            f"link set dev {BRIDGE} up",
        )

    def remove(self) -> None:
        remove_namespace(self.namespace)

    def connect(self, port: str, namespace: str, mac: str, address: str) -> None:
        """Lay a new cable from a port to the node's only interface, and give that its address."""
        self._lay_cable(port, namespace, f"address {mac}")
        _ip_batch(
            namespace,
            f"address add {address}/{PREFIX_LENGTH} brd + dev {INTERFACE}",
            f"link set dev {INTERFACE} up",
        )

    def connect_chassis(self, port: str, namespace: str) -> None:
        """Lay a new cable to a machine, which has its own interface behind the card.

        A bridge joins the cable and the card. The host gets at the machine from that bridge, so it needs no cable."""
        self._lay_cable(port, namespace)
        _ip_batch(
            namespace,
            f"link add name {CHASSIS} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            # A card takes frames of the wire's size; the kernel would hand it what it has not yet cut into such.
            f"link add name slot gso_max_segs 1 type veth peer name {CARD}",
            f"link set dev slot master {CHASSIS} up",
            f"link set dev {CARD} up",
            f"link set dev {INTERFACE} master {CHASSIS} up",
            f"link set dev {CHASSIS} up",
        )

    def _lay_cable(self, port: str, namespace: str, *end: str) -> None:
        self._ip(
            f"link add name {port} type veth peer name {INTERFACE} {' '.join(end)} netns {namespace}",
            f"link set dev {port} master {BRIDGE} up",
        )

    def disconnect(self, port: str) -> None:
        """Remove the cable with both its ends; no answer comes from the node after this."""
        if namespace_path(self.namespace).exists():
            run("ip", "-n", self.namespace, "link", "delete", "dev", port, check=False)

    def set_carrier(self, port: str, up: bool) -> None:
        self._ip(f"link set dev {port} {'up' if up else 'down'}")

    def has_carrier(self, port: str) -> bool:
        shown = run("ip", "-n", self.namespace, "-brief", "link", "show", "dev", port, check=False)
        return " UP " in shown.stdout

    def drop(self, source: str | None, destination: str | None) -> None:
        """Drop frames from one port to another; None is any port."""
        match = " ".join(
            f'{side} "{port}"' for side, port in (("iifname", source), ("oifname", destination)) if port is not None
        )
        self._nft(f"add rule bridge lbha partition {match} drop")

    def heal(self) -> None:
        self._nft("flush chain bridge lbha partition")

    def _ip(self, *commands: str) -> None:
        _ip_batch(self.namespace, *commands)

    def _nft(self, command: str) -> None:
        run("ip", "netns", "exec", self.namespace, "nft", "-f", "-", input=f"{_PARTITION_TABLE}{command}\n")


_PARTITION_TABLE = """\
table bridge lbha {
    chain partition { type filter hook forward priority 0; policy accept; }
}
"""


def _ip_batch(namespace: str, *commands: str) -> None:
    run("ip", "-n", namespace, "-batch", "-", input="\n".join(commands) + "\n")
