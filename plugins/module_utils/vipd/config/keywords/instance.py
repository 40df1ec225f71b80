# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of vrrp_instance."""

from __future__ import annotations

from ..address_line import AddressLine
from ..address_values import Interface, IpAddress
from ..compound import DeletedScript, Name, OptionalInteger
from ..link_values import TTL, ExtraInterfaces, OldChecksum, PeerLine, VirtualMac
from ..model import VrrpInstance
from ..number_values import COUNT_MAX, Integer, Seconds, Version
from ..route_line import RouteLine
from ..rule_line import RuleLine
from ..script_line import Script
from ..table import Block, Items, Repeated, acts, keeps, refuses, replaced, warns
from ..values import Boolean, Flag, OneOf, Secret
from .garp import garp
from .groups import notifies, tracks

PREEMPT_DELAY_MAX_S = 1000
ADVERT_INT_MIN_S = 0.01
ADVERT_INT_MAX_S = 255
TIMER_EXPIRED_BACKUP = 254  # the highest priority that another node may have, where none is given

AUTHENTICATION = Block(
    (
        acts("auth_type", OneOf(("PASS", "AH"))),
        acts("auth_pass", Secret()),
    ),
    secret=True,
)

_NO_PEERS = "name the other nodes: vipd never falls back to multicast"
_TIMER_EXPIRED = OptionalInteger(Integer(1, 254), TIMER_EXPIRED_BACKUP)

VRRP_INSTANCE = Block(
    (
        acts("state", OneOf(("MASTER", "BACKUP")), always=True),
        acts("interface", Interface(), always=True),
        acts("virtual_router_id", Integer(1, 255), always=True),
        acts("priority", Integer(1, 255), always=True),
        acts("advert_int", Seconds(ADVERT_INT_MIN_S, ADVERT_INT_MAX_S), "advert_int_s", always=True),
        acts("version", Version()),
        acts("native_ipv6", Flag()),
        acts("nopreempt", Flag()),
        acts("preempt", Flag(sets=False), "nopreempt", alias=True),
        acts("preempt_delay", Seconds(0, PREEMPT_DELAY_MAX_S), "preempt_delay_s"),
        acts("mcast_src_ip", IpAddress()),
        acts("mcast_dst_ip", IpAddress(multicast=True)),
        acts("unicast_src_ip", IpAddress()),
        acts("track_src_ip", Flag()),
        acts("unicast_peer", Items(PeerLine(), empty_is_wrong=_NO_PEERS)),
        acts("unicast_ttl", TTL),
        acts("check_unicast_src", Boolean()),
        acts("unicast_fault_no_peer", Flag()),
        acts("old_unicast_checksum", OldChecksum()),
        acts("v3_checksum_as_v2", Boolean(), since="2.3"),
        acts("use_vmac", VirtualMac()),
        acts("use_vmac_addr", Flag()),
        acts("vmac_xmit_base", Flag()),
        acts("accept", Flag()),
        acts("no_accept", Flag(sets=False), "accept"),
        acts("strict_mode", Boolean()),
        acts("skip_check_adv_addr", Boolean()),
        acts("down_timer_adverts", Integer(1, 100)),
        acts("lower_prio_no_advert", Boolean()),
        acts("higher_prio_send_advert", Boolean()),
        acts("owner_ignore_adverts", Boolean(), since="2.3"),
        acts("timer_expired_backup", _TIMER_EXPIRED, since="2.3"),
        replaced("thread_timer_expired", "timer_expired_backup", _TIMER_EXPIRED, "timer_expired_backup"),
        acts("promote_secondaries", Flag()),
        keeps("kernel_rx_buf_size", Integer(1, COUNT_MAX)),
        acts("dont_track_primary", Flag()),
        *garp(""),
        acts("garp_extra_if", ExtraInterfaces(), "garp_extra_if_s garp_extra_if_all"),
        replaced("vmac_garp_intvl", "garp_extra_if", ExtraInterfaces(), "garp_extra_if_s garp_extra_if_all"),
        acts("authentication", AUTHENTICATION),
        *tracks(),
        acts("virtual_ipaddress", Items(AddressLine())),
        acts("virtual_ipaddress_excluded", Items(AddressLine())),
        acts("virtual_routes", Items(RouteLine())),
        acts("virtual_rules", Items(RuleLine())),
        *notifies(),
        acts("notify_deleted", DeletedScript(), "notify.deleted notify.says_deleted"),
        acts("notify_master_rx_lower_pri", Script(), "notify.master_rx_lower_pri"),
        *refuses("use_ipvlan vrf auth_hmac"),
        *warns("no_virtual_ipaddress", same_as=("",), since="2.3"),
        *warns("debug"),
        replaced("linkbeat_use_polling", "linkbeat_interfaces, outside the instance,"),
        replaced("lvs_sync_daemon_interface", "lvs_sync_daemon in global_defs"),
    )
)

INSTANCES = Repeated(VrrpInstance, VRRP_INSTANCE, Name(), "name")
