# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration as frozen dataclasses: what ``parse`` makes, ``render`` writes, the core obeys.

A model never refers to sockets, files or time. Two models are equal when they ask for the same
behaviour: places in the file take no part in equality. ``None`` means "not given"; the effective
value then comes from :class:`GlobalDefs` or keepalived's default (``core/settings.py``).
Field names are keepalived's keywords; units end names. Source: keepalived.conf(5).

    place.py     where in a file something stands
    commands.py  programs, accounts, notify commands
    network.py   addresses, routes, rules
    tracked.py   scripts, processes, files, interfaces, and who tracks them
    lvs.py       virtual servers and real servers; checkers.py: how these are checked
    model.py     the blocks that hold these; look here for all names
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from .commands import NOTIFIES_NOBODY, Command, Fifo, Notify, ScriptUser
from .lvs_settings import NO_LVS, UNCHANGED, Lvs, LvsGlobals
from .network import Address, NextHop, Route, Rule, VirtualAddress
from .place import NOWHERE, Place
from .slotted import slotted
from .tracked import (
    TRACKS_NOTHING,
    TrackFile,
    TrackInterface,
    TrackProcess,
    Tracks,
    TrackScript,
    VrrpScript,
    VrrpTrackFile,
    VrrpTrackProcess,
)

__all__ = [
    "DEFAULT_PRIORITY",
    "DEFAULT_STATE",
    "NOWHERE",
    "OWNER_PRIORITY",
    "Address",
    "Command",
    "Config",
    "Fifo",
    "GarpGroup",
    "GarpSettings",
    "GlobalDefs",
    "InterfaceDelays",
    "NextHop",
    "Notify",
    "Place",
    "Route",
    "Rule",
    "ScriptUser",
    "Smtp",
    "TrackFile",
    "TrackGroup",
    "TrackInterface",
    "TrackProcess",
    "TrackScript",
    "Tracks",
    "UnicastPeer",
    "VirtualAddress",
    "Vmac",
    "VrrpInstance",
    "VrrpScript",
    "VrrpSyncGroup",
    "VrrpTrackFile",
    "VrrpTrackProcess",
]

DEFAULT_STATE = "BACKUP"
DEFAULT_PRIORITY = 100
OWNER_PRIORITY = 255  # RFC 9568 5.2.4: the node that owns the addresses


@dataclass(frozen=True)
class GarpSettings:
    """When gratuitous ARP and unsolicited NA are sent; ``None`` inherits (instance <- global_defs <- default)."""

    master_delay_s: Optional[float] = None
    master_repeat: Optional[int] = None
    master_refresh_s: Optional[float] = None
    master_refresh_repeat: Optional[int] = None
    lower_prio_delay_s: Optional[float] = None
    lower_prio_repeat: Optional[int] = None


@dataclass(frozen=True)
class Smtp:
    """Where alerts by mail go. ``server`` is a host name or address; keepalived has no more than port and hello name.

    ``tls`` and what follows are vipd's own (its second file): none, starttls or implicit; the password is read from
    ``password_file`` when a mail is sent, so that it stands in no configuration.
    """

    server: Optional[str] = None
    port: int = 25
    helo_name: Optional[str] = None
    connect_timeout_s: float = 30.0
    sender: Optional[str] = None
    recipients: tuple[str, ...] = ()
    tls: str = "none"
    ca_file: Optional[str] = None
    user: Optional[str] = None
    password_file: Optional[str] = None


@dataclass(frozen=True)
class GlobalDefs:
    """The ``global_defs`` block. ``None`` means "not given"; what that comes to is in ``core/settings.py``."""

    router_id: Optional[str] = None
    script_user: Optional[ScriptUser] = None
    enable_script_security: bool = False
    garp: GarpSettings = GarpSettings()
    lvs: LvsGlobals = UNCHANGED
    vrrp_version: int = 2
    vrrp_mcast_group4: Optional[Address] = None
    vrrp_mcast_group6: Optional[Address] = None
    vrrp_garp_interval_s: float = 0.0
    vrrp_gna_interval_s: float = 0.0
    vrrp_min_garp: bool = False
    vrrp_garp_extra_if_s: int = 0
    vrrp_garp_extra_if_all: bool = False
    vrrp_down_timer_adverts: int = 3
    vrrp_lower_prio_no_advert: bool = False
    vrrp_higher_prio_send_advert: Optional[bool] = None
    vrrp_owner_ignore_adverts: bool = False
    vrrp_check_unicast_src: bool = False
    vrrp_skip_check_adv_addr: bool = False
    vrrp_strict: bool = False
    vrrp_startup_delay_s: float = 0.0
    vrrp_delay_after_boot_s: float = 0.0
    dynamic_interfaces: bool = False
    allow_if_changes: bool = False
    default_interface: Optional[str] = None
    v3_checksum_as_v2: bool = False
    nftables: Optional[str] = None
    nftables_priority: Optional[int] = None
    notify_fifo: Optional[Fifo] = None
    vrrp_notify_fifo: Optional[Fifo] = None
    lvs_notify_fifo: Optional[Fifo] = None
    vrrp_notify_priority_changes: bool = False
    fifo_write_vrrp_states_on_reload: bool = False
    smtp: Smtp = Smtp()
    smtp_alert: Optional[bool] = None
    smtp_alert_vrrp: Optional[bool] = None
    no_email_faults: bool = False
    startup_script: Optional[Command] = None
    startup_script_timeout_s: float = 10.0
    shutdown_script: Optional[Command] = None
    shutdown_script_timeout_s: float = 10.0
    state_dump_file: Optional[str] = None
    stats_dump_file: Optional[str] = None
    json_dump_file: Optional[str] = None
    json_version: int = 1
    vmac_prefix: Optional[str] = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class UnicastPeer:
    """``min_ttl`` and ``max_ttl`` None: any TTL is accepted, as keepalived does for unicast."""

    address: Address
    min_ttl: Optional[int] = None
    max_ttl: Optional[int] = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Vmac:
    """``use_vmac``: ``name`` None is for ``vmac_names.py`` to find, ``mac`` None the RFC's 00:00:5e:00:01:VRID."""

    name: Optional[str] = None
    mac: Optional[str] = None


