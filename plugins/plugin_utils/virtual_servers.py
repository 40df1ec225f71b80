# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variable ``lvs_director_services``: each item becomes a ``virtual_server`` block, or a finding.

A real server is a host of the inventory or an address; the address of a host is looked up, never guessed. Keywords that
no key here has are passed through, and judged by the agent's own parser. Only single services are judged here: look
next at ``directing.py``, which judges them against the directors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.keywords.lvs import SCHEDULERS
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Forwarding
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address, VirtualAddress
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.plugin_utils.options import (
    NO_WORDS,
    OF_PROGRAMS,
    Lines,
    braced,
    lines_of,
    read_options,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reader,
    Reading,
    RefusedError,
    choice,
    integer,
    one_line,
    seconds,
    shown,
    text,
)

SERVICE_KEYS = (
    *("vip", "fwmark", "port", "protocol", "forwarding", "tunnel", "scheduler", "preferred"),
    *("persistence_timeout_s", "quorum", "check", "check_interval_s", "real_servers", "sorry_server", "options"),
)
SERVER_KEYS = ("host", "address", "port", "weight", "forwarding", "tunnel", "check", "options")
FORWARDINGS = ("dr", "nat", "tun")
PROTOCOLS = ("tcp", "udp", "sctp")
CHECKS = {
    **{"tcp": "TCP_CHECK", "http": "HTTP_GET", "https": "SSL_GET", "smtp": "SMTP_CHECK", "dns": "DNS_CHECK"},
    **{"udp": "UDP_CHECK", "ping": "PING_CHECK", "misc": "MISC_CHECK", "file": "FILE_CHECK", "bfd": "BFD_CHECK"},
}
ANY_PAGE = {"path": "/", "status_code": 200}
CHECK_INTERVAL_S = 5.0  # keepalived's own default is a minute
# Keywords that a key of the service, or of a real server, says.
KEY_OF = {
    **{"lb_algo": "scheduler", "lvs_sched": "scheduler", "lb_kind": "forwarding", "lvs_method": "forwarding"},
    **{"protocol": "protocol", "persistence_timeout": "persistence_timeout_s", "quorum": "quorum"},
    **{"delay_loop": "check_interval_s", "sorry_server": "sorry_server", "real_server": "real_servers"},
    **dict.fromkeys(CHECKS.values(), "check"),
}
KEY_OF_SERVER = {"weight": "weight", "lvs_method": "forwarding", **dict.fromkeys(CHECKS.values(), "check")}

_port = integer(1, 65535, "a port")
_weight = integer(0, 2**31 - 1)


@dataclass(frozen=True)
class ServerHost:
    """A host of the inventory that may be a real server; ``None`` where the inventory does not say."""

    name: str
    address: str = ""
    vips: tuple[str, ...] | None = None
    forwarding: str | None = None
    tunnel: str = ""


@dataclass(frozen=True)
class RealServer:
    place: str
    address: Address
    port: int
    method: str
    host: ServerHost | None
    words: Lines = field(default_factory=dict)  # by the key that said them

    @property
    def head(self) -> str:
        return f"real_server {self.address} {self.port}" if self.port else f"real_server {self.address}"


@dataclass(frozen=True)
class Service:
    """``vip`` is missing where packets are chosen by ``mark`` alone; ``port`` 0 is every port."""

    place: str
    vip: VirtualAddress | None
    mark: int | None
    port: int
    protocol: str
    scheduler: str
    preferred: str
    instance: str
    words: Lines
    checks: tuple[str, ...]  # of a real server that has none of its own
    real_servers: tuple[RealServer, ...]

    @property
    def head(self) -> str:
        if self.mark is not None or self.vip is None:
            return f"virtual_server fwmark {self.mark}"
        return f"virtual_server {self.vip.address} {self.port}" if self.port else f"virtual_server {self.vip.address}"

    @property
    def runs_programs(self) -> bool:
        words = (line.strip().partition(" ")[0] for line in self.text.splitlines())
        return not OF_PROGRAMS.isdisjoint(words)

    @property
    def text(self) -> str:
        inner = [line for lines in self.words.values() for line in lines]
        for server in self.real_servers:
            words = {**server.words, "check": server.words.get("check", self.checks)}
            inner += braced(server.head, (line for lines in words.values() for line in lines))
        return "\n".join((*braced(self.head, inner), ""))


@dataclass(frozen=True)
class Reach:
    """How the words of a service lead elsewhere: to a VIP as the topologies write one, with the instance that it names,
    and to a host of the inventory."""

    vip: Callable[[str, Any], tuple[VirtualAddress, str] | None]
    server: Callable[[str], ServerHost | None]


