# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual servers as ``lvs_director_services`` says them: what ``virtual_servers.py`` would read into the same blocks.

Keywords that a key has are said there, all others are options. A check that all real servers share is the service's.
Nothing here proves anything: look next at ``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Endpoint, FirewallMark, VirtualServer
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_defaults import (
    DELAY_LOOP_S,
    NAT,
    protocol,
    scheduler,
    weight,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_settings import Lvs
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.plugin_utils.options import OF_PROGRAMS, scalar
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import UnfitError, require
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import CHECK_INTERVAL_S, CHECKS

_CHECK_OF = {keyword: name for name, keyword in CHECKS.items()}
_NUMBERS = {"persistence_timeout": "persistence_timeout_s", "quorum": "quorum"}


@dataclass(frozen=True)
class Line:
    """A keyword with its words; ``inner`` None unless it opens a block."""

    keyword: str
    words: str
    inner: tuple[Line, ...] | None = None


def explicit(server: VirtualServer) -> VirtualServer:
    """With what a role always says, also where it is the default."""
    loop_s = server.timing.delay_loop_s
    marked = isinstance(server.service, FirewallMark)  # such a service has any protocol
    return replace(
        server,
        lb_algo=scheduler(server),
        lb_kind=server.lb_kind or NAT,
        protocol=server.protocol if marked else protocol(server),
        timing=replace(server.timing, delay_loop_s=DELAY_LOOP_S if loop_s is None else loop_s),
        real_servers=tuple(replace(real, weight=weight(server, real)) for real in server.real_servers),
    )


def services(virtual_servers: Sequence[VirtualServer], vips: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``vips``: what a VIP's item is, by its address."""
    return [_service(explicit(one), vips) for one in virtual_servers]


def runs_programs(virtual_servers: Sequence[VirtualServer]) -> bool:
    """Whether the role would derive script security for them."""
    rendered = render(Config(lvs=Lvs(virtual_servers=tuple(virtual_servers)))).splitlines()
    return not OF_PROGRAMS.isdisjoint(line.split()[0] for line in rendered if line.strip())


def _service(virtual_server: VirtualServer, vips: Mapping[str, Any]) -> dict[str, Any]:
    (block,) = _lines(iter(render(Config(lvs=Lvs(virtual_servers=(virtual_server,)))).splitlines()))
    item: dict[str, Any] = _what_it_is_for(virtual_server, vips)
    interval_s: float = DELAY_LOOP_S
    options: list[Line] = []
    servers: list[Line] = []
    for line in block.inner or ():
        if line.keyword == "lb_kind":
            item |= _forwarding(line.words)
        elif line.keyword == "lb_algo":
            item["scheduler"] = line.words
        elif line.keyword == "protocol":
            item |= {"protocol": line.words.lower()} if line.words != "TCP" else {}
        elif line.keyword == "delay_loop":
            interval_s = float(line.words)
        elif line.keyword in _NUMBERS:
            item[_NUMBERS[line.keyword]] = int(line.words)
        elif line.keyword == "sorry_server":
            item["sorry_server"] = _endpoint(line.words)
        elif line.keyword == "real_server":
            servers.append(line)
        else:
            options.append(line)
    if interval_s != CHECK_INTERVAL_S:
        item["check_interval_s"] = int(interval_s) if interval_s.is_integer() else interval_s
    if options:
        item["options"] = _dictionary(options)
    return {**item, **_real_servers([_real_server(one, item) for one in servers], item)}


def _what_it_is_for(virtual_server: VirtualServer, vips: Mapping[str, Any]) -> dict[str, Any]:
    service = virtual_server.service
    if isinstance(service, FirewallMark):
        return {"fwmark": service.number}
    if not isinstance(service, Endpoint):
        raise UnfitError(f"{service} is a virtual_server_group, which has no variable")
    require(str(service.address) in vips, f"{service.address} of a virtual_server is no VIP of an instance")
    return {"vip": vips[str(service.address)], **({"port": service.port} if service.port else {})}


def _real_servers(items: list[dict[str, Any]], service: Mapping[str, Any]) -> dict[str, Any]:
    """With the check that all of them have said once."""
    usual: dict[str, Any] = {"tcp": {}} if service.get("protocol", "tcp") == "tcp" and service.get("port") else {}
    checks = [item["check"] for item in items]
    if checks and all(check == checks[0] for check in checks):
        found = {"check": checks[0]} if checks[0] != usual else {}
        items = [{key: value for key, value in item.items() if key != "check"} for item in items]
    else:
        found = {}
    return {**found, "real_servers": [item["address"] if len(item) == 1 else item for item in items]}


def _real_server(block: Line, service: Mapping[str, Any]) -> dict[str, Any]:
    address, _space, port = block.words.partition(" ")
    item: dict[str, Any] = {"address": address}
    if port and int(port) != service.get("port"):
        item["port"] = int(port)
    check: dict[str, Any] = {}
    options: list[Line] = []
    for line in block.inner or ():
        if line.keyword == "weight":
            item |= {"weight": int(line.words)} if line.words != "1" else {}
        elif line.keyword == "lvs_method":
            item |= _forwarding(line.words)
        elif line.keyword in _CHECK_OF:
            _add(check, _CHECK_OF[line.keyword], {} if line.inner is None else _dictionary(line.inner))
        else:
            options.append(line)
    if options:
        item["options"] = _dictionary(options)
    return {**item, "check": check}


def _forwarding(words: str) -> dict[str, Any]:
    method, _space, tunnel = words.partition(" ")
    return {"forwarding": method.lower(), **({"tunnel": tunnel} if tunnel else {})}


def _endpoint(words: str) -> str:
    address, _space, port = words.partition(" ")
    if not port:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


# -- blocks as dictionaries ------------------------------------------------------------------------------------------


def _lines(rendered: Iterator[str]) -> tuple[Line, ...]:
    """Up to the end of the block, as ``render`` writes it."""
    found: list[Line] = []
    for written in map(str.strip, rendered):
        if written == "}":
            break
        keyword, _space, words = written.removesuffix(" {").partition(" ")
        if written.endswith(" {"):
            found.append(Line(keyword, words, _lines(rendered)))
        elif written:
            found.append(Line(keyword, words))
    return tuple(found)


def _dictionary(lines: Sequence[Line]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        if line.inner is None:
            _add(found, line.keyword, scalar(line.words) if line.words else True)
        else:
            key = f"{line.keyword} {line.words}" if line.words else line.keyword
            _add(found, key, _dictionary(line.inner))
    return found


def _add(found: dict[str, Any], key: str, value: Any) -> None:
    """A second block of one name makes a list; a second line has no form."""
    if key not in found:
        found[key] = value
        return
    require(isinstance(value, dict), f"{key} is said twice, which an option cannot")
    before = found[key]
    found[key] = [*before, value] if isinstance(before, list) else [before, value]
