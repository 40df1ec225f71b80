# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vipd does not do, or cannot do on this node, of a configuration that is right in itself.

Said by ``vipd -t``, a start and a reload alike; keepalived would do it. What depends on the links of the moment is
``preparation.py``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ..config.diagnostics import Diagnostic, Findings
from ..config.model import Config, VirtualAddress, VrrpInstance
from ..linux import nftables
from .route_words import unknown_words


def refusals(config: Config) -> tuple[Diagnostic, ...]:
    findings = Findings(ours=True)
    for place, message in unknown_words(config):
        findings.error(place, message)
    for instance, vip in _beside_vmac(config):
        message = f"vrrp_instance {instance.name}: {vip} is to be on a VMAC interface that is not the instance's"
        remedy = "say use_vmac in an instance of that interface, and put both into one vrrp_sync_group"
        findings.error(vip.place, message, remedy)
    deaf = deaf_instance(config) if nftables.path() is None else None
    if deaf is not None:
        message = f"vrrp_instance {deaf.name} does not accept traffic to its VIPs: that needs the program nft"
        findings.error(deaf.place, message, "install nftables, or say accept")
    return findings.in_order()


def deaf_instance(config: Config) -> Optional[VrrpInstance]:
    """The first that does not accept traffic to its VIPs."""
    from ..core.settings import resolve  # noqa: PLC0415  for nodes without nft, and not for each ``vipd -t``

    pairs = ((one, resolve(one, config.global_defs)) for one in config.instances)
    return next((one for one, settings in pairs if settings.vips and not settings.accept), None)


def _beside_vmac(config: Config) -> Iterator[tuple[VrrpInstance, VirtualAddress]]:
    """VIPs that ask for a VMAC interface other than the one that ``use_vmac`` of their instance makes."""
    for instance in config.instances:
        for vip in (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded):
            asks = vip.use_vmac or (vip.dev is not None and instance.use_vmac_addr)
            if asks and (instance.use_vmac is None or vip.dev not in (None, instance.interface)):
                yield instance, vip
