# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a dump shows of an instance: the running configuration and ``Router.snapshot`` side by side.

Made once for both of keepalived's formats, ``dump_json.py`` and ``dump_text.py``. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..config.model import Config, VirtualAddress, VrrpInstance, VrrpSyncGroup
from ..core.settings import Settings, resolve

Snapshot = dict[str, Any]

# keepalived's numbers of the states.
STATES = {"INIT": 0, "BACKUP": 1, "MASTER": 2, "FAULT": 3, "DELETED": 97, "STOP": 98}


@dataclass(frozen=True)
class View:
    """One instance. ``last_transition`` is wall-clock time, in seconds."""

    config: VrrpInstance
    settings: Settings
    now: Snapshot
    group: Optional[str]
    smtp_alert: bool
    last_transition: float

    @property
    def advertised(self) -> list[str]:
        return [self._address(vip) for vip in self.settings.advertised]

    @property
    def unadvertised(self) -> list[str]:
        return [self._address(vip) for vip in self.settings.unadvertised]

    def _address(self, vip: VirtualAddress) -> str:
        """As keepalived writes it: exporters take the first and the third word."""
        whole = 32 if vip.address.version == 4 else 128
        prefix = "" if vip.prefix_length == whole else f"/{vip.prefix_length}"
        words = [f"{vip.address}{prefix}", "dev", vip.dev or self.settings.address_interface]
        words += ["scope", vip.scope or "global"]
        words += ["label", vip.label] if vip.label else []
        words += ["set"] if self.now["holds_vips"] else []
        return " ".join(words)


def views(config: Config, snapshot: Snapshot, at: float) -> Iterator[View]:
    """Every instance that both know: after a reload one may be a moment ahead of the other."""
    configured = {instance.name: instance for instance in config.instances}
    for now in snapshot["instances"]:
        instance = configured.get(now["name"])
        if instance is not None:
            group = _group_of(instance, config)
            yield View(
                config=instance,
                settings=replace(
                    resolve(instance, config.global_defs, group), address_interface=now["address_interface"]
                ),
                now=now,
                group=group.name if group else None,
                smtp_alert=_alerts(instance, config),
                last_transition=at - now["since_s"],
            )


def _group_of(instance: VrrpInstance, config: Config) -> Optional[VrrpSyncGroup]:
    return next((group for group in config.sync_groups if instance.name in group.group), None)


def _alerts(instance: VrrpInstance, config: Config) -> bool:
    node = config.global_defs
    given = (instance.smtp_alert, node.smtp_alert_vrrp, node.smtp_alert, False)
    return next(value for value in given if value is not None)
