#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks a node's network whether a pair can live there, before it is deployed. Changes nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_info
short_description: Asks the network whether a pair can live there
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Listens for a few seconds for the adverts of others, asks who has the virtual IPs (ARP, neighbour discovery), and
    calls the other hosts of the pair with a packet of VRRP's protocol that every router discards. Run it on all hosts
    at the same time, so that they hear each other.
  - Looks at interfaces, firewalls (firewalld, ufw, nftables), programs that would take a VIP away (systemd-networkd,
    NetworkManager), the clock, and whether this is a cloud whose network drops multicast or does not follow gratuitous
    ARP.
  - Nothing is changed. What is found does not fail the module. Adverts that come more seldom than O(listen_s) are not
    heard.
extends_documentation_fragment: [lbha.pair.attributes]
options:
  instances:
    description: What this host shall run. The playbook C(lbha.pair.preflight) takes it from the plan of the pair.
    type: list
    elements: dict
    required: true
    suboptions:
      interface:
        description: The interface that adverts are sent on.
        type: str
        required: true
      virtual_router_id:
        description: The number of the instance on the wire.
        type: int
        required: true
      addresses:
        description: The virtual IPs, each as address/prefix.
        type: list
        elements: str
        required: true
      peers:
        description: Where adverts go; without it to the multicast group.
        type: list
        elements: str
        default: []
  hosts:
    description:
      - The addresses of the other hosts of the pair. Whoever answers for a VIP, or sends its adverts, and is none of
        these is a stranger.
    type: list
    elements: str
    default: []
  listen_s:
    description: Seconds to listen.
    type: float
    default: 4
  controller_time_s:
    description: The controller's time, in seconds since 1970, to compare the clock with.
    type: float
notes:
  - Needs the rights of root, for raw sockets, and C(ip) of iproute2.
"""

EXAMPLES = r"""
- name: Ask the network
  lbha.pair.preflight_info:
    instances:
      - interface: eth0
        virtual_router_id: 51
        addresses: [10.0.0.3/24]
    hosts: [10.0.0.6]
  register: asked
"""

RETURN = r"""
findings:
  description: Each with C(check), C(severity) (V(error), V(warning) or V(info)), C(message) and C(remedy).
  returned: success
  type: list
  elements: dict
  sample:
    - check: vrid
      severity: error
      message: VRID 51 is in use on eth0 by 10.0.0.99, for 10.0.0.100
      remedy: "choose another one: 52, 53, 54 were not heard in 4 s"
report:
  description: The same, a line each, for people.
  returned: success
  type: list
  elements: str
adverts:
  description:
    - The adverts that were heard, each with C(interface), C(source), C(virtual_router_id), C(priority), C(addresses).
  returned: success
  type: list
  elements: dict
heard_hosts:
  description: Hosts that called at the same time.
  returned: success
  type: list
  elements: str
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict
from ipaddress import ip_address, ip_interface
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.preflight import (
    clocks,
    clouds,
    firewall,
    interfaces,
    keepers,
    strangers,
)
from ansible_collections.lbha.pair.plugins.module_utils.preflight.finding import Address, Finding, Router, Run
from ansible_collections.lbha.pair.plugins.module_utils.preflight.interfaces import Link
from ansible_collections.lbha.pair.plugins.module_utils.preflight.segment import (
    ArpEar,
    Ear,
    Heard,
    NdpEar,
    VrrpEar,
    listen,
)

INSTANCE = {
    "interface": {"type": "str", "required": True},
    "virtual_router_id": {"type": "int", "required": True},
    "addresses": {"type": "list", "elements": "str", "required": True},
    "peers": {"type": "list", "elements": "str", "default": []},
}


def router(said: Mapping[str, Any]) -> Router:
    return Router(
        interface=said["interface"],
        vrid=said["virtual_router_id"],
        addresses=tuple(map(ip_interface, said["addresses"])),
        peers=tuple(map(ip_address, said["peers"])),
    )


