# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role lvs_real_server become kernel settings and iproute2's commands, or every mistake at once.

With DR and TUN a real server takes packets for the VIP and never says that it has it; with NAT it sends its answers
back through the director. The host's default route stays what it is: answers alone take another one. Look next at
``settings.py`` for the readers, and at the module ``iproute_dropin``, which carries the commands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    FindingsError,
    Reading,
    RefusedError,
    choice,
    shown,
    text,
)

DEFAULTS: Mapping[str, Any] = {
    "lvs_real_server_state": "present",
    "lvs_real_server_vips": [],
    "lvs_real_server_forwarding": "dr",
    "lvs_real_server_address": "",
    "lvs_real_server_gateway": "",
}
# A request is answered by whom it asks for on that very interface, and asked with an address that belongs to it.
SILENT = {"arp_ignore": "1", "arp_announce": "2"}
TUNNEL = "tunl0"
# Of NAT's answers: a routing table of their own, and two rules, which must be alone with their numbers.
TABLE = 19542
KEEPS_NETWORKS, TO_DIRECTOR = 19541, 19542


@dataclass(frozen=True)
class Step:
    """Commands of ``ip``; ``show`` prints something where ``start`` has been done."""

    start: str
    stop: str
    show: str


@dataclass(frozen=True)
class RealServerPlan:
    modules: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


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
    if forwarding == "nat":
        _judge_translated(values["lvs_real_server_vips"], own, gateway, reading)
    elif forwarding:
        _judge_silent(values, forwarding, vips, own, reading)
    if reading.findings:
        raise FindingsError(reading.findings)
    if forwarding == "nat" and own and gateway:
        return RealServerPlan(steps=_answers(own, gateway))
    return _tunnelled(vips) if forwarding == "tun" else _direct(vips)


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
    for vip in vips:
        if forwarding == "tun" and vip.version == 6:
            reading.report("lvs_real_server_vips", f"{vip} is IPv6, and tun is for IPv4 here", "use dr, or nat")


def _direct(vips: tuple[Address, ...]) -> RealServerPlan:
    silent = any(vip.version == 4 for vip in vips)  # IPv6 answers for the addresses of that very interface alone
    settings = _silent("all", "lo") if silent else {}
    return RealServerPlan(settings=settings, steps=tuple(step for vip in vips for step in _vip(vip, "lo")))


def _tunnelled(vips: tuple[Address, ...]) -> RealServerPlan:
    """What comes out of the tunnel has a client's address, to which no route leads back into it."""
    lax = {f"net.ipv4.conf.{name}.rp_filter": "0" for name in ("all", TUNNEL)}
    up = Step(f"link set {TUNNEL} up", f"link set {TUNNEL} down", f"-oneline link show dev {TUNNEL} up")
    steps = tuple(step for vip in vips for step in _vip(vip, TUNNEL))
    return RealServerPlan(("ipip",), {**_silent("all", "lo", TUNNEL), **lax}, (up, *steps))


def _silent(*interfaces: str) -> dict[str, str]:
    return {f"net.ipv4.conf.{name}.{key}": value for name in interfaces for key, value in SILENT.items()}


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
