#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moves VIPs off a node on purpose: asks its agent to yield, waits, verifies, and takes them back when in doubt."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vip_failover
short_description: Moves VIPs from this node to a peer, or lets them come back
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Asks vipd to yield (C(vipctl yield)). The VIPs are offered, and change hands as in any preemption. Nobody is without
    them. The node then leaves a master of lower priority alone.
  - It is done when the kernel of this node has none of them and a peer's adverts are heard. Otherwise the node is told
    to take part as before, and the task fails.
  - That no other node has them as well is for the playbook C(lbha.pair.switchover) to say, which asks all.
  - A node that holds none of them has nothing to do.
attributes:
  check_mode:
    support: full
    description: Tells what would move and changes nothing. Whether a peer would take it is not known before.
  diff_mode:
    support: full
    description: Shows the holder of each VIP.
options:
  state:
    description: V(away) moves them off. V(back) ends it, and a node with a higher priority gets them back.
    type: str
    choices: [away, back]
    default: away
  vips:
    description: Addresses. Empty for all of the node. Those of the same instance or sync group go together.
    type: list
    elements: str
    default: []
  for_s:
    description: After so many seconds the node takes part as before. Without it, until told with O(state=back).
    type: float
  force:
    description:
      - Let go at once, with priority 0. Peers with C(nopreempt) take over only then. The VIPs are with nobody for the
        skew time.
      - If no peer takes them the node takes them back.
    type: bool
    default: false
  settle_s:
    description: How many seconds a peer may take to be heard after the VIPs have gone, or the VIPs to come back.
    type: float
    default: 15.0
  socket:
    description: Where vipd is asked.
    type: path
    default: /run/vipd/control.sock
seealso:
  - module: lbha.pair.vip_info
  - module: lbha.pair.vip_maintenance
"""

EXAMPLES = r"""
- name: Let the other node serve for an hour
  lbha.pair.vip_failover:
    for_s: 3600

- name: Only this one
  lbha.pair.vip_failover:
    vips: [10.0.0.3]

- name: And back
  lbha.pair.vip_failover:
    state: back
"""

RETURN = r"""
moved:
  description: VIPs that have changed hands, or would.
  returned: success
  type: list
  elements: str
  sample: [10.0.0.3]
holders:
  description: The address of the node that holds each VIP, as this one hears it. V(here) for this node.
  returned: success
  type: dict
  sample: {10.0.0.3: 10.0.0.6}
"""

import time
from collections.abc import Iterable
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.node_vips import look
from ansible_collections.lbha.pair.plugins.module_utils.providers import SOCKET
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask, patience_s

LOOK_AGAIN_S = 0.2
HERE = "here"
KEEPALIVED = (
    "keepalived cannot be asked to yield: stop it on this node, or move to vipd (lbha.pair.migrate_from_keepalived)"
)

Instances = list[dict[str, Any]]


class NotMovedError(Exception):
    """The text says what is so now, and what to do."""


class Failover:
    """One move. ``looked`` returns what ``vip_info`` does."""

    def __init__(
        self, looked: Callable[[], dict[str, Any]], control_socket: str, vips: list[str], settle_s: float
    ) -> None:
        self._looked = looked
        self._socket = control_socket
        self._vips = vips
        self._settle_s = settle_s

    def instances(self) -> Instances:
        """Those concerned, as they are now."""
        there = self._looked()
        if there["provider"] == "keepalived":
            raise NotMovedError(KEEPALIVED)
        if not there["answers"]:
            raise NotMovedError("; ".join(there["faults"]))
        unknown = sorted(set(self._vips) - set(there["vips"]))
        if unknown:
            raise NotMovedError(
                f"this node has no VIP {', '.join(unknown)}; it has {', '.join(there['vips']) or 'none'}"
            )
        return [one for one in there["instances"] if not self._vips or set(one["vips"]) & set(self._vips)]

    def away(self, masters: Instances, for_s: float | None, force: bool) -> None:
        """Raises NotMovedError when they are all here again, as before."""
        names = [one["name"] for one in masters]
        wait_s = patience_s(ask(self._socket, "status"))
        answer = ask(self._socket, "yield", wait_s, instances=names, for_s=for_s, force=force)
        if not answer["kept"] and self._settled(names, _has_left):
            return
        self.back(names)
        why = (
            "no peer took them" if answer["kept"] else f"no peer was heard as their master within {self._settle_s:g} s"
        )
        raise NotMovedError(
            f"{', '.join(vips_of(masters))} did not move: {why}; this node takes part as before. Does a peer run vipd "
            "(lbha.pair.vip_info), and may it preempt? With nopreempt none does, unless force is set"
        )

    def back(self, names: list[str]) -> None:
        """And wait for those that this node may take from their master."""
        ask(self._socket, "yield", instances=names, end=True)
        self._settled(names, _has_come_back)

    def _settled(self, names: list[str], so: Callable[[dict[str, Any]], bool]) -> bool:
        until = time.monotonic() + self._settle_s
        while not all(so(one) for one in self._looked()["instances"] if one["name"] in names):
            if time.monotonic() > until:
                return False
            time.sleep(LOOK_AGAIN_S)
        return True


def _has_left(one: dict[str, Any]) -> bool:
    return not one["held"] and one["state"] != "MASTER" and one["master"] is not None and not one["stale"]


def _has_come_back(one: dict[str, Any]) -> bool:
    """Or it does not come back by itself."""
    return one["settled"] or one["state"] == "FAULT"


def vips_of(instances: Iterable[dict[str, Any]]) -> list[str]:
    return [vip for one in instances for vip in one["vips"]]


def holders(instances: Instances) -> dict[str, Any]:
    return {vip: HERE if vip in one["held"] else one["master"] for one in instances for vip in one["vips"]}


def run(failover: Failover, state: str, for_s: float | None, force: bool, dry: bool) -> dict[str, Any]:
    before = failover.instances()
    if state == "away":
        movers = [one for one in before if one["state"] == "MASTER"]
        if movers and not dry:
            failover.away(movers, for_s, force)
    else:
        movers = [one for one in before if one["yielding"]]
        if movers and not dry:
            failover.back([one["name"] for one in movers])
    after = before if dry else failover.instances()
    return {
        "changed": bool(movers),
        "moved": vips_of(movers) if dry else _differ(holders(before), holders(after)),
        "holders": holders(after),
        "diff": {"before": _shown(holders(before)), "after": _shown(holders(after))},
    }


def _differ(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [vip for vip, holder in before.items() if after.get(vip) != holder]


def _shown(found: dict[str, Any]) -> str:
    return "".join(f"{vip}: {holder or 'nobody is heard'}\n" for vip, holder in sorted(found.items()))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["away", "back"], "default": "away"},
            "vips": {"type": "list", "elements": "str", "default": []},
            "for_s": {"type": "float"},
            "force": {"type": "bool", "default": False},
            "settle_s": {"type": "float", "default": 15.0},
            "socket": {"type": "path", "default": SOCKET},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    failover = Failover(lambda: look(module, wanted["socket"]), wanted["socket"], wanted["vips"], wanted["settle_s"])
    try:
        result = run(failover, wanted["state"], wanted["for_s"], wanted["force"], module.check_mode)
    except (NotMovedError, NoAnswerError, ValueError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