@slotted
@dataclass(frozen=True)
class VrrpInstance:
    """A ``vrrp_instance`` block. ``auth_pass`` holds at most eight bytes: what goes on the wire.

    ``interface`` is empty only for a unicast instance that names its ``unicast_src_ip``.
    """

    name: str
    interface: str
    virtual_router_id: int
    state: str = DEFAULT_STATE
    priority: int = DEFAULT_PRIORITY
    advert_int_s: float = 1.0
    version: Optional[int] = None
    auth_pass: Optional[str] = field(default=None, repr=False)
    virtual_ipaddress: tuple[VirtualAddress, ...] = ()
    virtual_ipaddress_excluded: tuple[VirtualAddress, ...] = ()
    virtual_routes: tuple[Route, ...] = ()
    virtual_rules: tuple[Rule, ...] = ()
    nopreempt: bool = False
    preempt_delay_s: float = 0.0
    native_ipv6: bool = False
    mcast_src_ip: Optional[Address] = None
    mcast_dst_ip: Optional[Address] = None
    unicast_src_ip: Optional[Address] = None
    unicast_peer: tuple[UnicastPeer, ...] = ()
    unicast_ttl: int = 255
    check_unicast_src: Optional[bool] = None
    old_unicast_checksum: Optional[bool] = None
    unicast_fault_no_peer: bool = False
    track_src_ip: bool = False
    dont_track_primary: bool = False
    tracks: Tracks = TRACKS_NOTHING
    notify: Notify = NOTIFIES_NOBODY
    notify_priority_changes: Optional[bool] = None
    smtp_alert: Optional[bool] = None
    garp: GarpSettings = GarpSettings()
    garp_extra_if_s: Optional[int] = None
    garp_extra_if_all: bool = False
    use_vmac: Optional[Vmac] = None
    vmac_xmit_base: bool = False
    use_vmac_addr: bool = False
    accept: Optional[bool] = None
    down_timer_adverts: Optional[int] = None
    lower_prio_no_advert: Optional[bool] = None
    higher_prio_send_advert: Optional[bool] = None
    owner_ignore_adverts: Optional[bool] = None
    skip_check_adv_addr: Optional[bool] = None
    strict_mode: Optional[bool] = None
    v3_checksum_as_v2: Optional[bool] = None
    timer_expired_backup: Optional[int] = None
    promote_secondaries: bool = False
    kernel_rx_buf_size: Optional[int] = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class VrrpSyncGroup:
    """A ``vrrp_sync_group`` block: ``group`` names the instances that change their state together."""

    name: str
    group: tuple[str, ...]
    tracks: Tracks = TRACKS_NOTHING
    notify: Notify = NOTIFIES_NOBODY
    notify_priority_changes: Optional[bool] = None
    smtp_alert: Optional[bool] = None
    sync_group_tracking_weight: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class InterfaceDelays:
    """One line of ``interface_up_down_delays``: how long an interface must stay down, or up, to count as that."""

    interface: str
    down_s: float
    up_s: float = 0.0
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class TrackGroup:
    """A ``track_group`` block: instances that fail when a static address, route or rule of the group goes away."""

    name: str
    group: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class GarpGroup:
    """A ``garp_group`` block: the least time between two announcements on these interfaces, all of them together."""

    garp_interval_s: Optional[float] = None
    gna_interval_s: Optional[float] = None
    interfaces: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Config:
    """A keepalived.conf; its LVS half is in ``lvs``."""

    global_defs: GlobalDefs = GlobalDefs()
    scripts: tuple[VrrpScript, ...] = ()
    processes: tuple[VrrpTrackProcess, ...] = ()
    files: tuple[VrrpTrackFile, ...] = ()
    instances: tuple[VrrpInstance, ...] = ()
    sync_groups: tuple[VrrpSyncGroup, ...] = ()
    static_ipaddress: tuple[VirtualAddress, ...] = ()
    static_routes: tuple[Route, ...] = ()
    static_rules: tuple[Rule, ...] = ()
    track_groups: tuple[TrackGroup, ...] = ()
    garp_groups: tuple[GarpGroup, ...] = ()
    interface_delays: tuple[InterfaceDelays, ...] = ()
    lvs: Lvs = NO_LVS
