# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS table as people know it, the lines of ``ipvsadm -Ln``; and real servers as their checks see them.

Takes what the director's process answers (``runtime/ipvs_table.py``), and so runs in vipctl.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any, Optional

_FORWARDING = {"NAT": "Masq", "DR": "Route", "TUN": "Tunnel"}
_SCHEDULER_FLAGS = ("flag-1", "flag-2", "flag-3")
_HOST_LENGTH = {4: 32, 6: 128}

# Columns of ``ipvsadm -Ln --stats`` and ``--rate``, and what they are called in the answer.
_COUNTED = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
FIGURES = {
    "stats": (("Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"), _COUNTED),
    "rate": (("CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"), tuple(f"{name}_per_s" for name in _COUNTED)),
}
_SCALES = ((10**8, 1, " "), (10**9, 10**3, "K"), (10**11, 10**6, "M"), (10**14, 10**9, "G"))


def figures(answer: dict[str, Any], kind: str) -> Iterator[str]:
    """``kind``: stats or rate."""
    titles, names = FIGURES[kind]
    yield f"IP Virtual Server version {answer['version']} (size={answer['size']})"
    yield f"{'Prot LocalAddress:Port':<33s} " + " ".join(f"{title:>8s}" for title in titles)
    yield "  -> RemoteAddress:Port"
    for service in answer["services"]:
        protocol, _space, name = service["service"].partition(" ")
        yield f"{f'{protocol}  {name}':<33s}" + _figures(service, names)
        for one in service["destinations"]:
            yield f"  -> {one['address']:<28s}" + _figures(one, names)


def _figures(counts: Mapping[str, int], names: tuple[str, ...]) -> str:
    return "".join(_scaled(counts.get(name, 0)) for name in names)


def _scaled(number: int) -> str:
    """In nine columns: from a hundred million on in thousands, and so on."""
    for limit, unit, letter in _SCALES:
        if number < limit:
            return f"{number // unit:8d}{letter}" if unit > 1 else f"{number:9d}"
    return f"{number // 10**12:8d}T"


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
    """What is no prefix comes as a mask."""
    mask = service["netmask"]
    is_length = service["family"] == 4 and isinstance(mask, int)
    return str(ip_network(f"0.0.0.0/{mask}").netmask) if is_length else str(mask)
