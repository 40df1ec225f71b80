# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Health checkers of real servers, one dataclass for each kind: when a check runs and what must come back.

``None`` means "not given": a checker takes the setting of its real server, that of its virtual server, and then the
default (``director/settings.py``). Nothing here runs a check. Source: keepalived.conf(5), CHECKER_TYPE.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from .commands import Command, ScriptUser
from .network import Address
from .place import NOWHERE, Place


@dataclass(frozen=True)
class CheckTiming:
    """When checks run; given for a virtual server, a real server or a checker. ``alpha``: down until a check passes."""

    alpha: Optional[bool] = None
    connect_timeout_s: Optional[float] = None
    retry: Optional[int] = None
    delay_before_retry_s: Optional[float] = None
    warmup_s: Optional[float] = None
    delay_loop_s: Optional[float] = None


INHERITED = CheckTiming()


@dataclass(frozen=True)
class Connection:
    """Where a check connects to and from; ``connect_ip`` and ``connect_port`` None: the real server's own."""

    connect_ip: Optional[Address] = None
    connect_port: Optional[int] = None
    bindto: Optional[Address] = None
    bind_if: Optional[str] = None
    bind_port: Optional[int] = None
    fwmark: Optional[int] = None


DIRECT = Connection()


@dataclass(frozen=True)
class Checker:
    """What every checker that connects has."""

    timing: CheckTiming = INHERITED
    connection: Connection = DIRECT
    log_all_failures: Optional[bool] = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class TcpCheck(Checker):
    """``TCP_CHECK``: the connection comes about."""


@dataclass(frozen=True)
class PingCheck(Checker):
    """``PING_CHECK``: an ICMP echo comes back."""


@dataclass(frozen=True)
class Url:
    """A ``url`` block. ``status_code``: pairs of lowest and highest; ``digest``: MD5 of the body in hexadecimal."""

    path: str = ""
    digest: Optional[str] = None
    status_code: tuple[tuple[int, int], ...] = ()
    virtualhost: Optional[str] = None
    regex: Optional[str] = None
    regex_no_match: bool = False
    regex_options: tuple[str, ...] = ()
    regex_stack: Optional[tuple[int, int]] = None
    regex_min_offset: Optional[int] = None
    regex_max_offset: Optional[int] = None
    tls_compliant: Optional[bool] = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class HttpGet(Checker):
    """``HTTP_GET``: every url answers as it should, one of them each ``delay_loop``."""

    urls: tuple[Url, ...] = ()
    virtualhost: Optional[str] = None
    http_protocol: str = "1.0"
    fast_recovery: Optional[bool] = None
    tls_compliant: Optional[bool] = None


@dataclass(frozen=True)
class SslGet(HttpGet):
    """``SSL_GET``: the same within TLS. ``sni_name`` None: the name of the virtual host, where ``enable_sni``."""

    enable_sni: Optional[bool] = None
    sni_name: Optional[str] = None


@dataclass(frozen=True)
class SmtpHost:
    """A ``host`` block of SMTP_CHECK, deprecated: one more place to ask."""

    connection: Connection = DIRECT
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class SmtpCheck(Checker):
    """``SMTP_CHECK``: greeting, HELO, QUIT. With ``hosts``, every one of them instead of the real server."""

    helo_name: Optional[str] = None
    hosts: tuple[SmtpHost, ...] = ()


@dataclass(frozen=True)
class DnsCheck(Checker):
    """``DNS_CHECK``: a name server that answers a question without an error."""

    type: str = "SOA"
    name: str = "."


@dataclass(frozen=True)
class UdpCheck(Checker):
    """``UDP_CHECK``: no ICMP error, or a reply. Both texts are hexadecimal; ``x`` in a reply stands for any digit."""

    payload: Optional[str] = None
    require_reply: Optional[str] = None
    min_reply_length: int = 0
    max_reply_length: int = 255


@dataclass(frozen=True)
class MiscCheck:
    """``MISC_CHECK``: a program exits with 0; with ``misc_dynamic``, 2 to 255 set the weight."""

    misc_path: Optional[Command] = None
    user: Optional[ScriptUser] = None
    misc_timeout_s: Optional[float] = None
    misc_dynamic: bool = False
    timing: CheckTiming = INHERITED
    log_all_failures: Optional[bool] = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class FileCheck:
    """``FILE_CHECK``: the number in the file of a ``track_file`` block, times its weight, changes the weight.

    ``weight`` None is that of the ``track_file`` block; a second part of True reverses it.
    """

    track_file: str = ""
    weight: Optional[tuple[int, bool]] = None
    dynamic: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class BfdCheck:
    """``BFD_CHECK``: the session of a ``bfd_instance`` block is up."""

    name: str = ""
    alpha: Optional[bool] = None
    place: Place = field(default=NOWHERE, compare=False)


# When a check runs, how it is spoken of, and what its answer weighs.
_NO_QUESTION = {"timing", "log_all_failures", "fast_recovery", "misc_timeout_s", "alpha", "weight", "place"}


def question(checker: Union[Checker, MiscCheck, FileCheck, BfdCheck]) -> tuple[object, ...]:
    """What it asks, and whom: of two that ask the same, what one has found holds for the other, as in keepalived."""
    return type(checker), {name: value for name, value in vars(checker).items() if name not in _NO_QUESTION}