@dataclass(frozen=True)
class _Standard:
    """What a real server has that does not say otherwise."""

    port: int
    method: str
    marked: bool


def read_services(variable: str, value: Any, reach: Reach, reading: Reading) -> tuple[Service, ...]:
    if value in ([], (), None, ""):
        example = "{vip: 10.0.0.250/24, port: 80, forwarding: dr, real_servers: [web01, web02]}"
        reading.report(variable, "names no service", f"list at least one, for example [{example}]")
        return ()
    found = (_service(path, item, reach, reading) for path, item in reading.items(variable, value, "services"))
    return tuple(service for service in found if service is not None)


def _service(path: str, item: Any, reach: Reach, reading: Reading) -> Service | None:
    given = reading.mapping(path, item, SERVICE_KEYS, "a dictionary with vip, port, forwarding and real_servers")
    if not given:
        return None

    def take(key: str, reader: Reader[Any], instead: Any) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], instead) if given.get(key) is not None else instead

    vip, instance = (reach.vip(f"{path}.vip", given["vip"]) if "vip" in given else None) or (None, "")
    mark = take("fwmark", integer(1, 2**32 - 1), None)
    for key, needed in (("vip", "fwmark" not in given), ("forwarding", True), ("real_servers", True)):
        if needed and key not in given:
            reading.report(f"{path}.{key}", "is missing", "give one to the service")
    protocol = take("protocol", choice(*PROTOCOLS), "tcp")
    method = _forwarding(path, given, "forwarding", reading) or "DR"
    port = 0 if "fwmark" in given else take("port", integer(0, 65535, "a port"), 0)
    standard = _Standard(port, method, "fwmark" in given)
    own = {
        "check_interval_s": (f"delay_loop {take('check_interval_s', seconds(0.001, 4294), CHECK_INTERVAL_S):g}",),
        "scheduler": (f"lb_algo {take('scheduler', choice(*SCHEDULERS), 'wlc')}",),
        "forwarding": (f"lb_kind {method}",),
        "protocol": () if "fwmark" in given else (f"protocol {protocol.upper()}",),
        "persistence_timeout_s": _line("persistence_timeout", take("persistence_timeout_s", integer(1, 2678400), None)),
        "quorum": _line("quorum", take("quorum", integer(1, 2**31 - 1), None)),
        "sorry_server": _sorry(f"{path}.sorry_server", given.get("sorry_server"), standard, reach, reading),
    }
    real_servers = _real_servers(f"{path}.real_servers", given.get("real_servers"), standard, reach, reading)
    if vip is None and mark is None:
        return None
    return Service(
        place=path,
        vip=vip,
        mark=mark,
        port=port,
        protocol=protocol,
        scheduler=str(own["scheduler"][0].split()[1]),
        preferred=take("preferred", text, ""),
        instance=instance,
        words={**own, **_options(path, given, KEY_OF, reading)},
        checks=_checks(f"{path}.check", given.get("check", {"tcp": {}} if protocol == "tcp" and port else {}), reading),
        real_servers=real_servers,
    )


def _line(keyword: str, value: Any) -> tuple[str, ...]:
    return NO_WORDS if value is None else (f"{keyword} {value}",)


def _options(path: str, given: Mapping[str, Any], key_of: Mapping[str, str], reading: Reading) -> dict[str, Any]:
    def owner(keyword: str) -> str:
        return f"{path}.{key_of[keyword]}" if keyword in key_of else ""

    found = read_options(f"{path}.options", given.get("options", {}), owner, reading)
    return {f"options.{keyword}": lines for keyword, lines in found.items()}


def _forwarding(path: str, given: Mapping[str, Any], key: str, reading: Reading) -> str:
    """``DR``, ``NAT``, or ``TUN`` with the tunnel's words; empty where nothing is said."""
    if given.get(key) is None:
        return ""
    method = reading.take(f"{path}.{key}", choice(*FORWARDINGS), given[key], "dr").upper()
    tunnel = reading.take(f"{path}.tunnel", one_line, given.get("tunnel"), "")
    if tunnel and method != "TUN":
        reading.report(f"{path}.tunnel", f"forwarding {method.lower()} has none", "remove it, or write forwarding: tun")
    return f"TUN {tunnel}" if tunnel and method == "TUN" else str(method)


def read_tunnel(words: Any) -> Forwarding:
    """What follows ``TUN`` in keepalived.conf: nothing is ipip."""
    parsed = parse(f"virtual_server fwmark 1 {{\nlb_kind TUN {one_line(words)}\n}}\n")
    for fault in parsed.errors:
        raise RefusedError(fault.message.removeprefix("lb_kind "), "write type gre, or type gue port 6080")
    return parsed.config.lvs.virtual_servers[0].lb_kind or Forwarding("TUN")


