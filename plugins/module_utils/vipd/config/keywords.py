# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""THE TABLE: every keyword of keepalived.conf, what may follow it, and what vipd does with it.

``parse`` follows this table and ``render`` writes in its order. Source: keepalived.conf(5), and
keepalived's grammar up to 2.4. ``same_as`` lists arguments that ask for what vipd does anyway; the
keyword is then silently right.
"""

from __future__ import annotations

from .items import TrackInterfaceLine, TrackScriptLine, VirtualAddressLine
from .table import Block, Items, Keyword, acts, refuses, warns
from .values import (
    Account,
    Flag,
    Integer,
    Interface,
    OneOf,
    Script,
    Seconds,
    Secret,
    Weight,
    Word,
)

SECONDS_MAX = 4294  # keepalived counts microseconds in 32 bits
COUNT_MAX = 2**31 - 1
REPEAT_MAX = 1000  # more gratuitous ARPs in one go are a flood, not an announcement


ON = ("", "on", "true", "yes")
OFF = ("off", "false", "no")

_WHOLE = " (keepalived takes no decimals here)"
_DELAY = Seconds(0, SECONDS_MAX, whole=_WHOLE)
_REFRESH = Seconds(0, 2**32 - 1, whole=_WHOLE)
_REPEAT = Integer(1, REPEAT_MAX)


def _garp(prefix: str) -> tuple[Keyword, ...]:
    """When gratuitous ARP is sent: the same settings globally and in an instance."""
    return (
        acts(f"{prefix}garp_master_delay", _DELAY, "garp.master_delay_s"),
        acts(f"{prefix}garp_master_repeat", _REPEAT, "garp.master_repeat"),
        acts(f"{prefix}garp_master_refresh", _REFRESH, "garp.master_refresh_s"),
        acts(f"{prefix}garp_master_refresh_repeat", _REPEAT, "garp.master_refresh_repeat"),
        acts(f"{prefix}garp_lower_prio_delay", _DELAY, "garp.lower_prio_delay_s"),
        acts(f"{prefix}garp_lower_prio_repeat", Integer(0, REPEAT_MAX), "garp.lower_prio_repeat"),
    )


GLOBAL_DEFS = Block(
    (
        acts("router_id", Word("a name")),
        acts("script_user", Account()),
        acts("enable_script_security", Flag()),
        *_garp("vrrp_"),
        *refuses("vrrp_version", same_as=("2",)),
        *refuses("vrrp_mcast_group4", same_as=("224.0.0.18",)),
        *refuses("vrrp_down_timer_adverts", same_as=("3",)),
        *refuses("vrrp_strict vrrp_lower_prio_no_advert vrrp_owner_ignore_adverts", same_as=OFF),
        *refuses("vrrp_startup_delay vrrp_delay_after_boot", same_as=("0",)),
        *refuses("net_namespace"),
        *warns("vrrp_higher_prio_send_advert reload_check_config", same_as=ON),
        *warns("dynamic_interfaces", same_as=OFF),
        *warns(
            "notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout"
            " smtp_alert smtp_alert_vrrp smtp_alert_checker no_email_faults no_checker_emails checker_log_all_failures"
        ),
        *warns("startup_script startup_script_timeout shutdown_script shutdown_script_timeout"),
        *warns("vrrp_mcast_group6 vrrp_garp_interval vrrp_gna_interval vrrp_min_garp"),
        *warns("vrrp_garp_extra_if vrrp_vmac_garp_intvl vrrp_check_unicast_src vrrp_skip_check_adv_addr"),
        *warns("vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex nftables_counters"),
        *warns("default_interface disable_local_igmp v3_checksum_as_v2 log_unknown_vrids vmac_prefix vmac_addr_prefix"),
        *warns("lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon rs_init_notifies"),
        *warns("nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark"),
        *warns("notify_fifo notify_fifo_script vrrp_notify_fifo vrrp_notify_fifo_script"),
        *warns("lvs_notify_fifo lvs_notify_fifo_script vrrp_notify_priority_changes fifo_write_vrrp_states_on_reload"),
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
        *warns("enable_dbus dbus_service_name dbus_no_interface_name json_version"),
        *warns("state_dump_file stats_dump_file json_dump_file data_use_instance"),
        *warns("reload_time_file reload_repeat reload_file include_check config_save_dir tmp_config_directory"),
        *warns("net_namespace_ipvs namespace_with_ipsets instance use_pid_dir child_wait_time linkbeat_use_polling"),
        *warns("process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name"),
        *warns("umask random_seed iproute_usr_dir iproute_etc_dir set_supplementary_groups use_symlink_paths"),
    )
)

VRRP_SCRIPT = Block(
    (
        acts("script", Script(account=False), "command"),
        acts("interval", Seconds(0.001, SECONDS_MAX), "interval_s"),
        acts("timeout", Seconds(0.001, SECONDS_MAX), "timeout_s"),
        acts("weight", Weight()),
        acts("rise", Integer(1, COUNT_MAX)),
        acts("fall", Integer(1, COUNT_MAX)),
        acts("user", Account()),
        acts("init_fail", Flag()),
    ),
    named=True,
)

AUTHENTICATION = Block(
    (
        acts("auth_type", OneOf(("PASS", "AH"))),
        acts("auth_pass", Secret()),
    ),
    secret=True,
)

VRRP_INSTANCE = Block(
    (
        acts("state", OneOf(("MASTER", "BACKUP")), always=True),
        acts("interface", Interface(), always=True),
        acts("virtual_router_id", Integer(1, 255), always=True),
        acts("priority", Integer(1, 255), always=True),
        acts("advert_int", Seconds(1, 255, whole=" (VRRPv2 has no fractions)"), "advert_int_s", always=True),
        acts("nopreempt", Flag()),
        acts("preempt", Flag(sets=False), "nopreempt"),
        acts("dont_track_primary", Flag()),
        *_garp(""),
        acts("authentication", AUTHENTICATION),
        acts("track_interface", Items(TrackInterfaceLine()), "tracks.interfaces"),
        acts("track_script", Items(TrackScriptLine()), "tracks.scripts"),
        acts("virtual_ipaddress", Items(VirtualAddressLine())),
        acts("notify_master", Script(), "notify.master"),
        acts("notify_backup", Script(), "notify.backup"),
        acts("notify_fault", Script(), "notify.fault"),
        acts("notify_stop", Script(), "notify.stop"),
        acts("notify", Script(), "notify.any"),
        *refuses("version", same_as=("2",)),
        *refuses(
            "unicast_peer unicast_src_ip unicast_ttl unicast_fault_no_peer check_unicast_src old_unicast_checksum"
        ),
        *refuses("mcast_src_ip track_src_ip"),
        *refuses("mcast_dst_ip", same_as=("224.0.0.18",)),
        *refuses("use_vmac use_vmac_addr vmac_xmit_base use_ipvlan vrf native_ipv6"),
        *refuses("virtual_ipaddress_excluded virtual_routes virtual_rules"),
        *refuses("track_process track_file track_bfd"),
        *refuses("preempt_delay", same_as=("0",)),
        *refuses("down_timer_adverts", same_as=("3",)),
        *refuses("strict_mode lower_prio_no_advert owner_ignore_adverts", same_as=OFF),
        *refuses("no_accept auth_hmac"),
        *warns("accept", same_as=("",)),
        *warns("higher_prio_send_advert", same_as=ON),
        *warns("notify_deleted notify_master_rx_lower_pri notify_priority_changes smtp_alert"),
        *warns("garp_extra_if vmac_garp_intvl timer_expired_backup thread_timer_expired skip_check_adv_addr"),
        *warns("no_virtual_ipaddress promote_secondaries v3_checksum_as_v2 kernel_rx_buf_size debug"),
        *warns("linkbeat_use_polling lvs_sync_daemon_interface"),
    ),
    named=True,
)

_CHECKER = (
    "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry delay_before_retry warmup"
    " delay_loop alpha log_all_failures"
)
_SMTP_HOST = Block(warns("connect_ip connect_port bindto bind_port bind_if fwmark"))
_URL = Block(
    warns(
        "path digest status_code virtualhost regex regex_no_match regex_options regex_stack regex_min_offset"
        " regex_max_offset tls_compliant"
    )
)
_HTTP = Block(
    (
        *warns("url", _URL),
        *warns("virtualhost http_protocol enable_sni sni_name fast_recovery tls_compliant nb_get_retry"),
        *warns(_CHECKER),
    )
)

REAL_SERVER = Block(
    (
        *warns("weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down alpha retry"),
        *warns("delay_before_retry warmup connect_timeout delay_loop smtp_alert virtualhost snmp_name"),
        *warns("HTTP_GET SSL_GET", _HTTP),
        *warns("TCP_CHECK", Block(warns(_CHECKER))),
        *warns("PING_CHECK", Block(warns(_CHECKER))),
        *warns("MISC_CHECK", Block(warns(f"misc_path misc_timeout misc_dynamic user {_CHECKER}"))),
        *warns("SMTP_CHECK", Block((*warns("host", _SMTP_HOST), *warns(f"helo_name {_CHECKER}")))),
        *warns("DNS_CHECK", Block(warns(f"type name {_CHECKER}"))),
        *warns("UDP_CHECK", Block(warns(f"payload require_reply min_reply_length max_reply_length {_CHECKER}"))),
        *warns("FILE_CHECK", Block(warns("track_file weight dynamic"))),
        *warns("BFD_CHECK", Block(warns("name alpha"))),
    )
)

VIRTUAL_SERVER = Block(
    (
        *warns("real_server", REAL_SERVER),
        *warns("ip_family retry delay_before_retry warmup connect_timeout delay_loop inhibit_on_failure"),
        *warns("lb_algo lvs_sched lb_kind lvs_method hashed ops flag-1 flag-2 flag-3 sh-port sh-fallback"),
        *warns("mh-port mh-fallback persistence_engine persistence_timeout persistence_granularity protocol nat_mask"),
        *warns("ha_suspend smtp_alert virtualhost snmp_name alpha omega quorum_up quorum_down quorum hysteresis"),
        *warns("weight sorry_server sorry_server_inhibit sorry_server_lvs_method"),
    )
)

_TRACK_FILE = Block(warns("file weight init_file"))
_TRACK_PROCESS = Block(
    warns("process param_match weight quorum quorum_max delay terminate_delay fork_delay full_command")
)
_BFD = Block(
    warns(
        "neighbor_ip neighbour_ip source_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit max_hops multihop"
        " weight vrrp checker"
    )
)

ROOT = Block(
    (
        acts("global_defs", GLOBAL_DEFS),
        acts("vrrp_script", VRRP_SCRIPT, "scripts"),
        acts("vrrp_instance", VRRP_INSTANCE, "instances"),
        *refuses("vrrp_sync_group static_ipaddress static_routes static_rules net_namespace"),
        *warns("virtual_server", VIRTUAL_SERVER),
        *warns("virtual_server_group"),
        *warns("SSL", Block(warns("password ca certificate key"))),
        *warns("vrrp_track_file track_file", _TRACK_FILE),
        *warns("vrrp_track_process", _TRACK_PROCESS),
        *warns("bfd_instance", _BFD),
        *warns("garp_group", Block(warns("garp_interval gna_interval interface interfaces"))),
        *warns("track_group", Block(warns("group"))),
        *warns("linkbeat_interfaces interface_up_down_delays linkbeat_use_polling"),
        *warns("net_namespace_ipvs namespace_with_ipsets instance use_pid_dir child_wait_time"),
    )
)


def homes(name: str) -> tuple[str, ...]:
    """The blocks in which vipd knows ``name``, for the reader who put it into another."""
    blocks = {
        "global_defs": GLOBAL_DEFS,
        "vrrp_script": VRRP_SCRIPT,
        "vrrp_instance": VRRP_INSTANCE,
        "authentication": AUTHENTICATION,
        "virtual_server": VIRTUAL_SERVER,
        "real_server": REAL_SERVER,
    }
    return tuple(home for home, block in blocks.items() if block.find(name))
