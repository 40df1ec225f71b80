# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.script_users``: whom the scripts of a keepalived.conf run as.

Documented in ``script_users.yml``.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.checks.security import fifos, programs
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse

DAEMON_USER = "vipd"


def script_users(text: str) -> list[str]:
    """The users other than the daemon's own, for whom it needs the right to become somebody else."""
    config = parse(str(text)).config
    users = [command.user or config.global_defs.script_user for _whose, _place, command in programs(config)]
    users += [fifo.owner or config.global_defs.script_user for _keyword, fifo in fifos(config.global_defs)]
    return sorted({user.user for user in users if user} - {DAEMON_USER})


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"script_users": script_users}
