# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of global_defs."""

from __future__ import annotations

from ..address_values import Interface, IpAddress
from ..compound import NFTABLES_DEFAULT, HostPort, Line, Option, OptionalName
from ..link_values import ExtraInterfaces
from ..number_values import COUNT_MAX, SECONDS_MAX, Integer, Seconds, Version
from ..script_line import Account, OwnedPath, Script
from ..table import Block, Items, acts, refuses, replaced, steers, warns
from ..values import ON, Boolean, Flag, Word
from .garp import garp
from .lvs import IN_GLOBAL_DEFS as LVS_GLOBALS

_INTERVAL = Seconds(0.000001, SECONDS_MAX)
_SCRIPT_TIMEOUT = Seconds(1, 1000)
_DELAY = Seconds(0.001, SECONDS_MAX)
_PATH = Word("a path")
_EXTRA_IF = "vrrp_garp_extra_if_s vrrp_garp_extra_if_all"

GLOBAL_DEFS = Block(
    (
        acts("router_id", Word("a name")),
        acts("script_user", Account()),
        acts("enable_script_security", Flag()),
        acts("dynamic_interfaces", Option("allow_if_changes"), "dynamic_interfaces allow_if_changes"),
        acts("default_interface", Interface()),
        acts("vrrp_version", Version()),
        acts("vrrp_mcast_group4", IpAddress(4, multicast=True)),
        acts("vrrp_mcast_group6", IpAddress(6, multicast=True)),
        *garp("vrrp_"),
        acts("vrrp_garp_interval", _INTERVAL, "vrrp_garp_interval_s"),
        acts("vrrp_gna_interval", _INTERVAL, "vrrp_gna_interval_s"),
        acts("vrrp_min_garp", Boolean()),
        acts("vrrp_garp_extra_if", ExtraInterfaces(), _EXTRA_IF),
        replaced("vrrp_vmac_garp_intvl", "vrrp_garp_extra_if", ExtraInterfaces(), _EXTRA_IF),
        acts("vrrp_down_timer_adverts", Integer(1, 100)),
        acts("vrrp_lower_prio_no_advert", Boolean()),
        acts("vrrp_higher_prio_send_advert", Boolean()),
        acts("vrrp_owner_ignore_adverts", Boolean(), since="2.3"),
        acts("vrrp_check_unicast_src", Boolean(bare=True)),
        acts("vrrp_skip_check_adv_addr", Boolean(bare=True)),
        acts("vrrp_strict", Boolean(bare=True)),
        acts("vrrp_startup_delay", _DELAY, "vrrp_startup_delay_s"),
        acts("vrrp_delay_after_boot", _DELAY, "vrrp_delay_after_boot_s", since="2.4"),
        acts("v3_checksum_as_v2", Boolean(), since="2.3"),
        acts("vmac_prefix", Word("the beginning of an interface's name"), since="2.3"),
        acts("nftables", OptionalName(NFTABLES_DEFAULT)),
        acts("nftables_priority", Integer(-COUNT_MAX - 1, COUNT_MAX)),
        acts("notify_fifo", OwnedPath(), "notify_fifo.path notify_fifo.owner"),
        acts("notify_fifo_script", Script(), "notify_fifo.script"),
        acts("vrrp_notify_fifo", OwnedPath(), "vrrp_notify_fifo.path vrrp_notify_fifo.owner"),
        acts("vrrp_notify_fifo_script", Script(), "vrrp_notify_fifo.script"),
        acts("lvs_notify_fifo", OwnedPath(), "lvs_notify_fifo.path lvs_notify_fifo.owner"),
        acts("lvs_notify_fifo_script", Script(), "lvs_notify_fifo.script"),
        acts("vrrp_notify_priority_changes", Boolean()),
        acts("fifo_write_vrrp_states_on_reload", Flag()),
        acts("notification_email", Items(Line("a mail address"), needed=True), "smtp.recipients"),
        acts("notification_email_from", Word("a mail address"), "smtp.sender"),
        acts("smtp_server", HostPort(25), "smtp.server smtp.port"),
        acts("smtp_helo_name", Word("a host name"), "smtp.helo_name"),
        acts(
            "smtp_connect_timeout",
            Seconds(1, SECONDS_MAX, whole=" (keepalived takes no decimals here)"),
            "smtp.connect_timeout_s",
        ),
        acts("smtp_alert", Boolean()),
        acts("smtp_alert_vrrp", Boolean()),
        acts("no_email_faults", Flag()),
        acts("startup_script", Script()),
        acts("startup_script_timeout", _SCRIPT_TIMEOUT, "startup_script_timeout_s"),
        acts("shutdown_script", Script()),
        acts("shutdown_script_timeout", _SCRIPT_TIMEOUT, "shutdown_script_timeout_s"),
        acts("state_dump_file", _PATH, since="2.3"),
        acts("stats_dump_file", _PATH, since="2.3"),
        acts("json_dump_file", _PATH, since="2.3"),
        acts("json_version", Integer(1, 2), since="2.3"),
        *refuses("net_namespace"),
        *warns("reload_check_config", same_as=("", *ON)),
        *warns("vrrp_iptables vrrp_ipsets nftables_ifindex nftables_counters"),
        *warns("disable_local_igmp log_unknown_vrids vmac_addr_prefix"),
        *LVS_GLOBALS,
        *warns("max_auto_priority min_auto_priority_delay"),
        *warns("vrrp_priority vrrp_no_swap vrrp_rt_priority vrrp_cpu_affinity vrrp_rlimit_rttime vrrp_rlimit_rtime"),
        *warns("checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity"),
        *warns("checker_rlimit_rttime checker_rlimit_rtime"),
        *warns("bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime"),
        *warns("vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier process_monitor_rcv_bufs process_monitor_rcv_bufs_force"),
        *warns("vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force"),
        *warns("vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force"),
        *warns("lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force"),
        *warns("lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force"),
        *warns("enable_snmp_vrrp enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2"),
        *warns(
            "enable_snmp_rfcv3 enable_traps snmp_socket snmp_vs_stats_update_interval snmp_rs_stats_update_interval"
        ),
        *warns("enable_dbus dbus_service_name dbus_no_interface_name data_use_instance"),
        steers("include_check"),
        *warns("reload_time_file reload_repeat reload_file config_save_dir tmp_config_directory"),
        *warns("net_namespace_ipvs namespace_with_ipsets instance use_pid_dir child_wait_time"),
        *warns("process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name"),
        *warns("umask random_seed iproute_usr_dir iproute_etc_dir set_supplementary_groups use_symlink_paths"),
    ),
    part="global_defs",
)
