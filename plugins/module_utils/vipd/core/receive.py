# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a well-formed advert counts for an instance, and if not, why; and what is strange about one that does.

What is malformed never gets here: ``wire/vrrp.py`` refuses it. Every answer is a counter's label.
Sources: RFC 3768 and RFC 9568, section 7.1; where keepalived differs, keepalived.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from ipaddress import IPv6Address
from typing import Optional

from ..config.model import OWNER_PRIORITY
from ..wire.vrrp import AUTH_PASS, TTL, Advert, Checksum, ReceivedAdvert
from .settings import Settings


class Refusal(str, Enum):
    """Why an advert does not count."""

    TTL = "ttl_not_255"
    TTL_RANGE = "ttl_out_of_range"
    VERSION = "version_mismatch"
    DESTINATION = "wrong_destination"
    SOURCE = "not_a_unicast_peer"
    AUTH_TYPE = "auth_type_mismatch"
    AUTH_DATA = "auth_failure"
    INTERVAL = "interval_mismatch"
    OWN_ADDRESS = "from_our_own_address"
    OWNER = "ignored_by_the_owner"
    UNKNOWN_VRID = "unknown_vrid"
    NOT_LISTENING = "not_listening"

    def __str__(self) -> str:
        return self.value


class Remark(str, Enum):
    """What a person should know of an advert that counts all the same."""

    ADDRESSES = "address_list_mismatch"
    LINK_LOCAL = "first_address_not_link_local"
    INTERVAL = "interval_differs"
    MESSAGE_ONLY = "checksum_message_only"
    PSEUDO_HEADER = "checksum_pseudo_header"
    PSEUDO_HEADER_GROUP = "checksum_pseudo_header_group"

    def __str__(self) -> str:
        return self.value


# Told once for as long as the configuration is the same, because they stay true for years of adverts.
TOLD_ONCE = (Remark.MESSAGE_ONLY, Remark.PSEUDO_HEADER, Remark.PSEUDO_HEADER_GROUP)

_OTHER_FORM = {
    Checksum.MESSAGE_ONLY: Remark.MESSAGE_ONLY,
    Checksum.PSEUDO_HEADER: Remark.PSEUDO_HEADER,
    Checksum.PSEUDO_HEADER_GROUP: Remark.PSEUDO_HEADER_GROUP,
}


def refusal(settings: Settings, received: ReceivedAdvert) -> Optional[Refusal]:
    """Why this advert must be discarded; None when it counts."""
    advert = received.advert
    misdirected = _misdirected_unicast(settings, received) if settings.unicast else _misdirected(settings, received)
    if misdirected is not None:
        return misdirected
    if advert.version != settings.version:
        return Refusal.VERSION
    unproved = _unproved(settings, advert)
    if unproved is not None:
        return unproved
    if advert.version == 2 and advert.advert_int_cs != settings.advert_int_cs:
        return Refusal.INTERVAL
    if settings.owner_ignore_adverts and settings.is_owner and advert.priority != OWNER_PRIORITY:
        return Refusal.OWNER  # a second owner is never ignored: that would be two masters for ever
    return None


def _misdirected(settings: Settings, received: ReceivedAdvert) -> Optional[Refusal]:
    if received.ttl != TTL:
        return Refusal.TTL
    return None if received.destination in settings.destinations else Refusal.DESTINATION


def _misdirected_unicast(settings: Settings, received: ReceivedAdvert) -> Optional[Refusal]:
    """A peer's TTL counts only where it is bounded, because unicast may be routed."""
    peer = settings.peers.get(received.source)
    if received.destination.is_multicast:
        return Refusal.DESTINATION
    if peer is None:
        return Refusal.SOURCE if settings.check_unicast_src else None
    at_least = 0 if peer.min_ttl is None else peer.min_ttl
    at_most = TTL if peer.max_ttl is None else peer.max_ttl
    return None if at_least <= received.ttl <= at_most else Refusal.TTL_RANGE


def _unproved(settings: Settings, advert: Advert) -> Optional[Refusal]:
    """What is wrong with the sender's authentication."""
    if advert.auth_type != settings.auth_type:
        return Refusal.AUTH_TYPE
    if settings.auth_type == AUTH_PASS and advert.auth_data != settings.auth_data:
        return Refusal.AUTH_DATA
    return None


def remarks(settings: Settings, received: ReceivedAdvert, form: Checksum, same_master: bool) -> Iterator[Remark]:
    """What is strange about an advert that counts. ``form`` is the checksum that we send."""
    advert = received.advert
    if not (same_master and settings.skip_check_adv_addr) and not same_addresses(settings, advert):
        yield Remark.ADDRESSES
    if advert.version == 2:
        return
    if advert.advert_int_cs != settings.advert_int_cs:
        yield Remark.INTERVAL
    if received.checksum is not form and settings.family == 4:
        yield _OTHER_FORM[received.checksum]
    first = advert.addresses[0] if advert.addresses else None
    if isinstance(first, IPv6Address) and not first.is_link_local:
        yield Remark.LINK_LOCAL


def same_addresses(settings: Settings, advert: Advert) -> bool:
    """Whether the advert lists this instance's VIPs, in any order.

    A difference is counted and told, never a reason to discard: the pair would split for as long
    as a changed VIP list is on one node only (keepalived since 2.3.3, RFC 9568 section 7.1).
    """
    return {vip.address for vip in settings.advertised} == set(advert.addresses)
