#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks by ARP who has a VIP, from a neighbour of those who might answer. Changes nothing, not even neighbour tables.

The questions are probes (RFC 5227): their sender is 0.0.0.0, so that nobody learns from them.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: vip_arp_verify
short_description: Makes sure that one host alone answers ARP for a VIP
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Sends ARP requests for a VIP and fails when more than one host answers, or none, or the wrong one.
  - Run it on a host of the same network that is neither a director nor a real server. A real server of LVS that is not
    set up to keep quiet answers now and then, and takes connections from the director.
extends_documentation_fragment: [lbha.pair.attributes]
options:
  vip:
    description: The address to ask for, IPv4.
    type: str
    required: true
  interface:
    description: Where to ask.
    type: str
    default: eth0
  mac:
    description: Who must answer. Without it, any one host.
    type: str
  requests:
    description: How many times to ask.
    type: int
    default: 20
  interval_s:
    description: Seconds between requests.
    type: float
    default: 0.05
  wait_s:
    description: Seconds to wait for answers after the last request.
    type: float
    default: 1.0
"""

EXAMPLES = r"""
- name: Only the director answers for the VIP
  lbha.pair.vip_arp_verify:
    vip: 10.0.0.250
    interface: eth0
"""

RETURN = r"""
answers:
  description: How many answers came from each MAC.
  returned: always
  type: dict
  sample: {"02:00:00:00:00:01": 20}
requests:
  description: How many requests were sent.
  returned: always
  type: int
"""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.vipd.wire.arp import decode, encode_probe
from ansible_collections.lbha.pair.plugins.module_utils.vipd.wire.errors import WireError

ETHERTYPE_ARP = 0x0806
REPLY = 2
REQUESTS_MAX = 10000
FRAMES_MAX = 100000  # of others; a storm must not keep the task


def shown(mac: bytes) -> str:
    return mac.hex(":")


def answerer(frame: bytes, vip: IPv4Address) -> Optional[str]:
    """The MAC of who says that it has the VIP."""
    try:
        found = decode(frame)
    except WireError:
        return None
    return shown(found.sender_mac) if found.operation == REPLY and found.sender == vip else None


def asked(wire: socket.socket, vip: IPv4Address, requests: int, interval_s: float, wait_s: float) -> Counter[str]:
    """Answers to ``requests`` probes, by MAC."""
    question = encode_probe(wire.getsockname()[4], vip)
    answers: Counter[str] = Counter()
    for number in range(requests):
        wire.send(question)
        answers.update(heard(wire, vip, interval_s if number + 1 < requests else wait_s))
    return answers


def heard(wire: socket.socket, vip: IPv4Address, for_s: float) -> Iterator[str]:
    until_s = time.monotonic() + for_s
    for _frame in range(FRAMES_MAX):
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            return
        wire.settimeout(left_s)
        try:
            mac = answerer(wire.recv(128), vip)
        except socket.timeout:
            return
        if mac:
            yield mac


def fault(vip: IPv4Address, answers: Counter[str], mac: str) -> str:
    """A sentence; empty when all is well."""
    told = ", ".join(f"{one} ({count} times)" for one, count in sorted(answers.items()))
    if not answers:
        return f"nobody answers for {vip}: is a director up, and is this host in its network?"
    if len(answers) > 1:
        return (
            f"{len(answers)} hosts answer for {vip}: {told}. Apart from the director's they are real servers that have"
            " to keep quiet (role lbha.pair.lvs_real_server), or a second director that thinks it is active"
        )
    if mac and mac.lower() not in answers:
        return f"{told} answers for {vip}, and {mac} should"
    return ""


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "vip": {"type": "str", "required": True},
            "interface": {"type": "str", "default": "eth0"},
            "mac": {"type": "str"},
            "requests": {"type": "int", "default": 20},
            "interval_s": {"type": "float", "default": 0.05},
            "wait_s": {"type": "float", "default": 1.0},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    try:
        vip = IPv4Address(wanted["vip"].partition("/")[0])
    except ValueError:
        module.fail_json(msg=f"vip is {wanted['vip']!r}: write an IPv4 address; IPv6 has no ARP")
    requests = min(max(1, wanted["requests"]), REQUESTS_MAX)
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE_ARP)) as wire:
            wire.bind((wanted["interface"], ETHERTYPE_ARP))
            answers = asked(wire, vip, requests, wanted["interval_s"], wanted["wait_s"])
    except OSError as error:
        module.fail_json(msg=f"cannot ask on {wanted['interface']}: {error.strerror or error}; root is needed")
    result = {"changed": False, "answers": dict(answers), "requests": requests}
    wrong = fault(vip, answers, wanted["mac"] or "")
    if wrong:
        module.fail_json(msg=wrong, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
