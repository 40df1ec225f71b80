# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS table as people know it, the lines of ``ipvsadm -Ln``; and real servers as their checks see them.

Takes what the director's process answers (``runtime/ipvs_table.py``), and so runs in vipctl.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, Optional

_FORWARDING = {"NAT": "Masq", "DR": "Route", "TUN": "Tunnel"}
_SCHEDULER_FLAGS = ("flag-1", "flag-2", "flag-3")
_HOST_LENGTH = {4: 32, 6: 128}


def lines(answer: dict[str, Any]) -> Iterator[str]:
    yield f"IP Virtual Server version {answer['version']} (size={answer['size']})"
    yield "Prot LocalAddress:Port Scheduler Flags"
    yield "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn"
    for service in answer["services"]:
        yield _service(service)
        for one in service["destinations"]:
            method = _FORWARDING[one["forwarding"]]
            counts = f"{one['weight']:<6d} {one['active']:<10d} {one['inactive']:<10d}"
            yield f"  -> {one['address']:<28s} {method:<7s} {counts}"


def real_server_rows(answer: dict[str, Any], chosen: Optional[str]) -> Iterator[tuple[str, ...]]:
    """Of those called ``chosen``, or of all."""
    for server in answer["virtual_servers"]:
        for one in server["real_servers"]:
            if chosen in (None, one["real_server"], one["address"]):
                state = "up" if one["alive"] else "down"
                yield server["virtual_server"], one["real_server"], state, str(one["weight"]), one["reason"]


def _service(service: dict[str, Any]) -> str:
    protocol, _space, name = service["service"].partition(" ")
    return " ".join((f"{protocol}  {name} {service['scheduler']}", *_options(service)))


def _options(service: dict[str, Any]) -> Iterator[str]:
    if service["persistence_s"]:
        yield f"persistent {service['persistence_s']}"
        if service["netmask"] != _HOST_LENGTH[service["family"]]:
            yield f"mask {_mask(service)}"
        if service["engine"]:
            yield f"pe {service['engine']}"
    if "ops" in service["flags"]:
        yield "ops"
    flags = ",".join(flag for flag in _SCHEDULER_FLAGS if flag in service["flags"])
    if flags:
        yield f"({flags})"


def _mask(service: dict[str, Any]) -> str:
    length = service["netmask"]
    return str(ip_network(f"0.0.0.0/{length}").netmask) if service["family"] == 4 else str(length)
