# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this node lacks for the virtual servers of a configuration, and what of theirs its kernel has already.

Said by ``vipd -t`` and ``vipctl check --here``, before anything is changed. No obstacle to a start: VRRP runs without
IPVS, and a route may come later.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

from ..config.diagnostics import Diagnostic, Findings
from ..config.lvs import RealServer, VirtualServer
from ..config.lvs_defaults import forwarding, scheduler
from ..config.lvs_services import ServiceKey, keys, title
from ..config.model import Config
from ..director.services import real_destination, service, sorry_destination
from ..director.table import Service
from ..linux.ipvs import Ipvs, NoIpvsError
from ..linux.way import Way, ways_to

MODULES = "/lib/modules"
LOADED = "/sys/module"


def ipvs_here(config: Config, served: Collection[str] = ()) -> tuple[Diagnostic, ...]:
    """``served`` are virtual servers of the director that runs here: what it made is no stranger's."""
    findings = Findings(ours=True)
    servers = config.lvs.virtual_servers
    if servers:
        _kernel(config, served, findings)
        _schedulers(servers, findings)
        ways = ways_to({real.endpoint.address for server in servers for real in server.real_servers})
        for server in servers:
            for real in server.real_servers:
                _way(server, real, ways[real.endpoint.address], findings)
    return findings.in_order()


def _kernel(config: Config, served: Collection[str], findings: Findings) -> None:
    servers = config.lvs.virtual_servers
    try:
        kernel = Ipvs()
    except NoIpvsError as error:
        remedy = "VRRP runs without it"
        findings.error(servers[0].place, f"virtual servers cannot be served: {error}", remedy)
        return
    try:
        table = kernel.services()
    except PermissionError:  # only root may read it
        return
    finally:
        kernel.close()
    groups = {group.name: group for group in config.lvs.groups}
    for server in servers:
        for key in keys(server, groups) if title(server) not in served else ():
            difference = _of_others(server, key, table[key]) if key in table else ""
            if difference:
                message = f"the kernel has the service {key} already, with {difference}"
                findings.warning(server.place, message, "it is taken over and changed: stop what made it")


def _of_others(server: VirtualServer, key: ServiceKey, there: Service) -> str:
    """What is there and is not wanted."""
    if there.settings != service(server, key, {}).settings:
        return f"scheduler {there.scheduler}"
    wanted = {real_destination(server, real, key, 0)[0] for real in server.real_servers}
    if server.sorry_server.endpoint is not None:
        wanted.add(sorry_destination(server, server.sorry_server.endpoint, key, 0)[0])
    return next((f"real server {where}" for where in there.destinations if where not in wanted), "")


def _schedulers(servers: Iterable[VirtualServer], findings: Findings) -> None:
    known = set(_modules())
    if not known:
        return  # a container: its kernel's modules are elsewhere
    for server in servers:
        name = f"ip_vs_{scheduler(server)}"
        if name not in known and not os.path.exists(os.path.join(LOADED, name)):
            message = f"this kernel has no scheduler {scheduler(server)}: there is no module {name}"
            findings.error(server.place, message, "use another lb_algo, or install the module")


def _modules() -> Iterator[str]:
    for name in ("modules.dep", "modules.builtin"):
        try:
            with open(os.path.join(MODULES, os.uname().release, name), encoding="utf-8") as listed:
                for line in listed:
                    yield os.path.basename(line.split(":")[0].strip()).partition(".ko")[0]
        except OSError:
            continue


def _way(server: VirtualServer, real: RealServer, way: Way, findings: Findings) -> None:
    if way is Way.OURSELVES:
        message = f"real server {real.endpoint} is this node itself"
        findings.warning(real.place, message, "IPVS hands it connections only while this node is the director")
    elif way is Way.ROUTER and forwarding(server, real).method == "DR":
        message = (
            f"real server {real.endpoint} is behind a router: DR changes only the MAC, and reaches neighbours alone"
        )
        findings.error(real.place, message, "give an address in a subnet of this node, or use TUN")
