# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's half of ``lbha.pair.vipd_program``: build the program, send it to a node that lacks it.

The module of the same name does what is to be done on the node, and is where the options are documented.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.lbha.pair.plugins.plugin_utils.program import Program, build

MODULE = "lbha.pair.vipd_program"


class ActionModule(ActionBase):  # type: ignore[misc]
    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        for given in {"sha256", "src"} & arguments.keys():
            raise AnsibleActionFail(f"{given} is for internal use: the program is built from the collection itself")
        if arguments.get("state") == "absent":
            return self._on_node(arguments, task_vars)
        program = build(arguments.get("python", "/usr/bin/python3"))
        arguments["sha256"] = program.sha256
        result = {"missing": boolean(arguments.get("missing", False))}
        if not result["missing"] or self._task.check_mode:
            result = self._on_node(arguments, task_vars)
        if result.pop("missing", False) and not self._task.check_mode:
            result = self._on_node({**arguments, "src": self._send(program)}, task_vars)
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _on_node(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        return result

    def _send(self, program: Program) -> str:
        directory = self._make_tmp_path()
        path: str = self._connection._shell.join_path(directory, "vipd.pyz")
        self._transfer_data(path, program.content)
        self._fixup_perms2((directory, path))
        return path
