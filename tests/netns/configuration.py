# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration text for daemons in tests, and the protocol's own bounds on what they then do."""

from __future__ import annotations

from collections.abc import Sequence

VIP = "10.0.0.100"
OTHER_VIP = "10.0.0.101"
THIRD_VIP = "10.0.0.102"

# What a busy machine may add to a bound of the protocol.
GRACE_S = 0.5

# The owner of an address is master at once: for tests that are not about elections.
OWNER = 255


def instance(
    priority: int, *lines: str, name: str = "V", vrid: int = 51, vips: Sequence[str] = (VIP,), interface: str = "eth0"
) -> str:
    """A ``vrrp_instance``; ``lines`` go into it as they are."""
    body = [
        f"interface {interface}",
        "state BACKUP",
        f"virtual_router_id {vrid}",
        f"priority {priority}",
        "advert_int 1",
        *lines,
        "virtual_ipaddress {",
        *(f"    {vip}" for vip in vips),
        "}",
    ]
    return "\n".join([f"vrrp_instance {name} {{", *(f"    {line}" for line in body), "}", ""])


def skew_s(priority: int) -> float:
    """A backup with ``priority`` takes over this long after a master's goodbye, at most."""
    return (256 - priority) / 256 + GRACE_S


def down_s(priority: int) -> float:
    """A backup with ``priority`` takes over this long after a master's last advert, at most."""
    return 3 + skew_s(priority)
