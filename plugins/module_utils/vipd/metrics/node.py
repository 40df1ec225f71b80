# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what ``vipctl status --format json`` shows to samples. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface
from typing import Any

from ..core.receive import Refusal
from ..core.transitions import State
from . import families as of
from .exposition import Sample

Status = dict[str, Any]

# keepalived's numbers of the states
NUMBERS = {"INIT": 0, "BACKUP": 1, "MASTER": 2, "FAULT": 3, "STOP": 98}


def node_samples(status: Status) -> Iterator[Sample]:
    """Of a daemon that answered."""
    yield of.START_TIME.sample(status["started_at"])
    yield of.RELOAD_OK.sample(status["configuration"]["last_reload_ok"])
    yield of.RELOAD_TIME.sample(status["configuration"]["loaded_at"])
    yield of.MAINTENANCE.sample(bool(status["maintenance"]))
    yield from _lateness(status["lateness"])
    yield of.DROPPED.sample(status["dropped_messages"])
    for place, count in status["rejected"].items():
        yield of.REJECTED.sample(count, *place.split(" ", 1))
    for instance in status["instances"]:
        yield from _instance(instance)
    for group in status["sync_groups"]:
        yield of.GROUP_STATE.sample(NUMBERS[group["state"]], group["name"])
    yield from _tracked(status)


def _lateness(lateness: Status) -> Iterator[Sample]:
    wakes = lateness["wakes"]
    for wake in wakes:
        bound = "+Inf" if wake["up_to_s"] is None else repr(wake["up_to_s"])
        yield of.LATENESS.part("_bucket", wake["times"], le=bound)
    yield of.LATENESS.part("_sum", lateness["sum_s"])
    yield of.LATENESS.part("_count", wakes[-1]["times"])
    yield of.LATENESS_MAX.sample(lateness["max_s"])


def _instance(one: Status) -> Iterator[Sample]:
    labels = (one["name"], one["interface"], one["vrid"])
    for name, family in of.KEEPALIVED_COUNTERS.items():
        yield family.sample(one["stats"][name], *labels)
    yield of.GARP_DELAY.sample(one["garp_master_delay_s"], *labels)
    yield from _vips(one)
    for state in State:
        yield of.STATE.sample(one["state"] == state.value, *labels, state)
    yield of.STATE_AGE.sample(one["since_s"], *labels)
    yield of.PRIORITY.sample(one["priority"], *labels)
    yield of.BASE_PRIORITY.sample(one["base_priority"], *labels)
    yield of.FAULTS.sample(len(one["faults"]), *labels)
    yield of.MASTER_DOWN.sample(one["master_down_s"], *labels)
    if one["state"] == State.BACKUP.value and one["master"]:
        yield of.ADVERT_AGE.sample(one["master"]["heard_s_ago"], *labels)
    yield of.RIVAL.sample(_hears_another_master(one), *labels)
    yield of.RIVAL_TIME.sample(one["contested_s"], *labels)
    for reason in Refusal:
        yield of.REFUSED.sample(one["counters"].get(reason.value, 0), *labels, reason)


def _vips(one: Status) -> Iterator[Sample]:
    """An instance without VIPs is shown all the same, as the public exporter does it."""
    state = NUMBERS[one["state"]]
    advertised = len(one["advertised"])
    for number, (vip, interface) in enumerate(zip(one["vips"], one["vip_interfaces"])):
        labels = (one["name"], interface, one["vrid"], _address(vip))
        yield (of.VRRP_STATE if number < advertised else of.EXCLUDED_STATE).sample(state, *labels)
        yield of.HOLDS.sample(one["holds_vips"] and vip not in one["refused_vips"], *labels)
    if not advertised:
        yield of.VRRP_STATE.sample(state, one["name"], one["interface"], one["vrid"], "")


def _address(vip: str) -> str:
    """As keepalived writes it: without the length of a whole address."""
    interface = ip_interface(vip)
    return str(interface.ip) if interface.network.prefixlen == interface.max_prefixlen else vip


def _hears_another_master(one: Status) -> bool:
    rival = one["rival"]
    return bool(one["state"] == State.MASTER.value and rival and rival["heard_s_ago"] < one["master_down_s"])


def _tracked(status: Status) -> Iterator[Sample]:
    for script in status["scripts"]:
        yield of.SCRIPT_STATUS.sample(bool(script["up"]), script["name"])
    for process in status["processes"]:
        yield of.PROCESS.sample(bool(process["up"]), process["name"])
    for file in status["files"]:
        if file["value"] is not None:
            yield of.FILE_VALUE.sample(file["value"], file["name"])
    for fifo in status["notifications"]["fifos"]:
        yield of.FIFO_DROPPED.sample(fifo["dropped"], fifo["path"])
