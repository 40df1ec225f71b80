#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remembers once what a host was like before the role vipd, and says what it is like now.

All that a deploy needs to know beforehand, in one question. It never overwrites what it remembered.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_record
short_description: Remembers what a host was like before vipd, and looks at it
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Writes down, before the first deploy, whether keepalived is installed, enabled and running, its configuration, and
    what it will make by itself, so that the host can be as before when the role is removed. What was written down once
    stays.
  - Fails where the Python that vipd is to run with is too old, before anything is written.
  - Says which of the services there are now.
attributes:
  check_mode:
    support: full
    description: Says the same and writes nothing.
  diff_mode:
    support: none
    description: A configuration may hold a password.
options:
  python:
    description: The node's Python that vipd is to run with, 3.9 or newer.
    type: path
    default: /usr/bin/python3
  path:
    description: Where it is written down.
    type: path
    default: /var/lib/lbha-pair.vipd.json
  config:
    description: The configuration of keepalived.
    type: path
    default: /etc/keepalived/keepalived.conf
  exporter_unit:
    description: What V(vipd-exporter) is started from.
    type: path
    default: /etc/systemd/system/vipd-exporter.service
"""

EXAMPLES = r"""
- name: Remember the host as it is
  lbha.pair.host_record:
  register: found

- name: Say what runs
  ansible.builtin.debug:
    msg: "vipd runs: {{ found.units['vipd'].running }}"
"""

RETURN = r"""
units:
  description:
    - The services V(vipd), V(vipd-exporter) and V(keepalived), each with C(there), C(enabled), C(running), C(pending).
    - The last is V(reload) where O(config) was written after keepalived last read it, as a run leaves it that was
      aborted in between, V(restart) where O(exporter_unit) was written after V(vipd-exporter) was started, and V(none)
      otherwise. Of vipd the modules M(lbha.pair.vipd_program) and M(lbha.pair.vip_config) know.
  returned: success
  type: dict
opened_firewall:
  description: Whether M(lbha.pair.firewall_opening) has opened something.
  returned: success
  type: bool
python_version:
  description: That of O(python).
  returned: success
  type: str
  sample: "3.11"
"""

import base64
import json
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile
from ansible_collections.lbha.pair.plugins.module_utils.firewalls import RECORD
from ansible_collections.lbha.pair.plugins.module_utils.in_force import told
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Host, Unit, units

SERVICES = ("vipd", "vipd-exporter", "keepalived")
OLDEST = (3, 9)
# Keepalived 2.3 writes this file when it starts, makes its directories, and never takes them away.
MADE_BY_KEEPALIVED = ("/etc/iproute2", "/etc/iproute2/rt_addrprotos.d", "/etc/iproute2/rt_addrprotos.d/keepalived.conf")
SECRET = 0o600  # a configuration may hold a password
VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


class UnfitError(Exception):
    """The text says why vipd cannot be here, and what to do."""


def python_version(host: Host, python: str) -> str:
    if not os.access(python, os.X_OK):
        raise UnfitError(f"there is no program {python}: set vipd_python to the path of Python 3.9 or newer")
    status, said, errors = host.run_command([python, "-c", VERSION])
    if status != 0:
        raise UnfitError(f"{python} says no version ({errors.strip()}): set vipd_python to the path of a Python")
    version = said.strip()
    if tuple(map(int, version.split("."))) < OLDEST:
        raise UnfitError(
            f"{python} is Python {version}, and vipd needs 3.9: set vipd_python to the path of a newer one"
        )
    return version


def record(keepalived: Unit, config: str) -> str:
    """What is written down. The configuration is kept byte for byte."""
    text = b""
    if os.path.exists(config):
        with open(config, "rb") as file:
            text = file.read()
    before = {
        "installed": keepalived.there,
        "enabled": keepalived.enabled,
        "running": keepalived.running,
        "config": base64.b64encode(text).decode("ascii"),
        "missing": [path for path in MADE_BY_KEEPALIVED if not os.path.lexists(path)],
    }
    return json.dumps({"keepalived": before}, indent=4, sort_keys=True) + "\n"


def run(host: Host, python: str, path: str, read: dict[str, str], dry: bool) -> dict[str, Any]:
    """``read``: of a service, what it reads or is started from."""
    version = python_version(host, python)
    found = units(host, SERVICES)
    is_new = not os.path.exists(path)
    if is_new and not dry:
        DeployedFile(path, SECRET).write(record(found["keepalived"], read["keepalived"]))
    return {
        "changed": is_new,
        "python_version": version,
        "opened_firewall": os.path.exists(RECORD),
        "units": {
            "vipd": told(found["vipd"]),
            "vipd-exporter": told(found["vipd-exporter"], started_from=[read["vipd-exporter"]]),
            "keepalived": told(found["keepalived"], read=[read["keepalived"]]),
        },
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "python": {"type": "path", "default": "/usr/bin/python3"},
            "path": {"type": "path", "default": "/var/lib/lbha-pair.vipd.json"},
            "config": {"type": "path", "default": "/etc/keepalived/keepalived.conf"},
            "exporter_unit": {"type": "path", "default": "/etc/systemd/system/vipd-exporter.service"},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    read = {"keepalived": wanted["config"], "vipd-exporter": wanted["exporter_unit"]}
    try:
        result = run(module, wanted["python"], wanted["path"], read, module.check_mode)
    except UnfitError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"this host cannot be looked at or remembered: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
