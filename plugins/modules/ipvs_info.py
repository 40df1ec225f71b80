#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS table, and what vipd's director makes of its real servers. Changes nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: Tells which virtual servers a director's kernel has, and who serves
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Reads the kernel's table as C(ipvsadm -Ln) shows it, whoever made it.
  - Where vipd's director answers, it says of each real server whether it serves and why.
extends_documentation_fragment: [lbha.pair.attributes]
options:
  socket:
    description: Where vipd's director is asked.
    type: path
    default: /run/vipd/director.sock
  timeout_s:
    description: How many seconds its answer may take.
    type: float
    default: 5.0
seealso:
  - module: lbha.pair.ipvs_drain
"""

EXAMPLES = r"""
- name: Look at a director
  lbha.pair.ipvs_info:
  register: ipvs

- name: Show who is down
  ansible.builtin.debug:
    msg: "{{ ipvs.virtual_servers | map(attribute='real_servers') | flatten | rejectattr('alive') }}"
"""

RETURN = r"""
available:
  description: Whether the kernel has IPVS.
  returned: success
  type: bool
version:
  description: The version of IPVS. Empty when there is none.
  returned: success
  type: str
  sample: 1.2.1
services:
  description: Every service of the kernel's table.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: Protocol, address and port, or firewall mark.
      type: str
      sample: TCP 10.0.0.250:80
    scheduler:
      description: How connections are spread.
      type: str
      sample: wrr
    persistence_s:
      description: For how many seconds a client stays with its real server. 0 is not at all.
      type: int
    destinations:
      description:
        - Who gets them, each with C(address), C(forwarding), C(weight), C(active) and C(inactive) connections, and what
          it has done so far.
      type: list
      elements: dict
director:
  description: Whether vipd's director answers.
  returned: success
  type: bool
virtual_servers:
  description:
    - What it says. Each has C(virtual_server), C(quorate), C(quorum), C(weight), and C(real_servers) with
      C(real_server), C(alive), C(admin), C(weight), C(reason) and C(checks).
  returned: success
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask
from ansible_collections.lbha.pair.plugins.module_utils.vipd.linux.ipvs import Ipvs, NoIpvsError
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.ipvs_table import KernelTable


def table() -> dict[str, Any]:
    """The kernel's."""
    try:
        kernel = Ipvs()
    except NoIpvsError:
        return {"available": False, "version": "", "services": []}
    try:
        listing = KernelTable(kernel, lambda _complaint: None).listing()
    finally:
        kernel.close()
    return {"available": True, "version": listing["version"], "services": listing["services"]}


def director(socket: str, timeout_s: float) -> dict[str, Any]:
    try:
        answer = ask(socket, "director", timeout_s)
    except NoAnswerError:
        return {"director": False, "virtual_servers": []}
    return {"director": True, "virtual_servers": answer["virtual_servers"]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "socket": {"type": "path", "default": "/run/vipd/director.sock"},
            "timeout_s": {"type": "float", "default": 5.0},
        },
        supports_check_mode=True,
    )
    try:
        found = {**table(), **director(module.params["socket"], module.params["timeout_s"])}
    except OSError as error:
        module.fail_json(msg=f"the table of IPVS cannot be read: {error.strerror or error}; root is needed")
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
