# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of virtual_server and what it holds: read for misspelt words, not acted upon."""

from __future__ import annotations

from ..table import Block, warns

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
