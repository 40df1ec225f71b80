# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reload would do to the IPVS table and to health checks: the LVS half of ``difference.py``.

A virtual server is who it is by its service and protocol, a real server by its address and port within it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .changed import Difference, change, changed, named
from .checkers import question
from .lvs import RealServer, VirtualServer
from .lvs_check import title
from .lvs_defaults import port, weight
from .lvs_settings import Lvs

# What checks do when these change; a check of which nothing changes keeps its standing.
_TIMES = "the times of its checks are changed"
_SETTINGS = "the settings of its checks are changed"
_ANEW = "its checks are changed and begin anew"


def lvs_differences(before: Lvs, after: Lvs) -> tuple[Difference, ...]:
    found = (
        *named("virtual_server_group", before.groups, after.groups),
        *_servers(before, after),
        *(Difference("changed", "SSL", f"SSL: {change(*one)}") for one in changed(before.ssl, after.ssl, set())),
        *(
            Difference("changed", "HTTP_GET", f"HTTP_GET: {change(*one)}")
            for one in changed(before.http, after.http, set())
        ),
    )
    if not found and before != after:
        return (Difference("changed", "virtual_server", "the virtual servers are listed in another order"),)
    return found


def _servers(before: Lvs, after: Lvs) -> Iterator[Difference]:
    old, new = ({title(server): server for server in lvs.virtual_servers} for lvs in (before, after))
    for name in sorted(old.keys() - new.keys()):
        yield Difference("removed", name, f"{name} ends: it leaves the IPVS table with its real servers")
    for name in sorted(new.keys() - old.keys()):
        count = len(new[name].real_servers)
        yield Difference("added", name, f"{name} begins, with {count} real server{'' if count == 1 else 's'}")
    for name in sorted(old.keys() & new.keys()):
        yield from _fields(name, old[name], new[name], {"real_servers", "place"})
        yield from _real_servers(name, old[name], new[name])


def _real_servers(whose: str, before: VirtualServer, after: VirtualServer) -> Iterator[Difference]:
    old, new = ({_name(server, real): real for real in server.real_servers} for server in (before, after))
    for name in sorted(old.keys() - new.keys()):
        text = f"{name} leaves the IPVS table: its connections through {whose} end"
        yield Difference("removed", name, text)
    for name in sorted(new.keys() - old.keys()):
        when = "once its checks pass" if new[name].timing.alpha or after.timing.alpha else "at once"
        yield Difference("added", name, f"{name} enters the IPVS table {when}, for {whose}")
    for name in sorted(old.keys() & new.keys()):
        weights = weight(before, old[name]), weight(after, new[name])
        if weights[0] != weights[1]:
            text = f"{name} of {whose}: weight {weights[0]} -> {weights[1]}{'' if weights[1] else ', it is drained'}"
            yield Difference("changed", name, text)
        told = {"place", "weight"} if weights[0] != weights[1] else {"place"}
        yield from _fields(f"{name} of {whose}", old[name], new[name], told)


def _fields(subject: str, before: Any, after: Any, apart: set[str]) -> Iterator[Difference]:
    for name, old, new in changed(before, after, apart):
        yield Difference("changed", subject, f"{subject}: {_of_checks(name, old, new) or change(name, old, new)}")


def _of_checks(name: str, old: Any, new: Any) -> str:
    if name == "timing":
        return _TIMES
    if name != "checkers":
        return ""
    return _SETTINGS if [question(one) for one in old] == [question(one) for one in new] else _ANEW


def _name(server: VirtualServer, real: RealServer) -> str:
    given = port(server, real)
    return f"real_server {real.endpoint.address}" + (f":{given}" if given else "")
