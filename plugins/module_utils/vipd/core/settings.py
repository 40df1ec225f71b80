# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a configuration comes to: every default filled in, every "not given" decided.

The one place where ``global_defs`` meets a ``vrrp_instance``; the core and the runtime read these values and never ask
the two models which of them wins. Source: keepalived.conf(5); where we differ from it, the field says so.
What the instance sends is made in ``advert.py``, whom it believes is decided in ``receive.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Optional

from ..config.given import given
from ..config.model import (
    OWNER_PRIORITY,
    Address,
    GlobalDefs,
    Route,
    Rule,
    Tracks,
    UnicastPeer,
    VirtualAddress,
    VrrpInstance,
    VrrpSyncGroup,
)
from ..config.slotted import slotted
from ..config.spoken import destinations_of, family_of, is_unicast, version_of
from ..config.tracked import TRACKS_NOTHING
from ..config.vmac_names import names_for
from ..wire.vrrp import AUTH_DATA_LENGTH, AUTH_NONE, AUTH_PASS, TTL, Checksum
from .garp import Garp
from .notify import Audience
from .timers import DOWN_TIMER_ADVERTS

# How many addresses an advert lists: its count is one octet, and an Ethernet's 1500 octets hold 90 of IPv6. What is
# beyond is held all the same, as if excluded.
ADVERTISED_MAX = {4: 255, 6: 90}


@slotted
@dataclass(frozen=True)
class Settings:
    """One instance as it shall behave.

    ``interface`` is where it listens (empty: unicast, on any), ``transmit_interface`` where its adverts leave,
    ``address_interface`` where VIPs without a ``dev`` go. ``advertised`` are in the adverts, ``unadvertised`` are held
    beside them. ``destinations`` are the group, or the unicast peers; with none the instance can tell nobody, and must
    not be master. ``source`` None is the interface's own primary (link-local) address. The weights of ``group_tracks``
    count always, those of its own ``tracks`` when ``weights_count``.
    """

    name: str
    vrid: int
    version: int
    family: int
    priority: int
    interface: str
    transmit_interface: str
    address_interface: str
    advert_int_cs: int
    advertised: tuple[VirtualAddress, ...]
    unadvertised: tuple[VirtualAddress, ...]
    routes: tuple[Route, ...]
    rules: tuple[Rule, ...]
    unicast: bool
    destinations: tuple[Address, ...]
    peers: Mapping[Address, UnicastPeer]
    source: Optional[Address]
    track_source: bool
    ttl: int
    checksum: Checksum
    adapts_checksum: bool
    auth_type: int
    auth_data: bytes = field(repr=False)
    strict: bool
    nopreempt: bool
    preempt_delay_s: float
    down_timer_adverts: int
    lower_prio_no_advert: bool
    higher_prio_send_advert: bool
    owner_ignore_adverts: bool
    check_unicast_src: bool
    skip_check_adv_addr: bool
    timer_expired_backup: Optional[int]
    accept: bool
    garp: Garp
    audience: Audience
    track_primary: bool
    tracks: Tracks
    weights_count: bool
    group_tracks: Tracks

    @property
    def advert_int_s(self) -> float:
        return self.advert_int_cs / 100

    @property
    def is_owner(self) -> bool:
        return self.priority == OWNER_PRIORITY

    @property
    def vips(self) -> tuple[VirtualAddress, ...]:
        """Everything the master holds."""
        return self.advertised + self.unadvertised


