# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds, told by what the firmware says: their networks drop multicast, and forward by tables of their own.

A gratuitous ARP does not move an address there: the provider's interface has to be asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .finding import ERROR, WARNING, Finding, Router

CHECK = "cloud"
DMI = "/sys/class/dmi/id"


@dataclass(frozen=True)
class Cloud:
    """``file`` of the DMI directory holds ``word``. ``moves`` says how an address changes its host there."""

    name: str
    file: str
    word: str
    multicast: bool
    moves: str


CLOUDS = (
    Cloud("Amazon EC2", "sys_vendor", "Amazon EC2", False, "assign the address to the other network interface"),
    Cloud("Amazon EC2", "bios_version", "amazon", False, "assign the address to the other network interface"),
    Cloud("Google Compute Engine", "sys_vendor", "Google", False, "change the alias IP range or the route"),
    Cloud("Microsoft Azure", "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", False, "use a load balancer"),
    Cloud("Oracle Cloud", "chassis_asset_tag", "OracleCloud.com", False, "move the secondary private address"),
    Cloud("Alibaba Cloud", "sys_vendor", "Alibaba Cloud", False, "use a high-availability virtual IP (HAVIP)"),
    Cloud("DigitalOcean", "sys_vendor", "DigitalOcean", False, "reassign the reserved address"),
    Cloud("Hetzner Cloud", "sys_vendor", "Hetzner", False, "reassign the floating or alias address"),
    Cloud("Vultr", "sys_vendor", "Vultr", False, "move the reserved address, or announce it by BGP"),
    Cloud("Linode", "sys_vendor", "Linode", False, "share the address between the hosts"),
    Cloud("Scaleway", "sys_vendor", "Scaleway", False, "move the flexible address"),
    Cloud("OpenStack", "product_name", "OpenStack", True, "allow the VIP on both ports (allowed_address_pairs)"),
)


def judge(routers: Iterable[Router], directory: str = DMI) -> Iterator[Finding]:
    cloud = next((one for one in CLOUDS if one.word.lower() in _read(directory, one.file).lower()), None)
    if cloud is None:
        return
    if not cloud.multicast and any(not router.peers for router in routers):
        message = f"this is {cloud.name}, whose network drops multicast: both hosts would be master"
        yield Finding(CHECK, ERROR, message, "set vipd_unicast: true")
    message = f"this is {cloud.name}, whose network does not follow gratuitous ARP"
    yield Finding(CHECK, WARNING, message, f"{cloud.moves}, from a notify_master command")


def _read(directory: str, name: str) -> str:
    try:
        with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""
