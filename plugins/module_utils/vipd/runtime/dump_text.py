# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.data and keepalived.stats, in the shape of keepalived 2.2.7, for exporters that read these.

Pure. Exporters go by the blanks at the beginning of a line, by ``=`` and by ``:``; what they do not read is left out.
The lines of an instance that have neither come last, because one exporter takes such a line for the instance's end.
Source: dumps of a keepalived 2.2.7; mehdy/keepalived-exporter and gen2brain/keepalived_exporter, their parsers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ..config.model import Config
from .dump_json import HIDDEN, quoted
from .dump_view import Snapshot, View, views

# The sections of keepalived.stats: title, and label of each counter by keepalived's name of it in JSON.
_SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Packet Errors",
        (
            ("Length", "packet_len_err"),
            ("TTL", "ip_ttl_err"),
            ("Invalid Type", "invalid_type_rcvd"),
            ("Advertisement Interval", "advert_interval_err"),
            ("Address List", "addr_list_err"),
        ),
    ),
    (
        "Authentication Errors",
        (("Invalid Type", "invalid_authtype"), ("Type Mismatch", "authtype_mismatch"), ("Failure", "auth_failure")),
    ),
    ("Priority Zero", (("Received", "pri_zero_rcvd"), ("Sent", "pri_zero_sent"))),
)


def stats_dump(snapshot: Snapshot) -> str:
    lines: list[str] = []
    for instance in snapshot["instances"]:
        stats = instance["stats"]
        lines.append(f"VRRP Instance: {instance['name']}")
        lines += ["  Advertisements:", f"    Received: {stats['advert_rcvd']}", f"    Sent: {stats['advert_sent']}"]
        lines += [f"  Became master: {stats['become_master']}", f"  Released master: {stats['release_master']}"]
        for title, counters in _SECTIONS:
            lines.append(f"  {title}:")
            lines += [f"    {label}: {stats[name]}" for label, name in counters]
    return _text(lines)


def data_dump(config: Config, snapshot: Snapshot, at: float) -> str:
    return _text(
        [
            *_global(config),
            "------< VRRP Topology >------",
            *(line for view in views(config, snapshot, at) for line in _instance(view)),
            *_groups(snapshot),
            *_scripts(config, snapshot),
            *_files(config, snapshot),
            *_processes(config, snapshot),
        ]
    )


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _global(config: Config) -> Iterator[str]:
    node = config.global_defs
    yield "------< Global definitions >------"
    yield f" Router ID = {node.router_id or ''}"
    if node.smtp.server:
        yield f" Smtp server = {node.smtp.server}"
        yield f" Smtp server port = {node.smtp.port}"
    for title, fifo in (("Global", node.notify_fifo), ("VRRP", node.vrrp_notify_fifo)):
        if fifo is not None:
            yield f" {title} notify fifo = {fifo.path}"
    yield f" VRRP default protocol version = {node.vrrp_version}"
    yield f" Script security {'enabled' if node.enable_script_security else 'disabled'}"


def _instance(view: View) -> Iterator[str]:
    settings, now = view.settings, view.now
    yield f" VRRP Instance = {settings.name}"
    yield f"   VRRP Version = {settings.version}"
    if view.group:
        yield f"   Sync group = {view.group}"
    yield f"   State = {now['state']}"
    yield f"   Wantstate = {now['wanted_state']}"
    yield f"   Number of interface and track script faults = {len(now['faults'])}"
    yield f"   Last transition = {_moment(view.last_transition)}"
    yield f"   Master down timer = {round(now['master_down_s'] * 1e6)} usecs"
    yield f"   Interface = {settings.interface}"
    yield f"   Using src_ip = {now['address'] or '(none)'}"
    yield from _timing(view)
    yield f"   Accept = {_enabled(settings.accept)}"
    yield f"   Preempt = {_enabled(not settings.nopreempt)}"
    yield f"   Promote_secondaries = {_enabled(view.config.promote_secondaries)}"
    if settings.auth_type:
        yield "   Authentication type = SIMPLE_PASSWORD"
        yield f"   Password = {HIDDEN}"
    yield f"   Using smtp notification = {'yes' if view.smtp_alert else 'no'}"
    yield from _notify(view)
    yield f"   Virtual IP ({len(settings.advertised)}):"
    yield from (f"     {address}" for address in view.advertised)
    if settings.unadvertised:
        yield "   Virtual IP Excluded :"
        yield from (f"     {address}" for address in view.unadvertised)


