# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The top level of a keepalived.conf, and where a keyword belongs."""

from __future__ import annotations

from ..address_line import AddressLine
from ..link_values import DelaysLine
from ..route_line import RouteLine
from ..rule_line import RuleLine
from ..table import Block, Items, acts, refuses, warns
from .extension import GLOBAL_DEFS as OWN_GLOBAL_DEFS
from .extension import SMTP
from .global_defs import GLOBAL_DEFS
from .groups import GARP_GROUPS, SYNC_GROUP, SYNC_GROUPS, TRACK_GROUPS
from .instance import AUTHENTICATION, INSTANCES, VRRP_INSTANCE
from .lvs import AT_ROOT as LVS
from .lvs import REAL_SERVER, VIRTUAL_SERVER
from .tracked import BFD_INSTANCE, FILES, PROCESSES, SCRIPTS, VRRP_SCRIPT

ROOT = Block(
    (
        acts("global_defs", GLOBAL_DEFS),
        acts("interface_up_down_delays", Items(DelaysLine()), "interface_delays"),
        acts("static_ipaddress", Items(AddressLine(static=True))),
        acts("static_routes", Items(RouteLine(static=True))),
        acts("static_rules", Items(RuleLine(static=True))),
        acts("track_group", TRACK_GROUPS, "track_groups"),
        acts("garp_group", GARP_GROUPS, "garp_groups"),
        acts("vrrp_script", SCRIPTS, "scripts"),
        acts("vrrp_track_process", PROCESSES, "processes"),
        acts("track_file", FILES, "files"),
        acts("vrrp_track_file", FILES, "files", alias=True),
        acts("vrrp_sync_group", SYNC_GROUPS, "sync_groups"),
        acts("vrrp_instance", INSTANCES, "instances"),
        *refuses("net_namespace"),
        *LVS,
        *warns("bfd_instance", BFD_INSTANCE),
        *warns("linkbeat_interfaces linkbeat_use_polling"),
        *warns("net_namespace_ipvs namespace_with_ipsets instance use_pid_dir child_wait_time"),
    )
)

_HOMES = {
    "global_defs": GLOBAL_DEFS,
    "vrrp_script": VRRP_SCRIPT,
    "vrrp_instance": VRRP_INSTANCE,
    "vrrp_sync_group": SYNC_GROUP,
    "authentication": AUTHENTICATION,
    "virtual_server": VIRTUAL_SERVER,
    "real_server": REAL_SERVER,
    "vipd.conf": Block((*OWN_GLOBAL_DEFS.keywords, *SMTP.keywords)),
}


def homes(name: str) -> tuple[str, ...]:
    """The blocks in which vipd knows ``name``, for the reader who put it into another."""
    return tuple(home for home, block in _HOMES.items() if block.find(name))
