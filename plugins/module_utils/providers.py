# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program keeps the VIPs of a node, and where vipd is asked.

What the VIPs are is in ``node_vips.py``, which brings the whole grammar along: too much for a module that needs none.
"""

from __future__ import annotations

from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Host, units

SOCKET = "/run/vipd/control.sock"
PROVIDERS = ("vipd", "keepalived")


def provider(host: Host) -> tuple[str, bool]:
    """Which program keeps the VIPs of this node, and whether it runs: the one that does, else the one that is there.

    Raises OSError when systemd cannot be asked.
    """
    found = units(host, PROVIDERS)
    for name, unit in found.items():
        if unit.running:
            return name, not unit.starting
    enabled = [name for name, unit in found.items() if unit.enabled]
    there = [name for name, unit in found.items() if unit.there]
    return next(iter([*enabled, *there]), "none"), False
