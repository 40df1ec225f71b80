# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every metric there is: by the public keepalived exporter's name where it has one, then ours. A table, no program.

docs/metrics.md is made from it. Names and labels of ``KEEPALIVED`` are mehdy/keepalived-exporter's, so that its
dashboards and alerts go on working; ours begin with ``vipd_``.
"""

from __future__ import annotations

from .exposition import Family, Kind

INSTANCE = ("iname", "intf", "vrid")
VIP = (*INSTANCE, "ip_address")
REAL_SERVER = ("virtual_server", "real_server")
STATES = "0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT, 98 STOP"


def _counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Family:
    return Family(name, Kind.COUNTER, text, labels)


def _gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Family:
    return Family(name, Kind.GAUGE, text, labels)


# keepalived's name of a counter in its dumps: the exporter's metric
KEEPALIVED_COUNTERS = {
    key: _counter(f"keepalived_{name}_total", text, INSTANCE)
    for key, name, text in (
        ("advert_rcvd", "advertisements_received", "Adverts received that counted"),
        ("advert_sent", "advertisements_sent", "Adverts sent"),
        ("become_master", "become_master", "How often it became master"),
        ("release_master", "release_master", "How often it stopped being master"),
        ("packet_len_err", "packet_length_errors", "Packets cut short, at this interface"),
        ("advert_interval_err", "advertisements_interval_errors", "Adverts with another advert_int, discarded"),
        ("ip_ttl_err", "ip_ttl_errors", "Adverts whose TTL says that they came through a router, discarded"),
        ("invalid_type_rcvd", "invalid_type_received", "Packets of an unknown type, at this interface"),
        ("addr_list_err", "address_list_errors", "Adverts with other VIPs than ours; they count all the same"),
        ("invalid_authtype", "authentication_invalid", "Packets with an unknown authentication, at this interface"),
        ("authtype_mismatch", "authentication_mismatch", "Adverts with another auth_type, discarded"),
        ("auth_failure", "authentication_failure", "Adverts with another password, discarded"),
        ("pri_zero_rcvd", "priority_zero_received", "Adverts with which a master let go"),
        ("pri_zero_sent", "priority_zero_sent", "Adverts with which we let go"),
    )
}

UP = _gauge("keepalived_up", "1 when the daemon answered, within the time it has for that")
VRRP_STATE = _gauge("keepalived_vrrp_state", f"State of the instance, for each of its VIPs: {STATES}", VIP)
EXCLUDED_STATE = _gauge("keepalived_vrrp_excluded_state", "The same for virtual_ipaddress_excluded", VIP)
GARP_DELAY = _counter(
    "keepalived_gratuitous_arp_delay_total",
    "garp_master_delay in seconds, which is no counter but has that name",
    INSTANCE,
)
SCRIPT_STATUS = _gauge("keepalived_script_status", "1 when a check script succeeds, 0 when it fails", ("name",))

KEEPALIVED = (UP, VRRP_STATE, EXCLUDED_STATE, *KEEPALIVED_COUNTERS.values(), GARP_DELAY, SCRIPT_STATUS)

VIPD_UP = _gauge("vipd_up", "1 when the daemon answered; keepalived_up by the name that it has here")
ANSWER_TIME = _gauge("vipd_answer_seconds", "How long the daemon took to answer, or until it was given up")
START_TIME = _gauge("vipd_start_time_seconds", "When the daemon started, in Unix time")
RELOAD_OK = _gauge("vipd_config_last_reload_successful", "0 when the file was refused and the one before is in force")
RELOAD_TIME = _gauge("vipd_config_last_reload_success_timestamp_seconds", "When the running configuration was loaded")
LATENESS = Family(
    "vipd_loop_lateness_seconds", Kind.HISTOGRAM, "How late the VRRP process woke for a deadline, since its start"
)
LATENESS_MAX = _gauge("vipd_loop_lateness_max_seconds", "The latest of them since the start")
MAINTENANCE = _gauge("vipd_maintenance", "1 while the node is kept out of elections")
DROPPED = _counter("vipd_dropped_messages_total", "Messages from the VRRP process that its worker was too slow for")
REJECTED = _counter("vipd_packets_rejected_total", "Packets that are for no instance, by reason", ("intf", "reason"))

STATE = _gauge("vipd_instance_state", "1 for the state that the instance is in, 0 for the others", (*INSTANCE, "state"))
STATE_AGE = _gauge("vipd_instance_state_age_seconds", "For how long it has been in it", INSTANCE)
PRIORITY = _gauge("vipd_instance_priority", "Priority that counts now, checks included", INSTANCE)
BASE_PRIORITY = _gauge("vipd_instance_base_priority", "Priority as configured", INSTANCE)
FAULTS = _gauge("vipd_instance_faults", "How many things keep it in FAULT", INSTANCE)
HOLDS = _gauge("vipd_vip_held", "1 while this node has put the VIP on its interface", VIP)
ADVERT_AGE = _gauge("vipd_advert_age_seconds", "Time since the last advert of the master; of a backup only", INSTANCE)
MASTER_DOWN = _gauge("vipd_master_down_seconds", "Silence after which this node takes over", INSTANCE)
RIVAL = _gauge("vipd_split_brain", "1 while this master hears another one", INSTANCE)
RIVAL_TIME = _counter("vipd_split_brain_seconds_total", "For how long this master has heard another one", INSTANCE)
REFUSED = _counter("vipd_adverts_discarded_total", "Adverts that did not count, by reason", (*INSTANCE, "reason"))
GROUP_STATE = _gauge("vipd_sync_group_state", f"State of a sync group: {STATES}", ("group",))
PROCESS = _gauge("vipd_track_process_up", "1 while enough processes run", ("name",))
FILE_VALUE = _gauge("vipd_track_file_value", "The number in a tracked file", ("name",))
FIFO_DROPPED = _counter(
    "vipd_notify_fifo_dropped_total", "Lines that a notify FIFO's reader was too slow for", ("path",)
)

DIRECTOR_UP = _gauge("vipd_director_up", "1 when the director's process answered; only where there is one")
QUORATE = _gauge("vipd_virtual_server_quorate", "1 while a virtual server has its quorum", ("virtual_server",))
SORRY = _gauge("vipd_virtual_server_sorry", "1 while its sorry server serves", ("virtual_server",))
VS_WEIGHT = _gauge("vipd_virtual_server_weight", "Weight of its living real servers", ("virtual_server",))
RS_UP = _gauge("vipd_real_server_up", "1 while the checks of a real server succeed", REAL_SERVER)
RS_WEIGHT = _gauge("vipd_real_server_weight", "Its weight now", REAL_SERVER)
RS_ADMIN = _gauge(
    "vipd_real_server_admin", "1 for what an operator wants of it: up, drain or down", (*REAL_SERVER, "admin")
)

VIPD = (
    *(VIPD_UP, ANSWER_TIME, START_TIME, RELOAD_OK, RELOAD_TIME, MAINTENANCE, LATENESS, LATENESS_MAX, DROPPED),
    *(
        REJECTED,
        STATE,
        STATE_AGE,
        PRIORITY,
        BASE_PRIORITY,
        FAULTS,
        HOLDS,
        ADVERT_AGE,
        MASTER_DOWN,
        RIVAL,
        RIVAL_TIME,
        REFUSED,
    ),
    *(GROUP_STATE, PROCESS, FILE_VALUE, FIFO_DROPPED),
)
DIRECTOR = (DIRECTOR_UP, QUORATE, SORRY, VS_WEIGHT, RS_UP, RS_WEIGHT, RS_ADMIN)

FAMILIES = (*KEEPALIVED, *VIPD, *DIRECTOR)
