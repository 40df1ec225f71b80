# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of health checkers, and those of timing that virtual and real servers have too.

Source: keepalived.conf(5), CHECKER_TYPE. Look next at ``lvs.py``.
"""

from __future__ import annotations

from ..address_values import Interface, IpAddress
from ..checker_values import Choices, Digest, Hexadecimal, Pair, StatusCodes
from ..checkers import (
    BfdCheck,
    DnsCheck,
    FileCheck,
    HttpGet,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    SmtpHost,
    SslGet,
    TcpCheck,
    UdpCheck,
    Url,
)
from ..number_values import Integer, Seconds, Weight
from ..script_line import Account, Quoted, Script
from ..service_values import MARK, PORT
from ..table import Block, Keyword, Repeated, acts, keeps, replaced
from ..values import Boolean, Flag, OneOf, Word

DNS_TYPES = ("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY")
REGEX_OPTIONS = (
    "allow_empty_class alt_bsux auto_callout caseless dollar_endonly dotall dupnames extended firstline"
    " match_unset_backref multiline never_ucp never_utf no_auto_capture no_auto_possess no_dotstar_anchor"
    " no_start_optimize ucp ungreedy utf never_backslash_c alt_circumflex alt_verbnames use_offset_limit"
)
COUNT = Integer(0, 2**32 - 1)
FILE_WEIGHT = Integer(-(2**31) + 1, 2**31 - 1)
LENGTH = Integer(0, 65535)
TIMER = Seconds(0.000001, 4294)
DELAY = Seconds(0, 4294)

TIMING = (
    acts("alpha", Boolean(), "timing.alpha"),
    acts("connect_timeout", TIMER, "timing.connect_timeout_s"),
    acts("retry", COUNT, "timing.retry"),
    acts("delay_before_retry", DELAY, "timing.delay_before_retry_s"),
    acts("warmup", DELAY, "timing.warmup_s"),
    acts("delay_loop", TIMER, "timing.delay_loop_s"),
)
_CONNECTION = (
    acts("connect_ip", IpAddress(), "connection.connect_ip"),
    acts("connect_port", PORT, "connection.connect_port"),
    acts("bindto", IpAddress(), "connection.bindto"),
    acts("bind_if", Interface(), "connection.bind_if"),
    acts("bind_port", PORT, "connection.bind_port"),
    acts("fwmark", MARK, "connection.fwmark"),
)
_CHECKER = (*_CONNECTION, *TIMING, acts("log_all_failures", Boolean()))

URL = Block(
    (
        acts("path", Word("a path")),
        acts("digest", Digest()),
        acts("status_code", StatusCodes()),
        acts("virtualhost", Word("a host name")),
        acts("regex", Quoted()),
        acts("regex_no_match", Flag()),
        acts("regex_options", Choices(tuple(REGEX_OPTIONS.split()))),
        keeps("regex_stack", Pair(COUNT)),
        acts("regex_min_offset", COUNT),
        acts("regex_max_offset", COUNT),
        acts("tls_compliant", Boolean()),
    )
)


def _http(*more: Keyword) -> Block:
    return Block(
        (
            acts("url", Repeated(Url, URL), "urls"),
            acts("virtualhost", Word("a host name")),
            acts("http_protocol", OneOf(("1.0", "1.0C", "1.0c", "1.1"))),
            acts("fast_recovery", Boolean()),
            acts("tls_compliant", Boolean()),
            *more,
            *_CHECKER,
            replaced("nb_get_retry", "retry", COUNT, "timing.retry"),
        )
    )


TCP_CHECK = Block(_CHECKER)
HTTP_GET = _http()
SSL_GET = _http(acts("enable_sni", Boolean()), acts("sni_name", Word("a host name")))
SMTP_HOST = Block(_CONNECTION)
SMTP_CHECK = Block(
    (
        acts("helo_name", Word("a host name")),
        acts("host", Repeated(SmtpHost, SMTP_HOST), "hosts"),
        *_CHECKER,
    )
)
DNS_CHECK = Block((acts("type", OneOf(DNS_TYPES)), acts("name", Word("a domain name")), *_CHECKER))
UDP_CHECK = Block(
    (
        acts("payload", Hexadecimal()),
        acts("require_reply", Hexadecimal(any_digit=True, needed=False)),
        acts("min_reply_length", LENGTH),
        acts("max_reply_length", LENGTH),
        *_CHECKER,
    )
)
MISC_CHECK = Block(
    (
        acts("misc_path", Script(account=False)),
        acts("misc_timeout", TIMER, "misc_timeout_s"),
        acts("misc_dynamic", Flag()),
        acts("user", Account()),
        *(keyword for keyword in TIMING if keyword.name != "connect_timeout"),
        acts("log_all_failures", Boolean()),
    )
)
FILE_CHECK = Block(
    (
        acts("track_file", Word("the name of a track_file")),
        acts("weight", Weight(FILE_WEIGHT)),
        keeps("dynamic", Flag()),
    )
)
BFD_CHECK = Block((keeps("name", Word("the name of a bfd_instance")), keeps("alpha", Boolean())))

CHECKERS = (
    acts("TCP_CHECK", Repeated(TcpCheck, TCP_CHECK), "checkers"),
    acts("HTTP_GET", Repeated(HttpGet, HTTP_GET), "checkers"),
    acts("SSL_GET", Repeated(SslGet, SSL_GET), "checkers"),
    acts("SMTP_CHECK", Repeated(SmtpCheck, SMTP_CHECK), "checkers"),
    acts("DNS_CHECK", Repeated(DnsCheck, DNS_CHECK), "checkers"),
    acts("UDP_CHECK", Repeated(UdpCheck, UDP_CHECK), "checkers"),
    acts("PING_CHECK", Repeated(PingCheck, TCP_CHECK), "checkers"),
    acts("MISC_CHECK", Repeated(MiscCheck, MISC_CHECK), "checkers"),
    acts("FILE_CHECK", Repeated(FileCheck, FILE_CHECK), "checkers"),
    keeps("BFD_CHECK", Repeated(BfdCheck, BFD_CHECK), "checkers"),
)
