# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role lvs_real_server become kernel settings and iproute2's commands, or every mistake at once.

With DR and TUN a real server takes packets for the VIP and never says that it has it (``receiving.py``); with NAT it
sends its answers back through the director. The host's default route stays what it is: answers alone take another
one. Look next at the module ``iproute_dropin``, which carries the commands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Forwarding
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address
from ansible_collections.lbha.pair.plugins.plugin_utils.receiving import RealServerPlan, Step, direct, tunnelled
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    FindingsError,
    Reading,
    RefusedError,
    choice,
    shown,
    text,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import read_tunnel

DEFAULTS: Mapping[str, Any] = {
    "lvs_real_server_state": "present",
    "lvs_real_server_vips": [],
    "lvs_real_server_forwarding": "dr",
    "lvs_real_server_tunnel": "",
    "lvs_real_server_address": "",
    "lvs_real_server_gateway": "",
}
# Of NAT's answers: a routing table of their own, and two rules, which must be alone with their numbers.
TABLE = 19542
KEEPS_NETWORKS, TO_DIRECTOR = 19541, 19542


def real_server_plan(given: Mapping[str, Any]) -> RealServerPlan:
    """``given`` holds the role's variables by their full names. Raises ``FindingsError``."""
    reading = Reading()
    for name in given:
        if name not in DEFAULTS:
            reading.unknown(name, name, DEFAULTS)
    values = {**DEFAULTS, **given}
    vips = _vips("lvs_real_server_vips", values["lvs_real_server_vips"], reading)
    own = reading.take("lvs_real_server_address", _optional, values["lvs_real_server_address"], None)
    gateway = reading.take("lvs_real_server_gateway", _optional, values["lvs_real_server_gateway"], None)
    forwarding = reading.take(
        "lvs_real_server_forwarding", choice("dr", "tun", "nat"), values["lvs_real_server_forwarding"], ""
    )
    tunnel = reading.take("lvs_real_server_tunnel", read_tunnel, values["lvs_real_server_tunnel"], Forwarding("TUN"))
    if values["lvs_real_server_tunnel"]:
        _judge_tunnel(forwarding, tunnel, reading)
    if forwarding == "nat":
        _judge_translated(values["lvs_real_server_vips"], own, gateway, reading)
    elif forwarding:
        _judge_silent(values, forwarding, vips, own, reading)
    if reading.findings:
        raise FindingsError(reading.findings)
    if forwarding == "nat" and own and gateway:
        return RealServerPlan(steps=_answers(own, gateway))
    return tunnelled(vips, tunnel) if forwarding == "tun" else direct(vips)


def _vips(variable: str, value: Any, reading: Reading) -> tuple[Address, ...]:
    """Also takes what the directors call a VIP: with a prefix length, or a dictionary."""
    found = []
    for path, item in reading.items(variable, value, "addresses"):
        written = item.get("address") if isinstance(item, Mapping) else item
        found.append(reading.take(path, _address, str(written).partition("/")[0], None))
    return tuple(dict.fromkeys(vip for vip in found if vip))


def _address(value: Any) -> Address:
    try:
        return ip_address(text(value))
    except (ValueError, RefusedError) as error:
        raise RefusedError(f"{shown(value)} is not an address", "write one such as 10.0.0.250") from error


def _optional(value: Any) -> Address | None:
    return None if value in (None, "") else _address(value)


def _judge_translated(vips: Any, own: Address | None, gateway: Address | None, reading: Reading) -> None:
    if vips:
        reading.report("lvs_real_server_vips", "with nat the director alone has the VIP", "remove it")
    if gateway is None:
        message = "with nat, answers have to go back through the director"
        reading.report("lvs_real_server_gateway", message, "write the VIP that the directors have in this network")
    if own is None:
        message = "it is not known which address answers"
        reading.report("lvs_real_server_address", message, "write this host's own address")
    if own and gateway and own.version != gateway.version:
        reading.report(
            "lvs_real_server_gateway", f"{gateway} is of another family than {own}", "correct one of the two"
        )
    if own and own == gateway:
        reading.report("lvs_real_server_gateway", f"{gateway} is this host itself", "write the directors' VIP")


def _judge_silent(
    values: Mapping[str, Any], forwarding: str, vips: tuple[Address, ...], own: Address | None, reading: Reading
) -> None:
    if not values["lvs_real_server_vips"]:
        reading.report("lvs_real_server_vips", "names no VIP", "list those of the directors, for example [10.0.0.250]")
    if values["lvs_real_server_gateway"]:
        reading.report("lvs_real_server_gateway", f"is for nat, and forwarding is {forwarding}", "remove it")
    if own in vips:
        reading.report("lvs_real_server_vips", f"{own} is this host's own address", "remove it")


def _judge_tunnel(forwarding: str, tunnel: Forwarding, reading: Reading) -> None:
    if forwarding in ("dr", "nat"):
        reading.report("lvs_real_server_tunnel", f"is for tun, and forwarding is {forwarding}", "remove it")
    if tunnel.tunnel == "gre" and tunnel.checksum == "csum":
        message = "the kernel's own end of GRE tunnels takes no packet that has a checksum"
        reading.report("lvs_real_server_tunnel", message, "remove csum here and in the directors' services")


def _answers(own: Address, gateway: Address) -> tuple[Step, ...]:
    """Through the director goes what has this host's address and no network of its own to go to."""
    ip = f"-{own.version}"
    default = f"{ip} route replace default via {gateway} table {TABLE}"

    def rule(priority: int, target: str) -> Step:
        which = f"priority {priority} from {own}"
        return Step(f"{ip} rule add {which} {target}", f"{ip} rule delete {which} {target}", f"{ip} rule show {which}")

    return (
        Step(
            default,
            f"{ip} route flush table {TABLE}",
            f"{ip} -oneline route show table {TABLE} default via {gateway}",
        ),
        rule(KEEPS_NETWORKS, "lookup main suppress_prefixlength 0"),
        rule(TO_DIRECTOR, f"lookup {TABLE}"),
    )
