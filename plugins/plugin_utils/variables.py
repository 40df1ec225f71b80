# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a topology role: their names and defaults, and what each host of a pair says with them.

The tables are here; the roles' defaults and argument specifications are compared with them by a test. Nothing is judged
here but whether hosts agree: look next at ``pair.py``, which reads the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import Network
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import NOTIFY_KEYS
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading, shown

# What a role's variables are called behind its prefix, and what they are when nobody says anything.
COMMON: Mapping[str, Any] = {
    "state": "present",
    "hosts": [],
    "vips": [],
    "interface": "eth0",
    "virtual_router_id": 51,
    "reserved_virtual_router_ids": [],
    "advert_int_s": 1,
    "password": "",
    "password_file": "",
    "nopreempt": False,
    "checks": [],
    "track_interfaces": [],
    "notify": {},
    "script_user": "root",
    "instances": [],
    "sync_groups": [],
    "instance_options": {},
    "global_options": {},
    "raw": "",
}
TOPOLOGIES: Mapping[str, Mapping[str, Any]] = {
    "single_master": {**COMMON, "preferred": "", "priority": None},
    "dual_master": COMMON,
    "lvs_director": {
        **COMMON,
        "preferred": "",
        "priority": None,
        "services": [],
        "sync_daemon": False,
        "masquerade": [],
        "kernel_settings": {},
    },
}
# A topology with services has their VIPs; its "vips" are more of them, a gateway of real servers' for example.
WITH_SERVICES = "services"
ANSIBLE_HOST = "ansible_host"
EXTENSIONS = "vipd_extensions"
# The rest has one value for the whole pair.
OF_ONE_HOST = frozenset(
    (
        *("interface", "priority", "state", "nopreempt", "checks", "track_interfaces", "notify"),
        *("instance_options", "global_options", "raw"),
    )
)
SECRET = frozenset({"password", "instances"})  # or they hold one
# Keywords that have a variable of their own: the first of these that the topology has.
DERIVED_KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "state": ("preferred", "vips"),
    "interface": ("interface",),
    "virtual_router_id": ("virtual_router_id",),
    "priority": ("priority", "vips"),
    "advert_int": ("advert_int_s",),
    "authentication": ("password",),
    "virtual_ipaddress": ("vips",),
    "nopreempt": ("nopreempt",),
    "track_script": ("checks",),
    "track_interface": ("track_interfaces",),
    **dict.fromkeys(NOTIFY_KEYS, ("notify",)),
}


@dataclass(frozen=True)
class Member:
    """A host as the inventory describes it. ``interfaces`` None: its facts are not known."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    own_addresses: Mapping[Address, str] = field(default_factory=dict)  # and the interface, or ANSIBLE_HOST
    interfaces: tuple[str, ...] | None = None
    networks: tuple[Network, ...] = ()
    provider: str = "vipd"
    unicast: Any = None  # as the inventory says it of this host
    unicast_address: Any = None
    extensions: str = ""  # the text of vipd's own file

    def reached_at(self) -> tuple[Address, ...]:
        return tuple(address for address, origin in self.own_addresses.items() if origin == ANSIBLE_HOST)


class Variables:
    """The role's variables as each host sees them.

    What a play or a role's parameters say holds for all hosts; what stands in the inventory may differ from host to
    host. The inventory's own value of the asking host tells the two apart.
    """

    def __init__(self, topology: str, given: Mapping[str, Any], asking: str, members: Mapping[str, Member]) -> None:
        self.topology = topology
        self.defaults = TOPOLOGIES[topology]
        self.given = given
        self.asking = asking
        self.members = members

    def name(self, setting: str) -> str:
        return f"{self.topology}_{setting}"

    def owner(self, keyword: str) -> str:
        """The variable that says a keyword of a vrrp_instance; empty for one that has none."""
        settings = (setting for setting in DERIVED_KEYWORDS.get(keyword, ()) if setting in self.defaults)
        return next((self.name(setting) for setting in settings), "")

    def shared(self, setting: str) -> Any:
        return self.given.get(self.name(setting), self.defaults[setting])

    def seen_by(self, host: str, setting: str) -> Any:
        mine = self.shared(setting)
        if host == self.asking or self._of_the_play(setting, mine) or host not in self.members:
            return mine
        return self.members[host].variables.get(self.name(setting), self.defaults[setting])

    def _of_the_play(self, setting: str, mine: Any) -> bool:
        asking, name = self.members.get(self.asking), self.name(setting)
        inventoried = asking is not None and name in asking.variables and asking.variables[name] == mine
        return not inventoried and mine != self.defaults[setting]

    def provider(self, host: str) -> str:
        member = self.members.get(host)
        return member.provider if member else "vipd"

    def extensions(self, host: str) -> str:
        member = self.members.get(host)
        return member.extensions if member else ""

    def report_unknown(self, reading: Reading) -> None:
        known = [self.name(setting) for setting in self.defaults]
        for name in self.given:
            if name not in known:
                reading.unknown(name, name, known)
        for member in self.members.values():
            for name in member.variables:
                if name not in known and name not in self.given:
                    reading.unknown(name, name, known, member.name)

    def report_disagreement(self, reading: Reading) -> None:
        for setting in (name for name in self.defaults if name not in OF_ONE_HOST):
            for host in self.members:
                if self.seen_by(host, setting) != self.shared(setting):
                    self._disagree(setting, host, reading)

    def _disagree(self, setting: str, host: str, reading: Reading) -> None:
        values = f": {shown(self.seen_by(host, setting))} and {shown(self.shared(setting))}"
        message = f"{host} and {self.asking} disagree{'' if setting in SECRET else values}"
        reading.report(self.name(setting), message, "set it once for the whole pair, in group_vars")
