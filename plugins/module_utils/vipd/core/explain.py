# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot in sentences: why is this node (not) the master, and what would change it?

Reads what ``Router.snapshot`` gives and nothing else; ``vipctl explain`` prints it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .receive import Refusal, Remark
from .tracking import OF_ANOTHER

Snapshot = dict[str, Any]

_NAMED_MAX = 4  # members of a sync group; the others are counted


def explain(instance: Snapshot, instances: Sequence[Snapshot]) -> list[str]:
    """Sentences on one of ``instances``, which are those of ``Router.snapshot()``."""
    state = instance["state"]
    sentences = [f"{instance['name']} is {state} for {instance['since_s']:.0f} s: {instance['reason']}."]
    sentences += _BY_STATE.get(state, _nothing)(instance)
    group = instance["sync_group"]
    others = [one for one in instances if group and one["sync_group"] == group and one["name"] != instance["name"]]
    return [*sentences, *_in_company(instance, others), *_priority(instance), *_trouble(instance)]


def _master(instance: Snapshot) -> list[str]:
    refused = instance["refused_vips"]
    vips = ", ".join(vip for vip in instance["vips"] if vip not in refused) or "no VIP"
    lacks = f" (the kernel refuses {', '.join(refused)})" if refused else ""
    holds = f"It holds {vips}{lacks}" if instance["holds_vips"] else f"It is about to take {vips}"
    adverts = f"adverts every {instance['advert_int_s']:g} s with priority {instance['priority']}"
    yielding = instance["yielding"]
    offers = [f"It offers its VIPs to whoever may preempt: {yielding['why']}."] if yielding else []
    return [f"{holds}, and {adverts}.", *offers, *_second_master(instance)]


def _second_master(instance: Snapshot) -> list[str]:
    """One that still speaks when it should have heard this node; the last words of one that was preempted are none."""
    rival = instance["rival"]
    if not rival or not rival["heard_s_ago"] < instance["master_down_s"] < instance["since_s"]:
        return []
    heard = f"with priority {rival['priority']}, heard {rival['heard_s_ago']:.2f} s ago"
    return [f"{rival['address']} is master, too, {heard}: it does not hear this node, or discards its adverts."]


def _backup(instance: Snapshot) -> list[str]:
    sentences = []
    master = instance["master"]
    if master and master["priority"]:
        sentences.append(_who_wins(instance, master))
    rival = instance["rival"]
    if rival and rival["heard_s_ago"] < instance["master_down_s"]:
        sentences.append(
            f"{rival['address']} is master with the lower priority {rival['priority']}: this node will preempt it."
        )
    sentences += _left_alone(instance)
    if instance["maintenance"]:
        return [*sentences, "This node is in maintenance: it takes over nothing until vipctl maintenance off."]
    if instance["stands_back_s"]:
        sentences.append(f"It leaves a master of lower priority alone for {instance['stands_back_s']:.0f} s more.")
    if instance["wanted_state"] == "MASTER":
        return sentences
    if instance["takes_over_in_s"] is not None:
        sentences.append(f"Without another acceptable advert it takes over in {instance['takes_over_in_s']:.2f} s.")
    return sentences


def _left_alone(instance: Snapshot) -> list[str]:
    yielding = instance["yielding"]
    if not yielding:
        return []
    until = "until vipctl yield --end" if yielding["back_off_s"] is None else f"for {yielding['back_off_s']:.0f} s more"
    return [f"It leaves a master of lower priority alone {until}: {yielding['why']}."]


def _who_wins(instance: Snapshot, master: Snapshot) -> str:
    heard = f"{master['address']} is master with priority {master['priority']}, heard {master['heard_s_ago']:.2f} s ago"
    if instance["master_advert_int_s"] != instance["advert_int_s"]:
        heard += f", every {instance['master_advert_int_s']:g} s"
    if master["priority"] < instance["priority"] and instance["nopreempt"]:
        return f"{heard}; this node has {instance['priority']} but nopreempt keeps it waiting."
    return f"{heard}; this node has {instance['priority']}."


def _fault(instance: Snapshot) -> list[str]:
    return [f"It cannot be master while {fault}." for fault in instance["faults"]]


def _init(instance: Snapshot) -> list[str]:
    return [f"It waits: {instance['undecided']}."] if instance["undecided"] else []


def _nothing(instance: Snapshot) -> list[str]:
    return []


_BY_STATE = {"MASTER": _master, "BACKUP": _backup, "FAULT": _fault, "INIT": _init}


def _in_company(instance: Snapshot, others: Sequence[Snapshot]) -> list[str]:
    """What its sync group does to it."""
    if not others:
        return []
    group, all_of_them = f"sync group {instance['sync_group']}", _names(others)
    if instance["state"] == "MASTER":
        return [f"It is master together with {all_of_them} ({group}): when one of them gives up, all do."]
    if instance["state"] == "FAULT":
        own = [fault for fault in instance["faults"] if OF_ANOTHER not in fault]
        return [f"Its {group} keeps {all_of_them} from being master as well."] if own else []
    if instance["wanted_state"] == "MASTER":
        waited_for = [one for one in others if "MASTER" not in (one["state"], one["wanted_state"])]
        return [f"It could be master now, but its {group} waits for {_names(waited_for or others)}."]
    return [f"Its {group} makes it master only together with {all_of_them}."]


def _names(instances: Sequence[Snapshot]) -> str:
    names = [one["name"] for one in instances]
    if len(names) > _NAMED_MAX:
        names[_NAMED_MAX - 1 :] = [f"{len(names) - _NAMED_MAX + 1} more"]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else str(last)


def _priority(instance: Snapshot) -> list[str]:
    if not instance["adjustments"]:
        return []
    sums = "".join(f" {item['amount']:+d} ({item['reason']})" for item in instance["adjustments"])
    return [f"Its priority is {instance['priority']}: {instance['base_priority']}{sums}."]


_TROUBLE = {*(refusal.value for refusal in Refusal), *(remark.value for remark in Remark)} - {
    Refusal.NOT_LISTENING.value
}


def _trouble(instance: Snapshot) -> list[str]:
    """Discarded adverts are the usual cause of two masters; name them."""
    counted = {label: n for label, n in instance["counters"].items() if label in _TROUBLE}
    return [f"It counted {n} x {label}: compare the configuration of the other node." for label, n in counted.items()]
