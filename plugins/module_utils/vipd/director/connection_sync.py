# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the kernel's two threads that copy the table of connections run: what ``lvs_sync_daemon`` comes to.

Who holds the VIP sends what it has, everybody else listens, so that connections survive a failover. Pure: what runs is
``runtime/connection_sync.py``'s business. Source: keepalived.conf(5), ipvsadm(8) --start-daemon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from ..config.model import Config
from ..config.network import Address

SENDS, LISTENS = "master", "backup"


@dataclass(frozen=True)
class SyncThread:
    """``role``: master sends, backup listens. None is what the kernel chooses: 224.0.0.81 port 8848, TTL 1, the MTU."""

    role: str
    interface: str
    id: int
    maxlen: Optional[int] = None
    port: Optional[int] = None
    ttl: Optional[int] = None
    group: Optional[Address] = None

    def is_met_by(self, running: SyncThread) -> bool:
        """Whether ``running`` does what is wanted here."""
        return all(value is None or getattr(running, name) == value for name, value in vars(self).items())


def threads(config: Config, states: Mapping[str, str]) -> tuple[SyncThread, ...]:
    """What has to run where instances are in ``states``; one whose state is not known holds no VIP.

    Without an instance to follow both run, as they may on two directors that are active at the same time.
    """
    daemon = config.global_defs.lvs.sync_daemon
    if daemon is None:
        return ()
    if daemon.instance is None:
        roles: tuple[str, ...] = (SENDS, LISTENS)
    else:
        roles = (SENDS if states.get(daemon.instance) == "MASTER" else LISTENS,)
    number = daemon.id if daemon.id is not None else _vrid(config, daemon.instance)
    return tuple(
        SyncThread(role, daemon.interface, number, daemon.maxlen, daemon.port, daemon.ttl, daemon.group)
        for role in roles
    )


def _vrid(config: Config, name: Optional[str]) -> int:
    return next((one.virtual_router_id for one in config.instances if one.name == name), 0)