def resolve(instance: VrrpInstance, node: GlobalDefs, group: Optional[VrrpSyncGroup] = None) -> Settings:
    """The instance's own settings, else the node's, else the defaults. ``group`` is the one it is a member of."""
    family, strict = family_of(instance), given(instance.strict_mode, node.vrrp_strict)
    version = version_of(instance, node)
    unicast = is_unicast(instance)
    advertised, unadvertised = _split(instance, family)
    address_interface = vmac_name(instance, node.vmac_prefix) if instance.use_vmac else instance.interface
    through_vmac = instance.use_vmac and not unicast and (strict or not instance.vmac_xmit_base)
    as_v2 = given(instance.v3_checksum_as_v2, node.v3_checksum_as_v2)
    auth_type, auth_data = _authentication(instance, version, strict)
    return Settings(
        name=instance.name,
        vrid=instance.virtual_router_id,
        version=version,
        family=family,
        priority=instance.priority,
        interface=instance.interface,
        transmit_interface=address_interface if through_vmac else instance.interface,
        address_interface=address_interface,
        advert_int_cs=_advert_int_cs(instance.advert_int_s, version),
        advertised=advertised,
        unadvertised=unadvertised,
        routes=instance.virtual_routes,
        rules=instance.virtual_rules,
        unicast=unicast,
        destinations=destinations_of(instance, node),
        peers={peer.address: peer for peer in instance.unicast_peer},
        source=instance.unicast_src_ip if unicast else instance.mcast_src_ip,
        track_source=instance.track_src_ip,
        ttl=instance.unicast_ttl if unicast else TTL,
        checksum=_checksum(instance, unicast, as_v2),
        adapts_checksum=unicast and not as_v2 and instance.old_unicast_checksum is None,
        auth_type=auth_type,
        auth_data=auth_data,
        strict=strict,
        nopreempt=instance.nopreempt and instance.priority != OWNER_PRIORITY,
        preempt_delay_s=0.0 if strict or instance.nopreempt else instance.preempt_delay_s,
        down_timer_adverts=(
            DOWN_TIMER_ADVERTS if strict else given(instance.down_timer_adverts, node.vrrp_down_timer_adverts)
        ),
        lower_prio_no_advert=given(instance.lower_prio_no_advert, node.vrrp_lower_prio_no_advert or strict),
        higher_prio_send_advert=_last_advert(instance, node, strict),
        owner_ignore_adverts=given(instance.owner_ignore_adverts, node.vrrp_owner_ignore_adverts),
        check_unicast_src=given(instance.check_unicast_src, node.vrrp_check_unicast_src),
        skip_check_adv_addr=given(instance.skip_check_adv_addr, node.vrrp_skip_check_adv_addr),
        timer_expired_backup=instance.timer_expired_backup if instance.nopreempt else None,
        accept=instance.priority == OWNER_PRIORITY or _accepts(instance, version, strict),
        garp=Garp.of(instance, node, strict),
        audience=Audience.of("INSTANCE", instance, node),
        track_primary=not instance.dont_track_primary,
        tracks=instance.tracks,
        weights_count=group is None or group.sync_group_tracking_weight,
        group_tracks=group.tracks if group else TRACKS_NOTHING,
    )


def vmac_name(instance: VrrpInstance, prefix: Optional[str] = None) -> str:
    """Of the interface that ``use_vmac`` makes; ``prefix`` is the node's ``vmac_prefix``.

    ``vmac_names.named`` has given it one that no other has; without, this is the first that it would try.
    """
    own = instance.use_vmac.name if instance.use_vmac else None
    return own or next(names_for(instance, prefix))


def _split(instance: VrrpInstance, family: int) -> tuple[tuple[VirtualAddress, ...], tuple[VirtualAddress, ...]]:
    """An advert lists one family, and not more than it can hold."""
    vips, excluded = (
        _placed(instance, instance.virtual_ipaddress),
        _placed(instance, instance.virtual_ipaddress_excluded),
    )
    advertised = tuple([vip for vip in vips if vip.address.version == family][: ADVERTISED_MAX[family]])
    said = set(advertised)
    return advertised, tuple(vip for vip in vips if vip not in said) + excluded


def _placed(instance: VrrpInstance, vips: tuple[VirtualAddress, ...]) -> tuple[VirtualAddress, ...]:
    """Where the instance has a VMAC interface, ``dev`` with the name of the one below means that as well."""
    if instance.use_vmac is None:
        return vips
    return tuple(replace(vip, dev=None) if vip.dev == instance.interface else vip for vip in vips)


def _advert_int_cs(interval_s: float, version: int) -> int:
    """Version 2 says whole seconds, version 3 centiseconds, both in one octet and a half at most."""
    if version == 3:
        return max(1, min(4095, round(100 * interval_s)))
    return 100 * max(1, min(255, round(interval_s)))


def _checksum(instance: VrrpInstance, unicast: bool, as_v2: bool) -> Checksum:
    """What is sent over IPv4 in version 3: RFC 5798's form, which is keepalived's, unless told otherwise."""
    if as_v2:
        return Checksum.MESSAGE_ONLY
    return Checksum.PSEUDO_HEADER_GROUP if unicast and instance.old_unicast_checksum else Checksum.PSEUDO_HEADER


def _authentication(instance: VrrpInstance, version: int, strict: bool) -> tuple[int, bytes]:
    """Type and eight octets; a shorter password is padded with zeros. Version 3 has none, and strict mode neither."""
    if instance.auth_pass is None or version == 3 or strict:
        return AUTH_NONE, bytes(AUTH_DATA_LENGTH)
    octets = instance.auth_pass.encode("utf-8", "surrogateescape")[:AUTH_DATA_LENGTH]
    return AUTH_PASS, octets.ljust(AUTH_DATA_LENGTH, b"\0")


def _last_advert(instance: VrrpInstance, node: GlobalDefs, strict: bool) -> bool:
    """On unless turned off: it is what heals a split (keepalived: off unless turned on)."""
    return not strict and given(instance.higher_prio_send_advert, given(node.vrrp_higher_prio_send_advert, True))


def _accepts(instance: VrrpInstance, version: int, strict: bool) -> bool:
    """A load balancer serves at its VIPs; strict mode follows the RFC, which forbids it to all but the owner."""
    if strict:
        return version == 3 and bool(instance.accept)
    return given(instance.accept, True)