def _checks(path: str, value: Any, reading: Reading) -> tuple[str, ...]:
    known = reading.mapping(path, {} if value is None else value, CHECKS, f"a dictionary of {', '.join(CHECKS)}")
    lines: list[str] = []
    for name, settings in known.items():
        wanted = {} if settings in (None, True, "") else settings
        if name in ("http", "https") and isinstance(wanted, Mapping) and "url" not in wanted:
            wanted = {"url": ANY_PAGE, **wanted}
        lines += reading.take(f"{path}.{name}", _check(CHECKS[name]), wanted, NO_WORDS)
    return tuple(lines)


def _check(keyword: str) -> Reader[tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        several = isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
        if not (several or isinstance(value, Mapping)):
            raise RefusedError(f"{shown(value)} is no check", f"write a dictionary of {keyword}'s keywords, or {{}}")
        return lines_of(keyword)(value)

    return read


def _real_servers(path: str, value: Any, standard: _Standard, reach: Reach, reading: Reading) -> tuple[RealServer, ...]:
    items = list(reading.items(path, value, "hosts or addresses")) if value is not None else []
    if value == []:
        reading.report(path, "names no real server", "list hosts of the inventory, or addresses")
    found = (_real_server(place, item, standard, reach, reading) for place, item in items)
    return tuple(server for server in found if server is not None)


def _real_server(path: str, item: Any, standard: _Standard, reach: Reach, reading: Reading) -> RealServer | None:
    whole = isinstance(item, Mapping)
    given = reading.mapping(path, item if whole else {"host": item}, SERVER_KEYS, "a host, an address or a dictionary")
    where = path if not whole else f"{path}.{'host' if 'host' in given else 'address'}"
    found = _found(where, given.get("address", given.get("host")), reach, reading)
    port = given.get("port", found[2] if found else None)
    if found is None:
        return None
    if standard.marked and port is not None:
        reading.report(f"{path}.port", "a firewall mark stands for every port", "remove it")
    method = _forwarding(path, given, "forwarding", reading)
    weight = reading.take(f"{path}.weight", _weight, given["weight"], 1) if "weight" in given else 1
    checks = {"check": _checks(f"{path}.check", given["check"], reading)} if "check" in given else {}
    return RealServer(
        place=path,
        address=found[0],
        port=standard.port if port is None else reading.take(f"{path}.port", _port, port, standard.port),
        method=method or standard.method,
        host=found[1],
        words={
            "weight": (f"weight {weight}",),
            "forwarding": (f"lvs_method {method}",) if method else NO_WORDS,
            **_options(path, given, KEY_OF_SERVER, reading),
            **checks,
        },
    )


def _found(
    path: str, value: Any, reach: Reach, reading: Reading
) -> tuple[Address, ServerHost | None, str | None] | None:
    """The address of a host of the inventory, or the one that is written, with the port that is."""
    name = reading.take(path, text, value, "")
    host = reach.server(name) if name else None
    if host is not None:
        address = _address(host.address)
        if address is None:
            message = f"the inventory does not say which address {name} has"
            reading.report(path, message, "set lvs_real_server_address, or ansible_host, for that host")
        return None if address is None else (address, host, None)
    written, port = _split(name)
    address = _address(written)
    if address is None:
        reading.report(path, f"{shown(value)} is no host of the inventory and no address", "write one of the two")
    return None if address is None else (address, None, port)


def _split(written: str) -> tuple[str, str | None]:
    """``10.0.0.7:8080`` and ``[2001:db8::7]:80`` have a port, ``2001:db8::7`` has none."""
    host, colon, port = written.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return written.strip("[]"), None
    return host.strip("[]"), port


def _address(written: str) -> Address | None:
    try:
        return ip_address(written)
    except ValueError:
        return None


def _sorry(path: str, value: Any, standard: _Standard, reach: Reach, reading: Reading) -> tuple[str, ...]:
    if value in (None, ""):
        return NO_WORDS
    found = _found(path, value, reach, reading)
    if found is None:
        return NO_WORDS
    port = reading.take(path, _port, found[2], 0) if found[2] else standard.port
    return (f"sorry_server {found[0]} {port}" if port else f"sorry_server {found[0]}",)


def all_servers(services: Iterable[Service]) -> list[tuple[Service, RealServer]]:
    return [(service, server) for service in services for server in service.real_servers]
