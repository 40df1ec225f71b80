# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.json, in the shape of keepalived 2.2.7, so that exporters which read its dump read ours.

Pure. Two differences: a password is shown as asterisks, and booleans that keepalived writes as 0 and 1 stay so.
Source: dumps of a keepalived 2.2.7.
"""

from __future__ import annotations

import json
from typing import Any, Optional

from ..config.model import Command, Config
from .dump_view import STATES, Snapshot, View, views

HIDDEN = "********"


def json_dump(config: Config, snapshot: Snapshot, at: float) -> str:
    """Version 1 is a list of instances; version 2 an object that has them as ``vrrp``."""
    instances = [{"data": _data(view, config), "stats": view.now["stats"]} for view in views(config, snapshot, at)]
    if config.global_defs.json_version == 1:
        return json.dumps(instances)
    return json.dumps({"vrrp": instances, "track_process": _processes(config, snapshot)})


def _data(view: View, config: Config) -> dict[str, Any]:
    settings, now = view.settings, view.now
    return {
        "iname": settings.name,
        "dont_track_primary": int(not settings.track_primary),
        "skip_check_adv_addr": int(settings.skip_check_adv_addr),
        "strict_mode": int(settings.strict),
        "vmac_ifname": settings.address_interface if view.config.use_vmac else "",
        "ifp_ifname": settings.interface,
        "master_priority": now["master"]["priority"] if now["master"] else 0,
        "last_transition": round(view.last_transition, 6),
        **_garp(view),
        "lower_prio_no_advert": int(settings.lower_prio_no_advert),
        "higher_prio_send_advert": int(settings.higher_prio_send_advert),
        "vrid": settings.vrid,
        "base_priority": settings.priority,
        "effective_priority": now["priority"],
        "vipset": now["holds_vips"],
        "promote_secondaries": view.config.promote_secondaries,
        "adver_int": settings.advert_int_s,
        "master_adver_int": now["master_advert_int_s"],
        "accept": int(settings.accept),
        "nopreempt": settings.nopreempt,
        "preempt_delay": settings.preempt_delay_s,
        "state": STATES[now["state"]],
        "wantstate": STATES[now["wanted_state"]],
        "version": settings.version,
        "smtp_alert": view.smtp_alert,
        **_scripts(view),
        **_lists(view, config),
        "auth_type": settings.auth_type,
        **({"auth_data": HIDDEN} if settings.auth_type else {}),
    }


def _garp(view: View) -> dict[str, Any]:
    """Whole seconds, as integers: exporters in Go refuse anything else."""
    garp = view.settings.garp
    return {
        "garp_delay": round(garp.master_delay_s),
        "garp_refresh": round(garp.master_refresh_s),
        "garp_rep": garp.master_repeat,
        "garp_refresh_rep": garp.master_refresh_repeat,
        "garp_lower_prio_delay": round(garp.lower_prio_delay_s),
        "garp_lower_prio_rep": garp.lower_prio_repeat,
    }


def _scripts(view: View) -> dict[str, Any]:
    notify = view.config.notify
    named: dict[str, Optional[Command]] = {
        "script_backup": notify.backup,
        "script_master": notify.master,
        "script_fault": notify.fault,
        "script_stop": notify.stop,
        "script_deleted": notify.deleted,
        "script_master_rx_lower_pri": notify.master_rx_lower_pri,
        "script": notify.any,
    }
    given = {name: quoted(command) for name, command in named.items() if command is not None}
    return {"notify_deleted": notify.says_deleted, **given}


def _lists(view: View, config: Config) -> dict[str, list[str]]:
    """keepalived leaves out what is empty."""
    commands = {script.name: script.command for script in config.scripts}
    tracks = view.config.tracks
    lists = {
        "vips": view.advertised,
        "evips": view.unadvertised,
        "vroutes": [str(route) for route in view.settings.routes],
        "vrules": [str(rule) for rule in view.settings.rules],
        "track_ifp": [track.name for track in tracks.interfaces],
        "track_script": [quoted(commands[track.name]) for track in tracks.scripts if track.name in commands],
    }
    return {name: items for name, items in lists.items() if items}


def quoted(command: Command) -> str:
    """A command as keepalived shows it: every word in quotes."""
    return " ".join(f"'{word}'" for word in command.argv)


def _processes(config: Config, snapshot: Snapshot) -> list[dict[str, Any]]:
    counted = {one["name"]: one for one in snapshot["processes"]}
    return [
        {
            "name": process.name,
            "process": process.process[0],
            "num_procs": counted[process.name]["count"],
            "quorum": process.quorum,
            "have_quorum": bool(counted[process.name]["up"]),
        }
        for process in config.processes
        if process.name in counted
    ]
