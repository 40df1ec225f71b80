#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says of a few services whether they are there, enabled and running, and have read what was written for them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: unit_info
short_description: Asks systemd about a few services
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Asks about the services that are named, and no others, which takes a fraction of the time of
    M(ansible.builtin.service_facts).
extends_documentation_fragment: [lbha.pair.attributes]
options:
  names:
    description: The services, without a suffix.
    type: list
    elements: str
    required: true
  read:
    description: The files that they read when they are reloaded.
    type: list
    elements: path
    default: []
  started_from:
    description: The files that they read when they are started, and not when they are reloaded.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Look at the web server
  lbha.pair.unit_info:
    names: [nginx]
  register: found
"""

RETURN = r"""
units:
  description:
    - Each name with C(there), C(enabled), C(running) and C(pending).
    - The last is V(restart) or V(reload) where one of O(started_from) or O(read) was written since, as a run leaves
      it that was aborted in between, and V(none) otherwise.
  returned: success
  type: dict
  sample: {nginx: {there: true, enabled: true, running: true, pending: none}}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.in_force import told
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import units


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "names": {"type": "list", "elements": "str", "required": True},
            "read": {"type": "list", "elements": "path", "default": []},
            "started_from": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    try:
        found = units(module, wanted["names"])
    except OSError as error:
        module.fail_json(msg=str(error))
    said = {name: told(unit, wanted["read"], wanted["started_from"]) for name, unit in found.items()}
    module.exit_json(changed=False, units=said)


if __name__ == "__main__":
    main()
