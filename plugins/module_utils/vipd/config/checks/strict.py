# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vrrp_strict and strict_mode take away: a VIP that does not answer is keepalived's most reported surprise."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Findings
from ..given import given
from ..model import OWNER_PRIORITY, Config, VrrpInstance
from ..spoken import version_of
from .names import title

DOWN_TIMER_ADVERTS = 3  # RFC 9568 6.1


def strict_instances_keep_to_the_rfc(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if not given(instance.strict_mode, config.global_defs.vrrp_strict):
            continue
        if instance.priority != OWNER_PRIORITY and not (
            version_of(instance, config.global_defs) == 3 and instance.accept
        ):
            message = f"{title(instance)}: strict mode makes its addresses unreachable: only their owner may answer"
            remedy = "remove vrrp_strict, or use version 3 with accept"
            findings.warning(instance.place, message, remedy)
        if instance.unicast_peer:
            message = f"{title(instance)}: strict mode knows no unicast peers"
            findings.error(instance.place, message, "remove vrrp_strict, or unicast_peer")
        for what, why in _reset(instance, config):
            message = f"{title(instance)}: strict mode resets {what}"
            findings.warning(instance.place, message, why, ours=False)


def _reset(instance: VrrpInstance, config: Config) -> Iterator[tuple[str, str]]:
    node = config.global_defs
    if instance.auth_pass is not None:
        yield "authentication", "the RFC has none since 2004: remove it"
    if instance.state == "MASTER" and instance.priority != OWNER_PRIORITY:
        yield "state MASTER", "that is for priority 255: write BACKUP"
    if instance.preempt_delay_s:
        yield "preempt_delay", "remove it"
    if given(instance.down_timer_adverts, node.vrrp_down_timer_adverts) != DOWN_TIMER_ADVERTS:
        yield "down_timer_adverts", f"the RFC has {DOWN_TIMER_ADVERTS}"
    if given(instance.garp.lower_prio_repeat, node.garp.lower_prio_repeat):
        yield "garp_lower_prio_repeat", "remove it"
    if given(instance.higher_prio_send_advert, node.vrrp_higher_prio_send_advert):
        yield "higher_prio_send_advert", "remove it"
    if instance.vmac_xmit_base:
        yield "vmac_xmit_base", "remove it"
    if instance.accept and version_of(instance, node) == 2:
        yield "accept", "only version 3 has it"
