# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advert that an instance sends. What it expects to hear is in ``receive.py``."""

from __future__ import annotations

from typing import Optional

from ..config.model import Address
from ..wire.vrrp import Advert, Checksum
from .effects import SendAdvert
from .settings import Settings

# The priority of a master that gives up (RFC 3768 section 5.3.4).
RELEASE = 0


def advert(settings: Settings, priority: int) -> Advert:
    """The instance's advert with this priority."""
    return Advert(
        version=settings.version,
        vrid=settings.vrid,
        priority=priority,
        advert_int_cs=settings.advert_int_cs,
        addresses=tuple(vip.address for vip in settings.advertised),
        auth_type=settings.auth_type,
        auth_data=settings.auth_data,
    )


def message(settings: Settings, source: Address, priority: int, checksum: Optional[Checksum] = None) -> SendAdvert:
    """The advert, addressed; ``checksum`` is another form than the configured one."""
    return SendAdvert(
        interface=settings.transmit_interface,
        source=source,
        advert=advert(settings, priority),
        destinations=settings.destinations,
        ttl=settings.ttl,
        checksum=checksum or settings.checksum,
    )
