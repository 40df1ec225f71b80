# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this node lacks for the virtual servers of a configuration, and what of theirs its kernel has already.

Said by ``vipd -t`` and ``vipctl check --here``, before anything is changed. No obstacle to a start: VRRP runs without
IPVS, and a route may come later.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ..config.diagnostics import Diagnostic, Findings
from ..config.lvs import RealServer, VirtualServer
from ..config.lvs_defaults import forwarding, scheduler
from ..config.model import Config
from ..director.services import keys, service
from ..linux.ipvs import Ipvs, NoIpvsError
from ..linux.way import Way, way_to

MODULES = "/lib/modules"
LOADED = "/sys/module"


def ipvs_here(config: Config) -> tuple[Diagnostic, ...]:
    findings = Findings(ours=True)
    servers = config.lvs.virtual_servers
    if servers:
        _kernel(config, findings)
        _schedulers(servers, findings)
        for server in servers:
            for real in server.real_servers:
                _way(server, real, findings)
    return findings.in_order()


def _kernel(config: Config, findings: Findings) -> None:
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
        for key in keys(server, groups):
            if key in table and table[key].settings != service(server, key, {}).settings:
                message = f"the kernel has the service {key} already, with scheduler {table[key].scheduler}"
                findings.warning(server.place, message, "it is taken over and changed: stop what made it")


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


def _way(server: VirtualServer, real: RealServer, findings: Findings) -> None:
    way = way_to(real.endpoint.address)
    if way is Way.OURSELVES:
        message = f"real server {real.endpoint} is this node itself"
        findings.warning(real.place, message, "IPVS hands it connections only while this node is the director")
    elif way is Way.ROUTER and forwarding(server, real).method == "DR":
        message = (
            f"real server {real.endpoint} is behind a router: DR changes only the MAC, and reaches neighbours alone"
        )
        findings.error(real.place, message, "give an address in a subnet of this node, or use TUN")
