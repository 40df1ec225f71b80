# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocks that lack what they are for."""

from __future__ import annotations

from ..diagnostics import Findings
from ..model import Config
from ..spoken import is_unicast
from .names import title

VRID_MAX = 255


def definitions_are_whole(config: Config, findings: Findings) -> None:
    for script in config.scripts:
        if not script.command.argv:
            findings.error(script.place, f"vrrp_script {script.name} has no script", "add a script line", ours=False)
    for process in config.processes:
        if not process.process:
            message = f"vrrp_track_process {process.name} has no process"
            findings.error(process.place, message, "add a process line", ours=False)
        elif process.quorum_max is not None and 0 < process.quorum_max < process.quorum:
            message = f"vrrp_track_process {process.name}: quorum_max {process.quorum_max} is below quorum"
            findings.error(process.place, message, f"use at least {process.quorum}, or 0", ours=False)
    for file in config.files:
        if not file.file:
            findings.error(file.place, f"track_file {file.name} has no file", "add a file line", ours=False)


def instances_are_whole(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if not instance.interface and not (is_unicast(instance) and instance.unicast_src_ip):
            findings.error(instance.place, f"{title(instance)} has no interface", "add an interface line", ours=False)
        if not 1 <= instance.virtual_router_id <= VRID_MAX:
            remedy = f"add one from 1 to {VRID_MAX}, the same on all nodes"
            findings.error(instance.place, f"{title(instance)} has no virtual_router_id", remedy, ours=False)


def groups_are_whole(config: Config, findings: Findings) -> None:
    for group in config.sync_groups:
        if not group.group:
            message = f"vrrp_sync_group {group.name} has no group"
            findings.error(group.place, message, "add group { } with the names of its instances", ours=False)
        elif len(set(group.group)) == 1:
            message = f"vrrp_sync_group {group.name} has one member"
            findings.warning(group.place, message, "a group keeps several instances together", ours=False)
    for delays in config.garp_groups:
        if not delays.garp_interval_s and not delays.gna_interval_s:
            remedy = "add garp_interval or gna_interval"
            findings.warning(delays.place, "garp_group has no interval and does nothing", remedy, ours=False)


def fifos_have_paths(config: Config, findings: Findings) -> None:
    for name in ("notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo"):
        fifo = getattr(config.global_defs, name)
        if fifo is not None and not fifo.path:
            message = f"global_defs: {name}_script is given without {name}"
            findings.error(config.global_defs.place, message, f"add {name} with a path")
