# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps what a plan says of one host, so that the tasks after it need not make the plan again. All of it is here.

Ansible forks a process for each host and task, after it has loaded the task's action. So the plan's code is loaded
here, once: a process that has to load it itself takes ten times as long as making a plan.
The module of the same name documents it.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.lbha.pair.plugins.filter import firewall_openings, pair_plan, script_users

LOADED_ONCE = (pair_plan, script_users, firewall_openings)


class ActionModule(ActionBase):  # type: ignore[misc]
    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset({"plan"})
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        host = (task_vars or {}).get("inventory_hostname")
        hosts = self._task.args.get("plan", {}).get("hosts", {})
        if host not in hosts:
            raise AnsibleActionFail(f"plan is to be what lbha.pair.pair_plan returns, with {host} among its hosts")
        return {"changed": False, "text": hosts[host]["text"], "hosts": list(hosts), "_ansible_no_log": True}
