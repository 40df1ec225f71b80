# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program keeps the VIPs of a node, and where vipd is asked.

What the VIPs are is in ``node_vips.py``, which brings the whole grammar along: too much for a module that needs none.
"""

from __future__ import annotations

import re
from typing import Optional, Protocol

SOCKET = "/run/vipd/control.sock"
PROVIDERS = ("vipd", "keepalived")


class Host(Protocol):
    """The part of AnsibleModule that is needed."""

    def get_bin_path(self, arg: str) -> Optional[str]: ...

    def run_command(self, args: list[str]) -> tuple[int, str, str]: ...


def provider(host: Host) -> tuple[str, bool]:
    """Which program keeps the VIPs of this node, and whether it runs: the one that does, else the one that is there."""
    units = {name: unit(host, name) for name in PROVIDERS}
    for name in PROVIDERS:
        if units[name].get("ActiveState") in ("active", "reloading", "activating"):
            return name, units[name]["ActiveState"] != "activating"
    enabled = [name for name in PROVIDERS if units[name].get("UnitFileState") == "enabled"]
    there = [name for name in PROVIDERS if units[name].get("LoadState") == "loaded"]
    return next(iter([*enabled, *there]), "none"), False


def unit(host: Host, name: str) -> dict[str, str]:
    systemctl = host.get_bin_path("systemctl")
    if systemctl is None:
        return {}
    wanted = "--property=LoadState,ActiveState,UnitFileState"
    _status, said, _errors = host.run_command([systemctl, "show", f"{name}.service", wanted])
    return dict(re.findall(r"^(\w+)=(.*)$", said, re.MULTILINE))
