# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a well-formed advert counts for an instance, and if not, why.

What is malformed never gets here: ``wire/vrrp.py`` refuses it. Every answer is a counter's label.
Source: RFC 3768 section 7.1; where keepalived differs, keepalived.
"""

from __future__ import annotations

from enum import Enum
from typing import Optional

from ..wire.vrrp import AUTH_PASS, Advert, ReceivedAdvert
from .settings import Settings


class Refusal(str, Enum):
    """Why an advert does not count."""

    TTL = "ttl_not_255"
    VERSION = "version_mismatch"
    DESTINATION = "wrong_destination"
    AUTH_TYPE = "auth_type_mismatch"
    AUTH_DATA = "auth_failure"
    INTERVAL = "interval_mismatch"
    OWN_ADDRESS = "from_our_own_address"
    UNKNOWN_VRID = "unknown_vrid"
    NOT_LISTENING = "not_listening"

    def __str__(self) -> str:
        return self.value


def refusal(settings: Settings, received: ReceivedAdvert) -> Optional[Refusal]:
    """Why this advert must be discarded; None when it counts."""
    advert = received.advert
    if received.ttl != 255:
        return Refusal.TTL
    if advert.version != settings.version:
        return Refusal.VERSION
    if received.destination not in settings.destinations:
        return Refusal.DESTINATION
    unproved = _unproved(settings, advert)
    if unproved is not None:
        return unproved
    if advert.advert_int_cs != settings.advert_int_cs:
        return Refusal.INTERVAL
    return None


def _unproved(settings: Settings, advert: Advert) -> Optional[Refusal]:
    """What is wrong with the sender's authentication."""
    if advert.auth_type != settings.auth_type:
        return Refusal.AUTH_TYPE
    if settings.auth_type == AUTH_PASS and advert.auth_data != settings.auth_data:
        return Refusal.AUTH_DATA
    return None


def same_addresses(settings: Settings, advert: Advert) -> bool:
    """Whether the advert lists this instance's VIPs, in any order.

    A difference is counted and told, never a reason to discard: the pair would split for as long
    as a changed VIP list is on one node only (keepalived since 2.3.3, RFC 9568 section 7.1).
    """
    return {vip.address for vip in settings.advertised} == set(advert.addresses)
