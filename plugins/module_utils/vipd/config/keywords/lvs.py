# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of virtual_server_group, virtual_server, real_server and SSL, and those of LVS in global_defs.

Source: keepalived.conf(5), LVS CONFIGURATION. Look next at ``checkers.py``.
"""

from __future__ import annotations

from ..compound import Name
from ..lvs import RealServer, VirtualServer, VirtualServerGroup
from ..lvs_global_values import FlushOnStop, SyncDaemonLine, TimeoutsLine
from ..number_values import Integer
from ..script_line import Script
from ..service_values import AddressAndPort, ForwardingMethod, Granularity, GroupLine, PersistenceTimeout, ServiceHead
from ..table import Block, Items, Repeated, acts, keeps, warns
from ..values import Boolean, Flag, OneOf, Secret, Word
from .checkers import CHECKERS, COUNT, TIMING

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos")
RS_WEIGHT = Integer(0, 2**31 - 1)
VS_WEIGHT = Integer(1, 2**31 - 1)

REAL_SERVER = Block(
    (
        acts("weight", RS_WEIGHT),
        acts("lvs_method", ForwardingMethod()),
        acts("uthreshold", COUNT),
        acts("lthreshold", COUNT),
        acts("inhibit_on_failure", Boolean()),
        acts("notify_up", Script()),
        acts("notify_down", Script()),
        *TIMING,
        acts("smtp_alert", Boolean()),
        acts("virtualhost", Word("a host name")),
        keeps("snmp_name", Word("a name")),
        *CHECKERS,
    )
)

VIRTUAL_SERVER = Block(
    (
        acts("lb_algo", OneOf(SCHEDULERS)),
        acts("lvs_sched", OneOf(SCHEDULERS), "lb_algo", alias=True),
        acts("lb_kind", ForwardingMethod()),
        acts("lvs_method", ForwardingMethod(), "lb_kind", alias=True),
        acts("protocol", OneOf(("TCP", "UDP", "SCTP"))),
        acts("ip_family", OneOf(("inet", "inet6"))),
        acts("persistence_timeout", PersistenceTimeout(), "persistence_timeout_s"),
        acts("persistence_granularity", Granularity()),
        acts("persistence_engine", Word("a name")),
        acts("hashed", Flag()),
        acts("flag-1", Flag(), "flag_1"),
        acts("flag-2", Flag(), "flag_2"),
        acts("flag-3", Flag(), "flag_3"),
        acts("sh-fallback", Flag(), "flag_1", alias=True),
        acts("sh-port", Flag(), "flag_2", alias=True),
        acts("mh-fallback", Flag(), "flag_1", alias=True),
        acts("mh-port", Flag(), "flag_2", alias=True),
        acts("ops", Flag()),
        *TIMING,
        acts("quorum", Integer(1, 2**31 - 1)),
        acts("hysteresis", Integer(0, 2**31 - 1)),
        acts("quorum_up", Script()),
        acts("quorum_down", Script()),
        acts("omega", Flag()),
        acts("ha_suspend", Flag()),
        acts("inhibit_on_failure", Boolean()),
        acts("smtp_alert", Boolean()),
        acts("virtualhost", Word("a host name")),
        keeps("snmp_name", Word("a name")),
        acts("weight", VS_WEIGHT),
        acts("sorry_server", AddressAndPort(), "sorry_server.endpoint"),
        acts("sorry_server_inhibit", Flag(), "sorry_server.inhibit"),
        acts("sorry_server_lvs_method", ForwardingMethod(), "sorry_server.lvs_method"),
        acts("real_server", Repeated(RealServer, REAL_SERVER, AddressAndPort(), "endpoint"), "real_servers"),
        *warns("nat_mask"),
    )
)

SSL = Block(
    (
        acts("password", Secret(bytes_max=None), "password"),
        acts("ca", Word("a file"), "ca"),
        acts("certificate", Word("a file"), "certificate"),
        acts("key", Word("a file"), "key"),
    ),
    secret=True,
    part="lvs.ssl",
)

IN_GLOBAL_DEFS = (
    acts("lvs_timeouts", TimeoutsLine(), "lvs.timeouts"),
    acts("lvs_sync_daemon", SyncDaemonLine(), "lvs.sync_daemon"),
    acts("lvs_flush", Flag(), "lvs.flush"),
    acts("lvs_flush_on_stop", FlushOnStop(), "lvs.flush_on_stop"),
    acts("lvs_flush_onstop", FlushOnStop(), "lvs.flush_on_stop", alias=True),
    acts("rs_init_notifies", Flag(), "lvs.rs_init_notifies"),
    keeps("checker_log_all_failures", Boolean(), "lvs.checker_log_all_failures"),
    acts("smtp_alert_checker", Boolean(), "lvs.smtp_alert_checker"),
    acts("no_checker_emails", Flag(), "lvs.no_checker_emails"),
    *warns("nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark"),
)

AT_ROOT = (
    acts(
        "virtual_server_group",
        Repeated(VirtualServerGroup, Items(GroupLine()), Name(), "name", "members"),
        "lvs.groups",
    ),
    acts("virtual_server", Repeated(VirtualServer, VIRTUAL_SERVER, ServiceHead(), "service"), "lvs.virtual_servers"),
    acts("SSL", SSL, "lvs.ssl"),
)