def ears(pair: strangers.Pair, links: Mapping[str, Link]) -> Iterator[Ear]:
    """Only for interfaces that are there and up."""
    for name in dict.fromkeys(router.interface for router in pair.routers):
        link = links.get(name)
        if link is None or not link.up:
            continue
        here = [router for router in pair.routers if router.interface == name]
        wanted = {*pair.hosts, *(vip for router in here for vip in router.vips)}
        if link.mac:
            yield ArpEar(link, (one for one in wanted if one.version == 4))
        for family in (4, 6):
            if not link.own(family, pair.vips):
                continue
            if family == 6 and link.mac:
                yield NdpEar(link, (one for one in wanted if one.version == 6))
            if any(_family(router) == family for router in here):
                yield VrrpEar(link, family, [peer for router in here for peer in router.peers])


def _family(of: Router) -> int:
    return of.vips[0].version


def asked(pair: strangers.Pair, links: Mapping[str, Link]) -> Heard:
    with ExitStack() as opened:
        opened_ears = [opened.enter_context(closing(ear)) for ear in ears(pair, links)]
        return listen(opened_ears, pair.listen_s)


def findings(pair: strangers.Pair, heard: Heard, links: Mapping[str, Link], run: Run) -> Iterator[Finding]:
    yield from interfaces.judge(links, pair.routers)
    yield from strangers.judge(heard, pair, links)
    blocked: list[Finding] = []
    for link in (links[name] for name in dict.fromkeys(one.interface for one in pair.routers) if name in links):
        blocked += firewall.judge(run, link.name, _contents(firewall.UFW_FILES))
        yield from keepers.judge(run, link.name, link.index)
    yield from strangers.unheard(heard, pair, blocked)
    yield from clouds.judge(pair.routers)


def _contents(paths: tuple[str, ...]) -> str:
    texts = []
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        except OSError:
            continue
    return "\n".join(texts)


def result(pair: strangers.Pair, run: Run, listing: str, controller_s: Optional[float]) -> dict[str, Any]:
    """Raises OSError: EPERM without the rights of root."""
    clock = list(clocks.judge(run, time.time(), controller_s))  # before the time is spent on listening
    links = interfaces.links(listing)
    heard = asked(pair, links)
    found = [*findings(pair, heard, links, run), *clock]
    return {
        "changed": False,
        "findings": [asdict(one) for one in dict.fromkeys(found)],
        "report": [f"{one.severity}: {one.message}; {one.remedy}" for one in dict.fromkeys(found)],
        "adverts": [
            {
                "interface": interface,
                "source": str(source),
                "virtual_router_id": vrid,
                "priority": received.advert.priority,
                "addresses": [str(one) for one in received.advert.addresses],
            }
            for (interface, source, vrid), received in heard.adverts.items()
        ],
        "heard_hosts": sorted(map(str, heard.callers)),
    }


def addresses(texts: list[str]) -> frozenset[Address]:
    return frozenset(map(ip_address, texts))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "instances": {"type": "list", "elements": "dict", "required": True, "options": INSTANCE},
            "hosts": {"type": "list", "elements": "str", "default": []},
            "listen_s": {"type": "float", "default": 4},
            "controller_time_s": {"type": "float"},
        },
        supports_check_mode=True,
    )

    def run(program: str, *arguments: str) -> Optional[tuple[int, str]]:
        path = module.get_bin_path(program, opt_dirs=["/usr/sbin", "/sbin"])
        if path is None:
            return None
        status, said, _errors = module.run_command([path, *arguments])
        return status, said

    asked_of = module.params
    try:
        routers = tuple(map(router, asked_of["instances"]))
        pair = strangers.Pair(routers, addresses(asked_of["hosts"]), asked_of["listen_s"])
        shown = run("ip", "-json", "address")
        if shown is None or shown[0] != 0:
            module.fail_json(msg="there is no ip(8) on this host: install iproute2")
        module.exit_json(**result(pair, run, shown[1] if shown else "", asked_of["controller_time_s"]))
    except ValueError as error:
        module.fail_json(msg=f"an address cannot be read: {error}")
    except OSError as error:
        module.fail_json(msg=f"the network cannot be asked: {error}; raw sockets need root: say become")


if __name__ == "__main__":
    main()
