# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node says of its VIPs: the agent, when it answers, and the kernel in any case.

Serves the modules ``vip_info``, ``vip_failover`` and ``vip_maintenance`` on a node. It changes nothing, and has an
answer when the agent is stopped, hung or another one: then from the configuration and the kernel's addresses.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.lbha.pair.plugins.module_utils.providers import PROVIDERS, SOCKET, provider
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Host
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask

CONFIGURATIONS = {"vipd": "/etc/vipd/keepalived.conf", "keepalived": "/etc/keepalived/keepalived.conf"}

# A master's advert this many intervals old is none of a living master.
STALE_INTERVALS = 3.0

# What an instance says, and from where in ``vipctl status``.
_SAID = (
    "name",
    "interface",
    "family",
    "state",
    "priority",
    "base_priority",
    "nopreempt",
    "since_s",
    "reason",
    "sync_group",
    "takes_over_in_s",
)


def kernel_addresses(host: Host) -> dict[str, str]:
    """Every address of this node now, and the MAC of its interface. Raises ValueError when it cannot be told."""
    ip = host.get_bin_path("ip")
    if ip is None:
        raise ValueError("ip(8) is not there; install iproute2")
    status, said, errors = host.run_command([ip, "-json", "address"])
    if status != 0:
        raise ValueError(f"ip -json address: {errors.strip()}")
    return {
        entry["local"]: link.get("address", "")
        for link in json.loads(said)
        for entry in link.get("addr_info", ())
        if "local" in entry
    }


def configured(path: str) -> list[dict[str, Any]]:
    """Instances of a file and their VIPs, for a node whose agent does not answer. Raises ValueError, OSError."""
    # Loaded for a node in trouble alone: the whole grammar.
    from ansible_collections.lbha.pair.plugins.module_utils.spoken_vips import speaks  # noqa: PLC0415
    from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import ConfigError  # noqa: PLC0415
    from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import load  # noqa: PLC0415

    try:
        config = load(path, socket.gethostname().split(".")[0]).config
    except ConfigError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    return [{**speaks(one), "base_priority": one.priority, "nopreempt": one.nopreempt} for one in config.instances]


def look(host: Host, control_socket: str = SOCKET, timeout_s: float = 5.0) -> dict[str, Any]:
    """All that ``vip_info`` returns but ``changed``. Raises ValueError, OSError when systemd or the kernel cannot."""
    name, running = provider(host)
    held = kernel_addresses(host)
    said: dict[str, Any] = {"instances": [], "history": []}
    faults = [] if running else [f"{name} does not run: systemctl status {name}" if name in PROVIDERS else _NOBODY]
    answers = False
    if name == "vipd" and running:
        try:
            said, answers = ask(control_socket, "status", timeout_s), True
        except NoAnswerError as error:
            faults.append(f"it runs and does not answer: {error}")
    if answers:
        instances = [_said(one, held) for one in said["instances"]]
    else:
        instances = _from_file(CONFIGURATIONS.get(name, ""), held, faults)
    faults += [fault for one in instances for fault in _doubts(one)]
    return {
        "provider": name,
        "running": running,
        "answers": answers,
        "faults": faults,
        "maintenance": said.get("maintenance"),
        "maintenance_reason": (said.get("maintenance_note") or {}).get("reason", ""),
        "instances": instances,
        "vips": [vip for one in instances for vip in one["vips"]],
        "held": [vip for one in instances for vip in one["held"]],
        "macs": {vip: held[vip] for one in instances for vip in one["held"]},
        "transitions": said["history"],
    }


_NOBODY = "neither vipd nor keepalived is installed"


def _said(one: dict[str, Any], held: Mapping[str, str]) -> dict[str, Any]:
    """Some of it is not known to an agent of an older release: of what it does not say, nothing is said."""
    obeys = one["state"] == "BACKUP" and one["master"] and one["master"]["priority"]
    master = one["master"] if obeys else None
    vips = [vip.split("/")[0] for vip in one["vips"]]
    interval_s = one.get("master_advert_int_s", one["advert_int_s"])
    stale = bool(master) and master["heard_s_ago"] > STALE_INTERVALS * interval_s
    its = [vip for vip in vips if vip in held]
    return {
        **{name: one.get(name) for name in _SAID},
        "virtual_router_id": one.get("vrid"),
        "vips": vips,
        "held": its,
        "settled": its == vips if one["state"] == "MASTER" else not stale and _obeys(one, master),
        "master": master["address"] if master else None,
        "master_priority": master["priority"] if master else None,
        "advert_age_s": master["heard_s_ago"] if master else None,
        "stale": stale,
        "yielding": one.get("yielding"),
        "faults": one["faults"],
    }


def _obeys(one: dict[str, Any], master: Optional[dict[str, Any]]) -> bool:
    """A backup that hears a master, and will not preempt it."""
    if one["state"] != "BACKUP" or master is None:
        return False
    content = one["nopreempt"] or one.get("yielding") or one.get("maintenance")
    return bool(content) or master["priority"] >= one["priority"]


def _from_file(path: str, held: Mapping[str, str], faults: list[str]) -> list[dict[str, Any]]:
    """keepalived, or an agent that does not answer: MASTER is who holds the addresses."""
    try:
        instances = configured(path) if path else []
    except (ValueError, OSError) as error:
        faults.append(str(error))
        return []
    unknown = dict.fromkeys(
        (
            "priority",
            "since_s",
            "sync_group",
            "takes_over_in_s",
            "master",
            "master_priority",
            "advert_age_s",
            "yielding",
        )
    )
    found = []
    for one in instances:
        its = [vip for vip in one["vips"] if vip in held]
        state = {"state": "MASTER" if its else None, "held": its, "settled": not its or its == one["vips"]}
        quiet = {"stale": False, "faults": [], "reason": ""}
        found.append({**unknown, **quiet, **one, **state})
    return found


def _doubts(one: dict[str, Any]) -> list[str]:
    """Where the agent and the kernel contradict each other, and adverts that stopped."""
    doubts = [f"{one['name']} is in FAULT: {'; '.join(one['faults'])}"] if one["state"] == "FAULT" else []
    if one["state"] == "MASTER" and one["held"] != one["vips"]:
        missing = ", ".join(vip for vip in one["vips"] if vip not in one["held"])
        doubts.append(f"{one['name']} is MASTER and this node does not have {missing}")
    if one["state"] not in ("MASTER", None) and one["held"]:
        doubts.append(f"{one['name']} is {one['state']} and this node has {', '.join(one['held'])}")
    if one["stale"]:
        doubts.append(f"{one['name']} heard its master {one['advert_age_s']:.1f} s ago")
    return doubts
