# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual servers for hypothesis: every model of the LVS half that the grammar can say."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st
from vipd.config import checkers
from vipd.config.keywords.checkers import DNS_TYPES, REGEX_OPTIONS
from vipd.config.keywords.lvs import SCHEDULERS
from vipd.config.lvs import (
    AddressRange,
    Endpoint,
    FirewallMark,
    Forwarding,
    GroupName,
    RealServer,
    SorryServer,
    SyncDaemon,
    Timeouts,
    VirtualServer,
    VirtualServerGroup,
)
from vipd.config.lvs_settings import Lvs, LvsGlobals, SslSettings
from vipd.config.network import Address

from tests.agent.config.models import ARGUMENTS, INTERFACES, WORDS, commands, maybe

ADDRESSES: st.SearchStrategy[Address] = st.one_of(
    st.integers(1, 254).map(lambda host: IPv4Address((10 << 24) + host)),
    st.integers(1, 254).map(lambda host: IPv6Address((0xFD00 << 112) + host)),
)
PORTS = st.integers(1, 65535)
COUNTS = st.integers(0, 2**32 - 1)
SWITCHES = maybe(st.booleans())
TIMES = maybe(st.integers(1, 4_294_000_000).map(lambda microseconds: microseconds / 1e6))
DIGITS = st.text("0123456789abcdef", min_size=1, max_size=6).map(lambda digits: digits * 2)
ENDPOINTS = st.builds(Endpoint, ADDRESSES, maybe(PORTS))
FORWARDING = st.sampled_from(
    [
        Forwarding("NAT"),
        Forwarding("DR"),
        Forwarding("TUN"),
        Forwarding("TUN", "gre", checksum="csum"),
        Forwarding("TUN", "gue", 5555, "remcsum"),
    ]
)
TIMING = st.builds(
    checkers.CheckTiming,
    alpha=SWITCHES,
    connect_timeout_s=TIMES,
    retry=maybe(COUNTS),
    delay_before_retry_s=TIMES,
    warmup_s=TIMES,
    delay_loop_s=TIMES,
)
CONNECTION = st.builds(
    checkers.Connection,
    connect_ip=maybe(ADDRESSES),
    connect_port=maybe(PORTS),
    bindto=maybe(ADDRESSES),
    bind_if=maybe(INTERFACES),
    bind_port=maybe(PORTS),
    fwmark=maybe(st.integers(1, 2**32 - 1)),
)
COMMON = {"timing": TIMING, "connection": CONNECTION, "log_all_failures": SWITCHES}
URLS = st.builds(
    checkers.Url,
    path=WORDS,
    digest=maybe(st.just("640205b7b0fc66c1ea91c463fac6334d")),
    status_code=st.lists(st.sampled_from([(200, 200), (200, 299), (503, 503)]), max_size=2).map(tuple),
    virtualhost=maybe(WORDS),
    regex=maybe(ARGUMENTS.filter(bool)),
    regex_no_match=st.booleans(),
    regex_options=st.lists(st.sampled_from(REGEX_OPTIONS.split()), max_size=3, unique=True).map(tuple),
    regex_stack=maybe(st.tuples(COUNTS, COUNTS)),
    regex_min_offset=maybe(COUNTS),
    regex_max_offset=maybe(COUNTS),
    tls_compliant=SWITCHES,
)
HTTP = {
    **COMMON,
    "urls": st.lists(URLS, max_size=2).map(tuple),
    "virtualhost": maybe(WORDS),
    "http_protocol": st.sampled_from(["1.0", "1.0C", "1.1"]),
    "fast_recovery": SWITCHES,
    "tls_compliant": SWITCHES,
}
CHECKERS: st.SearchStrategy[object] = st.one_of(
    st.builds(checkers.TcpCheck, **COMMON),
    st.builds(checkers.PingCheck, **COMMON),
    st.builds(checkers.HttpGet, **HTTP),
    st.builds(checkers.SslGet, **HTTP, enable_sni=SWITCHES, sni_name=maybe(WORDS)),
    st.builds(
        checkers.SmtpCheck,
        **COMMON,
        helo_name=maybe(WORDS),
        hosts=st.lists(st.builds(checkers.SmtpHost, connection=CONNECTION), max_size=2).map(tuple),
    ),
    st.builds(checkers.DnsCheck, **COMMON, type=st.sampled_from(DNS_TYPES), name=WORDS),
    st.builds(
        checkers.UdpCheck,
        **COMMON,
        payload=maybe(DIGITS),
        require_reply=maybe(st.just("") | DIGITS.map(lambda digits: f"x{digits[1:]}")),
        min_reply_length=st.integers(0, 65535),
        max_reply_length=st.integers(0, 65535),
    ),
    st.builds(
        checkers.MiscCheck,
        misc_path=commands(users=False),
        misc_timeout_s=TIMES,
        misc_dynamic=st.booleans(),
        timing=TIMING.map(lambda timing: replace(timing, connect_timeout_s=None)),
        log_all_failures=SWITCHES,
    ),
    st.builds(
        checkers.FileCheck,
        track_file=WORDS,
        weight=maybe(st.tuples(st.integers(-(2**31) + 1, 2**31 - 1), st.booleans())),
        dynamic=st.booleans(),
    ),
    st.builds(checkers.BfdCheck, name=WORDS, alpha=SWITCHES),
)
REAL_SERVERS = st.builds(
    RealServer,
    endpoint=ENDPOINTS,
    weight=maybe(st.integers(0, 65535)),
    lvs_method=maybe(FORWARDING),
    uthreshold=COUNTS,
    lthreshold=COUNTS,
    inhibit_on_failure=SWITCHES,
    notify_up=maybe(commands(users=True)),
    notify_down=maybe(commands(users=True)),
    timing=TIMING,
    smtp_alert=SWITCHES,
    virtualhost=maybe(WORDS),
    snmp_name=maybe(WORDS),
    checkers=st.lists(CHECKERS, max_size=3).map(tuple),
)
SERVICES = st.one_of(ENDPOINTS, st.builds(FirewallMark, st.integers(1, 2**32 - 1)), st.builds(GroupName, WORDS))
VIRTUAL_SERVERS = st.builds(
    VirtualServer,
    service=SERVICES,
    lb_algo=maybe(st.sampled_from(SCHEDULERS)),
    lb_kind=maybe(FORWARDING),
    protocol=st.sampled_from([None, "TCP", "UDP", "SCTP"]),
    ip_family=st.sampled_from([None, "inet", "inet6"]),
    persistence_timeout_s=maybe(st.integers(1, 31 * 86400)),
    persistence_granularity=st.sampled_from([None, IPv4Address("255.255.255.0"), 64]),
    persistence_engine=maybe(st.just("sip")),
    hashed=st.booleans(),
    flag_1=st.booleans(),
    flag_2=st.booleans(),
    flag_3=st.booleans(),
    ops=st.booleans(),
    timing=TIMING,
    quorum=st.integers(1, 2**31 - 1),
    hysteresis=st.integers(0, 2**31 - 1),
    quorum_up=maybe(commands(users=True)),
    quorum_down=maybe(commands(users=True)),
    omega=st.booleans(),
    ha_suspend=st.booleans(),
    inhibit_on_failure=SWITCHES,
    smtp_alert=SWITCHES,
    virtualhost=maybe(WORDS),
    snmp_name=maybe(WORDS),
    weight=st.integers(1, 65535),
    sorry_server=st.builds(SorryServer, maybe(ENDPOINTS), st.booleans(), maybe(FORWARDING)),
    real_servers=st.lists(REAL_SERVERS, max_size=2).map(tuple),
)
GROUPS = st.builds(
    VirtualServerGroup,
    name=WORDS,
    members=st.lists(
        ENDPOINTS
        | st.builds(FirewallMark, st.integers(1, 2**32 - 1), st.sampled_from([None, "inet", "inet6"]))
        | st.just(AddressRange(IPv4Address("10.0.0.3"), IPv4Address("10.0.0.9"), 80))
        | st.just(AddressRange(IPv6Address("fd00::1"), IPv6Address("fd00::ff"))),
        max_size=3,
    ).map(tuple),
)
LVS = st.builds(
    Lvs,
    groups=st.lists(GROUPS, max_size=2).map(tuple),
    virtual_servers=st.lists(VIRTUAL_SERVERS, max_size=2).map(tuple),
    ssl=st.builds(SslSettings, maybe(WORDS), maybe(WORDS), maybe(WORDS), maybe(WORDS)),
)
SECONDS = maybe(st.integers(0, 31 * 86400))
TIMEOUTS = st.builds(Timeouts, SECONDS, SECONDS, SECONDS).filter(lambda timeouts: timeouts != Timeouts())
LVS_GLOBALS = st.builds(
    LvsGlobals,
    timeouts=maybe(TIMEOUTS),
    sync_daemon=maybe(
        st.builds(
            SyncDaemon,
            INTERFACES,
            maybe(st.just("VI_1")),
            maybe(st.integers(0, 255)),
            maybe(st.integers(1, 65507)),
            maybe(PORTS),
            maybe(st.integers(1, 255)),
            maybe(ADDRESSES),
        )
    ),
    flush=st.booleans(),
    flush_on_stop=st.sampled_from([None, "all", "VS"]),
    rs_init_notifies=st.booleans(),
    checker_log_all_failures=st.booleans(),
    smtp_alert_checker=SWITCHES,
    no_checker_emails=st.booleans(),
)
