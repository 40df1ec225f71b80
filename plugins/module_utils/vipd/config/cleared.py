# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keepalived reads and then ignores in an instance: cleared here too, so that the model is what runs.

Each is a warning. Nothing else may change a model behind its author's back.
"""

from __future__ import annotations

from dataclasses import replace

from .diagnostics import Findings
from .model import OWNER_PRIORITY, Config, GlobalDefs, VrrpInstance
from .spoken import version_of


def cleared(config: Config, findings: Findings) -> Config:
    """``config`` as it will run, and why it is not as it was written."""
    instances = (_without_vain_password(instance, config.global_defs, findings) for instance in config.instances)
    return replace(config, instances=tuple(_instance(instance, findings) for instance in instances))


def _without_vain_password(instance: VrrpInstance, node: GlobalDefs, findings: Findings) -> VrrpInstance:
    if instance.auth_pass is None or version_of(instance, node) == 2:
        return instance
    message = f"vrrp_instance {instance.name}: its password is ignored: version 3 has no authentication"
    findings.warning(instance.place, message, "remove authentication; unicast_peer keeps strangers out")
    return replace(instance, auth_pass=None)


def _instance(instance: VrrpInstance, findings: Findings) -> VrrpInstance:
    for clear in (_without_vain_nopreempt, _without_vain_delay, _without_own_interface):
        instance = clear(instance, findings)
    return instance


def _without_vain_nopreempt(instance: VrrpInstance, findings: Findings) -> VrrpInstance:
    if not instance.nopreempt:
        return instance
    if instance.priority == OWNER_PRIORITY:
        reason, remedy = f"priority {OWNER_PRIORITY} owns the addresses and always preempts", "use a lower priority"
    elif instance.state == "MASTER":
        reason, remedy = "it does not work with state MASTER", "write state BACKUP on all nodes"
    else:
        return instance
    findings.warning(instance.place, f"vrrp_instance {instance.name}: nopreempt is ignored: {reason}", remedy)
    return replace(instance, nopreempt=False)


def _without_vain_delay(instance: VrrpInstance, findings: Findings) -> VrrpInstance:
    if not instance.preempt_delay_s:
        return instance
    if instance.nopreempt:
        reason, remedy = "nopreempt is given, so there is nothing to delay", "remove one of the two"
    elif instance.state == "MASTER":
        reason, remedy = "it does not work with state MASTER", "write state BACKUP"
    else:
        return instance
    findings.warning(instance.place, f"vrrp_instance {instance.name}: preempt_delay is ignored: {reason}", remedy)
    return replace(instance, preempt_delay_s=0.0)


def _without_own_interface(instance: VrrpInstance, findings: Findings) -> VrrpInstance:
    for track in instance.tracks.interfaces:
        if track.name == instance.interface:
            message = f"vrrp_instance {instance.name}: track_interface {track.name} is ignored: it is its own interface"
            findings.warning(track.place, message, "that one is tracked anyway, unless dont_track_primary is given")
    others = tuple(track for track in instance.tracks.interfaces if track.name != instance.interface)
    return replace(instance, tracks=replace(instance.tracks, interfaces=others))
