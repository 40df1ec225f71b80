# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advert that an instance sends, and so what it expects to hear."""

from __future__ import annotations

from ..config.model import VrrpInstance
from ..wire.vrrp import AUTH_DATA_LENGTH, AUTH_NONE, AUTH_PASS, Advert

# The priority of a master that gives up (RFC 3768 section 5.3.4).
RELEASE = 0

# Of every instance's adverts, until instances can say otherwise.
VERSION = 2


def advert(instance: VrrpInstance, priority: int) -> Advert:
    """The instance's advert with this priority."""
    auth_type, auth_data = authentication(instance)
    return Advert(
        version=VERSION,
        vrid=instance.virtual_router_id,
        priority=priority,
        advert_int_cs=advert_int_cs(instance),
        addresses=tuple(vip.address for vip in instance.virtual_ipaddress),
        auth_type=auth_type,
        auth_data=auth_data,
    )


def advert_int_cs(instance: VrrpInstance) -> int:
    """The configured interval in the unit of adverts."""
    return round(100 * instance.advert_int_s)


def authentication(instance: VrrpInstance) -> tuple[int, bytes]:
    """The auth type and the eight octets of auth data; a shorter password is padded with zeros."""
    if instance.auth_pass is None:
        return AUTH_NONE, bytes(AUTH_DATA_LENGTH)
    octets = instance.auth_pass.encode("utf-8", "surrogateescape")[:AUTH_DATA_LENGTH]
    return AUTH_PASS, octets.ljust(AUTH_DATA_LENGTH, b"\0")
