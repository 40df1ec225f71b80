# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sync groups: whose members, and whether these can stay together."""

from __future__ import annotations

from ..diagnostics import Findings
from ..model import Config


def members_belong_to_one_group(config: Config, findings: Findings) -> None:
    group_of: dict[str, str] = {}
    for group in config.sync_groups:
        for name in dict.fromkeys(group.group):
            other = group_of.setdefault(name, group.name)
            if other != group.name:
                message = f"vrrp_sync_group {group.name}: {name} is a member of {other} too"
                findings.error(group.place, message, "leave it in one of them", ours=False)


def members_agree(config: Config, findings: Findings) -> None:
    """Members that want different states, or different masters, are elected anew all the time."""
    instances = {instance.name: instance for instance in config.instances}
    for group in config.sync_groups:
        members = [instances[name] for name in group.group if name in instances]
        for what in ("state", "priority", "nopreempt"):
            said = {getattr(member, what) for member in members}
            if len(said) > 1:
                told = ", ".join(f"{member.name} {getattr(member, what)}" for member in members)
                message = f"vrrp_sync_group {group.name}: its members differ in {what}: {told}"
                findings.warning(group.place, message, f"give them the same {what}")
