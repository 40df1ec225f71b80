# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Upstreams and server blocks as haproxy says them: a frontend for each address and port, a backend for each upstream.

A request that asks for no known name gets the first site of the address, as nginx has it. haproxy checks the servers
itself. Look next at ``proxy.py``, which reads the variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading, RefusedError

STANDARD_PORT = 80
_OPTIONS = {"weight": "weight {}", "max_conns": "maxconn {}"}
_WORDS = {"backup": "backup", "down": "disabled"}
_ANY_NAME = "_"


class Block(Protocol):
    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def server_name(self) -> str: ...
    @property
    def upstream(self) -> str: ...


@dataclass(frozen=True)
class Route:
    """``match`` is haproxy's flag for how ``name`` is compared with the host that a request names."""

    match: str
    name: str
    upstream: str


@dataclass(frozen=True)
class Frontend:
    name: str
    bind: str
    routes: list[Route]
    default: str


def frontends(blocks: Sequence[Block]) -> list[Frontend]:
    places = dict.fromkeys((block.address, block.port) for block in blocks)
    found = []
    for number, place in enumerate(places, start=1):
        here = [block for block in blocks if (block.address, block.port) == place]
        routes = [route for block in here for route in _routes(block)]
        found.append(Frontend(f"lbha_{number}", f"{place[0]}:{place[1]}", routes, here[0].upstream))
    return found


def _routes(block: Block) -> Iterator[Route]:
    for name in block.server_name.split():
        if name == _ANY_NAME:
            continue
        if name.startswith("*."):
            yield Route("end", name[1:], block.upstream)
        elif name.endswith(".*"):
            yield Route("beg", name[:-1], block.upstream)
        else:
            yield Route("str", name, block.upstream)


def backends(upstreams: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {
        name: [f"server {name}{number} {_server(server)}" for number, server in enumerate(servers, start=1)]
        for name, servers in upstreams.items()
    }


def backends_fit(upstreams: Mapping[str, Sequence[str]], reading: Reading) -> None:
    """What nginx's options for a server have no counterpart for is told."""
    for name, servers in upstreams.items():
        for number, server in enumerate(servers):
            reading.take(f"proxy_upstreams.{name}[{number}]", _server, server, "")


def _server(server: str) -> str:
    address, *options = server.split() or [""]
    return " ".join([_with_port(address), "check", *map(_option, options)])


def _with_port(address: str) -> str:
    if address.startswith("unix:"):
        return f"unix@{address.removeprefix('unix:')}"
    has_port = "]:" in address if address.startswith("[") else ":" in address
    return address if has_port else f"{address}:{STANDARD_PORT}"


def _option(option: str) -> str:
    key, equals, value = option.partition("=")
    if equals and key in _OPTIONS:
        return _OPTIONS[key].format(value)
    if option in _WORDS:
        return _WORDS[option]
    known = ", ".join((*(f"{name}=N" for name in _OPTIONS), *_WORDS))
    raise RefusedError(f"haproxy has no counterpart for {option}", f"remove it, or use one of {known}")
