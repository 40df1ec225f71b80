# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role proxy become upstreams and server blocks, or every mistake at once.

Nothing that nginx or haproxy would read as more than a value gets through. Look next at ``haproxy.py`` for what haproxy
makes of them, and at ``settings.py`` for the readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address
from ansible_collections.lbha.pair.plugins.plugin_utils.haproxy import backends_fit
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    FindingsError,
    Reading,
    RefusedError,
    choice,
    integer,
    shown,
    symbol,
    text,
)

NGINX, HAPROXY = PROVIDERS = ("nginx", "haproxy")
DEFAULTS: Mapping[str, Any] = {
    "proxy_state": "present",
    "proxy_provider": "nginx",
    "proxy_upstreams": {},
    "proxy_sites": [],
    "proxy_vips": [],
    "proxy_port": 80,
    "proxy_check_port": 8099,
    "proxy_check": {},
}
SITE_KEYS = ("server_name", "upstream", "vips", "port")
ONLY_UPSTREAM = "backend"
ANY_NAME = "_"
_SERVER_NAME = re.compile(r"(?:[\w.*-]+ ?)+")
_SERVER = re.compile(r"[\w.:\[\]/-]+(?: [\w=]+)*")
_port = integer(1, 65535, "a port")


@dataclass(frozen=True)
class ServerBlock:
    """``address`` is written as in an URL."""

    address: str
    port: int
    server_name: str
    upstream: str


@dataclass(frozen=True)
class Standard:
    """What a site has that does not say otherwise. ``upstreams``: the only one, or the choice there is."""

    upstreams: tuple[str, ...]
    vips: tuple[Address, ...]
    port: int


@dataclass(frozen=True)
class ProxyPlan:
    upstreams: Mapping[str, tuple[str, ...]]
    servers: tuple[ServerBlock, ...]


def proxy_plan(given: Mapping[str, Any]) -> ProxyPlan:
    """``given`` holds the role's variables by their full names. Raises ``FindingsError``."""
    reading = Reading()
    for name in given:
        if name not in DEFAULTS:
            reading.unknown(name, name, DEFAULTS)
    settings = {**DEFAULTS, **given}
    provider = reading.take("proxy_provider", choice(*PROVIDERS), settings["proxy_provider"], NGINX)
    upstreams = _upstreams(settings["proxy_upstreams"], reading)
    if provider == HAPROXY:
        backends_fit(upstreams, reading)
    vips = _addresses("proxy_vips", settings["proxy_vips"], reading)
    port = reading.take("proxy_port", _port, settings["proxy_port"], 80)
    check_port = reading.take("proxy_check_port", _port, settings["proxy_check_port"], 8099)
    if check_port == port:
        reading.report("proxy_check_port", f"{port} is proxy_port, too", "choose another port for the check")
    if not settings["proxy_sites"] and not settings["proxy_vips"]:
        reading.report("proxy_vips", "names no VIP to listen on", "set it, or the topology's VIPs in the inventory")
    standard = Standard(tuple(upstreams), vips, port)
    sites = reading.items("proxy_sites", settings["proxy_sites"] or [{"server_name": ANY_NAME}], "sites")
    blocks = [block for path, item in sites for block in _site(path, item, standard, reading)]
    servers = tuple(dict.fromkeys(blocks))
    _report_doubles(servers, reading)
    if reading.findings:
        raise FindingsError(reading.findings)
    return ProxyPlan(upstreams, servers)


def _upstreams(value: Any, reading: Reading) -> dict[str, tuple[str, ...]]:
    if isinstance(value, list):
        value = {ONLY_UPSTREAM: value} if value else {}
    if not isinstance(value, Mapping) or not value:
        reading.report("proxy_upstreams", "names no server", "write a name and its servers: {web: [10.0.0.7]}")
        return {}
    return {name: _servers(str(name), servers, reading) for name, servers in value.items()}


def _servers(name: str, value: Any, reading: Reading) -> tuple[str, ...]:
    variable = f"proxy_upstreams.{name}"
    reading.take(variable, symbol, name, "")
    servers = [reading.take(path, _server, item, "") for path, item in reading.items(variable, value, "servers")]
    if not servers and isinstance(value, (list, tuple)):
        reading.report(variable, "names no server", "list at least one, such as 10.0.0.7 or 10.0.0.7:8080")
    return tuple(servers)


def _server(value: Any) -> str:
    server = text(value)
    if not _SERVER.fullmatch(server):
        raise RefusedError(f"{shown(value)} is no server", "write host, host:port, or either with nginx's options")
    return server


def _server_name(value: Any) -> str:
    name = text(value)
    if not _SERVER_NAME.fullmatch(name):
        raise RefusedError(f"{shown(value)} is no server name", "write one or more names, with spaces between")
    return name


def _addresses(variable: str, value: Any, reading: Reading) -> tuple[Address, ...]:
    """Also takes what the topology roles call a VIP: with a prefix length, or a dictionary."""
    found = []
    for path, item in reading.items(variable, value, "addresses"):
        written = item.get("address") if isinstance(item, Mapping) else item
        without_prefix = written.partition("/")[0] if isinstance(written, str) else written
        found.append(reading.take(path, _address, without_prefix, None))
    return tuple(dict.fromkeys(vip for vip in found if vip))


def _address(value: Any) -> Address:
    try:
        return ip_address(text(value))
    except ValueError as error:
        raise RefusedError(f"{shown(value)} is not an IP address", "write an address such as 10.0.0.3") from error


def written(vip: Address) -> str:
    return str(vip) if vip.version == 4 else f"[{vip}]"


def _site(path: str, item: Any, standard: Standard, reading: Reading) -> list[ServerBlock]:
    given = reading.mapping(path, item, SITE_KEYS, "a dictionary with server_name and upstream")
    name = reading.take(f"{path}.server_name", _server_name, given.get("server_name"), ANY_NAME)
    upstream = given.get("upstream") or (standard.upstreams[0] if len(standard.upstreams) == 1 else "")
    if upstream not in standard.upstreams and standard.upstreams:
        wrong = f"{shown(upstream)} is not in proxy_upstreams" if upstream else "names no upstream"
        reading.report(f"{path}.upstream", wrong, f"write one of {', '.join(standard.upstreams)}")
    vips = _addresses(f"{path}.vips", given["vips"], reading) if "vips" in given else standard.vips
    port = reading.take(f"{path}.port", _port, given.get("port", standard.port), standard.port)
    return [ServerBlock(written(vip), port, name, str(upstream)) for vip in vips]


def _report_doubles(servers: tuple[ServerBlock, ...], reading: Reading) -> None:
    first: dict[tuple[str, int, str], ServerBlock] = {}
    for server in servers:
        for name in server.server_name.split():
            if first.setdefault((server.address, server.port, name), server) is not server:
                place = f"{server.address}:{server.port}"
                reading.report("proxy_sites", f"two sites are called {name} on {place}", "remove one of the two")
