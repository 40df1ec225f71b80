#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node's keepalived runs, read as the agent would read it. Changes nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_config_info
short_description: Reads the keepalived.conf of a node, with all that it includes
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Reads the configuration with the agent's own parser, and says what is wrong with it on this node, its interfaces and
    programs included.
  - Says whether keepalived runs and starts at boot, and its version.
extends_documentation_fragment: [lbha.pair.attributes]
options:
  path:
    description:
      - The file. Without it, the one that the running keepalived was started with, or else
        V(/etc/keepalived/keepalived.conf).
    type: path
  sensitive:
    description:
      - Whether RV(text) holds passwords. Use C(no_log) for the task then.
      - Otherwise each of them is C(********).
    type: bool
    default: false
  as_keepalived:
    description:
      - Whether RV(text) says whom scripts run as where the file does not. keepalived takes C(keepalived_script) if
        there is such an account, and root otherwise; vipd takes its own.
    type: bool
    default: true
seealso:
  - plugin: lbha.pair.import_pair
    plugin_type: filter
    description: Makes variables from what all nodes of a pair return.
"""

EXAMPLES = r"""
- name: Look at what is there
  lbha.pair.keepalived_config_info:
  register: there

- name: Show what vipd would say of it
  ansible.builtin.debug:
    var: there.findings
"""

RETURN = r"""
path:
  description: The file that was read.
  returned: success
  type: str
  sample: /etc/keepalived/keepalived.conf
text:
  description:
    - The configuration as one file that means the same. What it includes and what its definitions stand for is in
      place; comments and what vipd does not act upon are gone. Every instance says its C(state), C(priority) and
      C(advert_int), also where it had left them at their defaults.
    - It fails where that cannot be said.
  returned: success
  type: str
config:
  description: The same as data. Passwords are C(********).
  returned: success
  type: dict
findings:
  description:
    - All that is wrong or noteworthy, each with C(severity), C(file), C(line), C(column), C(message), C(remedy).
  returned: success
  type: list
  elements: dict
running:
  description: Whether keepalived runs.
  returned: success
  type: bool
enabled:
  description: Whether it starts at boot.
  returned: success
  type: bool
version:
  description: Its version; empty when it is not installed.
  returned: success
  type: str
  sample: 2.2.7
"""

import pwd
import re
import socket
from dataclasses import replace
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.model_values import as_values, masked
from ansible_collections.lbha.pair.plugins.module_utils.vipd.checks.security import DEFAULT_USER, unrunnable
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.commands import NOTIFIES_NOBODY
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import ConfigError, Diagnostic
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config, ScriptUser
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import concealed, load, parse
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render

DEFAULT_PATH = "/etc/keepalived/keepalived.conf"
_FILE = ("-f", "--use-file")
_CONFIG_ID = ("-i", "--config-id")


def option(argv: list[str], names: tuple[str, str]) -> str:
    """What follows an option on a command line, in any of the forms that getopt takes; empty if it is not there."""
    short, long = names
    for index, word in enumerate(argv):
        if word in names:
            return argv[index + 1] if index + 1 < len(argv) else ""
        if word.startswith(f"{long}="):
            return word[len(long) + 1 :]
        if word.startswith(short) and not word.startswith("--"):
            return word[len(short) :]
    return ""


def command_line(pid: str) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().rstrip("\0").split("\0")
    except OSError:
        return []


def service(module: AnsibleModule) -> dict[str, str]:
    """What systemd says of the unit."""
    systemctl = module.get_bin_path("systemctl")
    if systemctl is None:
        return {}
    wanted = "--property=ActiveState,UnitFileState,MainPID"
    _status, said, _errors = module.run_command([systemctl, "show", "keepalived.service", wanted])
    return dict(re.findall(r"^(\w+)=(.*)$", said, re.MULTILINE))


def version(module: AnsibleModule) -> str:
    keepalived = module.get_bin_path("keepalived", opt_dirs=["/usr/sbin", "/usr/local/sbin"])
    if keepalived is None:
        return ""
    _status, said, more = module.run_command([keepalived, "--version"])
    found = re.search(r"v(\d[\w.]*)", said + more)
    return found[1] if found else ""


def with_script_user(config: Config) -> Config:
    """As keepalived, which is root, runs it on this node."""
    node = config.global_defs
    notifies = [one.notify for one in config.instances] + [one.notify for one in config.sync_groups]
    if node.script_user or not (config.scripts or any(one != NOTIFIES_NOBODY for one in notifies)):
        return config
    try:
        pwd.getpwnam(DEFAULT_USER)
    except KeyError:
        return replace(config, global_defs=replace(node, script_user=ScriptUser("root")))
    return replace(config, global_defs=replace(node, script_user=ScriptUser(DEFAULT_USER)))


def configuration(path: str, config_id: str, sensitive: bool, as_keepalived: bool) -> dict[str, Any]:
    """Raises ConfigError for what cannot be read, ValueError for what cannot be written again."""
    parsed = load(path, config_id)
    interfaces = [name for _index, name in socket.if_nameindex()]
    checked = (*check(parsed.config, interfaces), *unrunnable(parsed.config))
    found = (*parsed.diagnostics, *concealed(checked, parsed))
    config = with_script_user(parsed.config) if as_keepalived else parsed.config
    text = render(config)
    if parse(text).config != config:
        raise ValueError("what it says cannot be put into one file")
    shown = masked(config)
    return {
        "text": text if sensitive else render(shown),
        "config": as_values(shown),
        "findings": [finding(one) for one in found],
    }


def finding(found: Diagnostic) -> dict[str, Any]:
    return {
        "severity": found.severity.value,
        "file": found.place.file,
        "line": found.place.line,
        "column": found.place.column,
        "message": found.message,
        "remedy": found.remedy,
    }


def read(module: AnsibleModule, path: Optional[str], sensitive: bool, as_keepalived: bool) -> dict[str, Any]:
    unit = service(module)
    argv = command_line(unit.get("MainPID", "0"))
    path = path or option(argv, _FILE) or DEFAULT_PATH
    config_id = option(argv, _CONFIG_ID) or socket.gethostname().split(".")[0]
    return {
        "changed": False,
        "path": path,
        "running": unit.get("ActiveState") == "active",
        "enabled": unit.get("UnitFileState") == "enabled",
        "version": version(module),
        **configuration(path, config_id, sensitive, as_keepalived),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "sensitive": {"type": "bool", "default": False},
            "as_keepalived": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        result = read(module, *(module.params[name] for name in ("path", "sensitive", "as_keepalived")))
    except (ConfigError, ValueError) as error:
        module.fail_json(msg=f"the configuration of keepalived cannot be imported: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
