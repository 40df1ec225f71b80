#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node says of its VIPs. Changes nothing; ``module_utils/node_vips.py`` looks."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vip_info
short_description: Tells who holds the VIPs, as one node sees it
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Asks the agent and the kernel of a node, and says where the two contradict each other.
  - It has an answer when the agent is stopped or hangs, and for keepalived. Configuration and kernel are then all that
    is known, and RV(instances) has V(null) for the rest.
  - Whether a VIP is on exactly one node only all nodes together can say. See the playbook
    C(lbha.pair.assert_single_holder).
extends_documentation_fragment: [lbha.pair.attributes]
options:
  socket:
    description: Where vipd is asked.
    type: path
    default: /run/vipd/control.sock
  timeout_s:
    description: How many seconds an answer may take. After that vipd counts as hung.
    type: float
    default: 5.0
seealso:
  - module: lbha.pair.vip_failover
  - module: lbha.pair.vip_maintenance
"""

EXAMPLES = r"""
- name: Look at the pair
  lbha.pair.vip_info:
  register: pair

- name: Stop when a node has doubts
  ansible.builtin.assert:
    that: pair.faults | length == 0
    fail_msg: "{{ pair.faults }}"
"""

RETURN = r"""
provider:
  description: V(vipd), V(keepalived) or V(none). The one that runs, otherwise the one that is there.
  returned: success
  type: str
running:
  description: Whether it runs.
  returned: success
  type: bool
answers:
  description: Whether vipd answers. A daemon that runs and does not is hung.
  returned: success
  type: bool
faults:
  description: Whatever is not as it should be on this node, in sentences. Empty on a healthy one.
  returned: success
  type: list
  elements: str
maintenance:
  description: Whether the node is in maintenance. V(null) where that is not known.
  returned: success
  type: bool
maintenance_reason:
  description: Why.
  returned: success
  type: str
vips:
  description: All addresses that the node may have to hold.
  returned: success
  type: list
  elements: str
  sample: [10.0.0.3]
held:
  description: Those that its kernel has now.
  returned: success
  type: list
  elements: str
  sample: [10.0.0.3]
macs:
  description: For each of RV(held), the MAC address of the interface that has it.
  returned: success
  type: dict
  sample: {10.0.0.3: "52:54:00:12:34:56"}
instances:
  description: Every C(vrrp_instance).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    interface:
      description: Where it speaks.
      type: str
    family:
      description: V(4) or V(6), over which its adverts go. V(null) where an agent of an older release does not tell.
      type: int
    virtual_router_id:
      description: Its number, the same on all nodes.
      type: int
    state:
      description:
        - V(INIT), V(BACKUP), V(MASTER) or V(FAULT).
        - Where nobody could be asked it is V(MASTER) when the kernel has its VIPs, and V(null) otherwise.
      type: str
    priority:
      description: What it adverts with, or would.
      type: int
    base_priority:
      description: What its configuration says.
      type: int
    nopreempt:
      description: Whether it leaves a master of lower priority alone, always.
      type: bool
    settled:
      description:
        - Whether nothing is about to change. It is master and has its VIPs, or it hears a master that it leaves alone.
      type: bool
    since_s:
      description: For how many seconds it has been in this state.
      type: float
    reason:
      description: Why it came to it.
      type: str
    sync_group:
      description: The sync group that it is in.
      type: str
    takes_over_in_s:
      description: When a backup takes over, without another advert. V(null) for who does not.
      type: float
    vips:
      description: Its addresses.
      type: list
      elements: str
    held:
      description: Those that the kernel has.
      type: list
      elements: str
    master:
      description: The address of the master that a backup hears.
      type: str
    master_priority:
      description: That one's priority.
      type: int
    advert_age_s:
      description: How many seconds ago it was heard.
      type: float
    stale:
      description: Whether that is too long ago for a master that lives.
      type: bool
    yielding:
      description:
        - Whether it is to give its VIPs away, as an operator asked or because the kernel refuses one.
        - C(offering), C(ends_in_s) of an offer, which is V(null) for until somebody takes them, C(back_off_s), which is
          V(null) for until told, and C(why).
      type: dict
    faults:
      description: What keeps it from being master.
      type: list
      elements: str
transitions:
  description: The last ones, the oldest first, with C(at), C(instance), C(before), C(after), C(priority), C(reason).
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.node_vips import look
from ansible_collections.lbha.pair.plugins.module_utils.providers import SOCKET


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "socket": {"type": "path", "default": SOCKET},
            "timeout_s": {"type": "float", "default": 5.0},
        },
        supports_check_mode=True,
    )
    try:
        found = look(module, module.params["socket"], module.params["timeout_s"])
    except (ValueError, OSError) as error:
        module.fail_json(msg=f"this node cannot be looked at: {error}")
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
