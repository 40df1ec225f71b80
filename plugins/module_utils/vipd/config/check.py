# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration that reads well: one node's view, before anything is touched.

Checks look at the model alone, so they serve a file, a reload and a rendered plan alike; they are in ``checks/``, a
theme a file. What only shows when nodes are compared is found in ``across.py``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Callable, Optional

from .checks import addresses, groups, interfaces, names, protocol, strict, tracking, wholeness
from .checks.node import Node, node_has_what_is_named
from .cleared import cleared
from .diagnostics import Diagnostic, Findings
from .lvs_check import check_lvs
from .model import Address, Config


def check(
    config: Config,
    interfaces: Optional[Collection[str]] = None,
    addresses: Collection[Address] = (),
) -> tuple[Diagnostic, ...]:
    """Everything found. ``interfaces`` and ``addresses`` are this node's own; what is not given is not asked."""
    findings = Findings(ours=True)
    for look in _CHECKS:
        look(config, findings)
    node_has_what_is_named(config, Node(interfaces, addresses), findings)
    shared = Findings()
    cleared(config, shared)  # ``parse`` clears and says so; this is for a model that no file gave
    check_lvs(config, shared)
    return findings.and_those_of(shared).in_order()


_CHECKS: tuple[Callable[[Config, Findings], None], ...] = (
    names.names_are_unique,
    wholeness.definitions_are_whole,
    wholeness.instances_are_whole,
    wholeness.groups_are_whole,
    wholeness.fifos_have_paths,
    protocol.intervals_fit_the_version,
    protocol.versions_fit_the_family,
    protocol.peers_exist,
    protocol.peers_are_others,
    protocol.addresses_are_of_one_family,
    protocol.vrids_are_unique,
    addresses.addresses_are_held_once,
    addresses.addresses_fit_an_advert,
    addresses.routes_can_be_tracked,
    addresses.rules_have_a_preference,
    names.what_is_tracked_is_defined,
    names.track_groups_are_defined,
    names.groups_have_members,
    groups.members_belong_to_one_group,
    groups.members_agree,
    tracking.owners_have_no_weights,
    tracking.members_have_no_weights,
    tracking.nothing_is_tracked_twice,
    tracking.checks_are_in_time,
    strict.strict_instances_keep_to_the_rfc,
    interfaces.vmacs_are_asked_for_once,
    interfaces.vmacs_can_send,
    interfaces.vmac_names_are_unique,
    interfaces.vmac_macs_are_unique,
    interfaces.delays_end_before_the_backup_takes_over,
)