def _timing(view: View) -> Iterator[str]:
    settings, garp = view.settings, view.settings.garp
    yield f"   Gratuitous ARP delay = {garp.master_delay_s:.0f}"
    yield f"   Gratuitous ARP repeat = {garp.master_repeat}"
    yield f"   Gratuitous ARP refresh = {garp.master_refresh_s:.0f}"
    yield f"   Gratuitous ARP refresh repeat = {garp.master_refresh_repeat}"
    yield f"   Gratuitous ARP lower priority delay = {garp.lower_prio_delay_s:.0f}"
    yield f"   Gratuitous ARP lower priority repeat = {garp.lower_prio_repeat}"
    yield f"   Down timer adverts = {settings.down_timer_adverts}"
    yield f"   Send advert after receive lower priority advert = {_true(not settings.lower_prio_no_advert)}"
    yield f"   Send advert after receive higher priority advert = {_true(settings.higher_prio_send_advert)}"
    yield f"   Virtual Router ID = {settings.vrid}"
    yield f"   Priority = {settings.priority}"
    yield f"   Effective priority = {view.now['priority']}"
    whole = settings.advert_int_cs % 100 == 0
    interval = f"{settings.advert_int_s:.0f} sec" if whole else f"{settings.advert_int_cs * 10} milli-sec"
    yield f"   Advert interval = {interval}"


def _notify(view: View) -> Iterator[str]:
    notify = view.config.notify
    for title, command in (
        ("Backup state", notify.backup),
        ("Master state", notify.master),
        ("Fault state", notify.fault),
        ("Stop state", notify.stop),
        ("Generic state", notify.any),
    ):
        if command is not None:
            yield f"   {title} transition script = {quoted(command)}"


def _groups(snapshot: Snapshot) -> Iterator[str]:
    if snapshot["sync_groups"]:
        yield "------< VRRP Sync groups >------"
    for group in snapshot["sync_groups"]:
        yield f" VRRP Sync Group = {group['name']}, {group['state']}"
        yield "   VRRP member instances :"
        yield from (f"     {member}" for member in group["members"])


def _scripts(config: Config, snapshot: Snapshot) -> Iterator[str]:
    standing = _by_name(snapshot["scripts"])
    if config.scripts:
        yield "------< VRRP Scripts >------"
    for script in config.scripts:
        up = standing.get(script.name, {}).get("up")
        yield f" VRRP Script = {script.name}"
        yield f"   Command = {quoted(script.command)}"
        yield f"   Interval = {script.interval_s:g} sec"
        yield f"   Timeout = {script.timeout_s or 0:g} sec"
        yield f"   Weight = {script.weight}{' reverse' if script.reverse else ''}"
        yield f"   Rise = {script.rise}"
        yield f"   Fall = {script.fall}"
        yield f"   Status = {'GOOD' if up else 'BAD'}"
        yield "   State = idle"


def _files(config: Config, snapshot: Snapshot) -> Iterator[str]:
    standing = _by_name(snapshot["files"])
    if config.files:
        yield "------< VRRP Track files >------"
    for file in config.files:
        yield f" Track file = {file.name}"
        yield f"   File = {file.file}"
        yield f"   Status = {standing.get(file.name, {}).get('value') or 0}"
        yield f"   Weight = {file.weight}{' reverse' if file.reverse else ''}"


def _processes(config: Config, snapshot: Snapshot) -> Iterator[str]:
    standing = _by_name(snapshot["processes"])
    if config.processes:
        yield "------< VRRP Track processes >------"
    for process in config.processes:
        now = standing.get(process.name, {})
        yield f" VRRP Track process = {process.name}"
        yield f"   Process = {process.process[0]}"
        yield f"   Min processes = {process.quorum}"
        yield f"   Current processes = {now.get('count') or 0}"
        yield f"   Have quorum = {_true(bool(now.get('up')))}"
        yield f"   Weight = {process.weight}{' reverse' if process.reverse else ''}"


def _by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows}


def _moment(at: float) -> str:
    """Seconds since 1970 first; exporters read no further."""
    moment = time.localtime(at)
    microseconds = f"{at % 1:.6f}"[1:]
    return f"{at:.6f} ({time.strftime('%a %b %d %H:%M:%S', moment)}{microseconds} {moment.tm_year})"


def _enabled(value: bool) -> str:
    return "enabled" if value else "disabled"


def _true(value: bool) -> str:
    return "true" if value else "false"
