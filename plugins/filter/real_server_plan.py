# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.real_server_plan``, documented in ``real_server_plan.yml``.

The plan is in ``plugin_utils/real_server.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.plugin_utils.ansible_values import plain
from ansible_collections.lbha.pair.plugins.plugin_utils.real_server import real_server_plan as plan
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import FindingsError


def real_server_plan(given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = plan(plain(given))
    except FindingsError as findings:
        raise AnsibleFilterError(str(findings)) from None
    return {
        "modules": list(found.modules),
        "settings": dict(found.settings),
        "steps": [asdict(step) for step in found.steps],
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"real_server_plan": real_server_plan}
