# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every configuration says of LVS, be it that there is none.

Apart from ``lvs.py``, which describes virtual servers: a node without any does not load that, 0.7 MB in each process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from .lvs import SyncDaemon, Timeouts, VirtualServer, VirtualServerGroup


@dataclass(frozen=True)
class SslSettings:
    """The ``SSL`` block: the client's certificate of SSL_GET, and whom it trusts.

    ``verify`` is vipd's own (its second file): keepalived takes any certificate, and never looks at ``ca``.
    """

    password: Optional[str] = field(default=None, repr=False)
    ca: Optional[str] = None
    certificate: Optional[str] = None
    key: Optional[str] = None
    verify: bool = False


NO_CERTIFICATE = SslSettings()


@dataclass(frozen=True)
class Header:
    """A line of a request; its value may be a password."""

    name: str
    header_value: str = field(repr=False)


@dataclass(frozen=True)
class HttpSettings:
    """The ``HTTP_GET`` block of vipd's own file: what every HTTP_GET and SSL_GET asks with, and how much it reads."""

    headers: tuple[Header, ...] = ()
    body_limit: Optional[int] = None  # octets


PLAIN_REQUESTS = HttpSettings()


@dataclass(frozen=True)
class LvsGlobals:
    """What ``global_defs`` says about LVS; ``flush_on_stop``: all, or VS for keepalived's own services alone.

    ``slow_start_s`` is vipd's own (its second file): how long a server that comes back takes to its full weight.
    """

    timeouts: Optional[Timeouts] = None
    sync_daemon: Optional[SyncDaemon] = None
    flush: bool = False
    flush_on_stop: Optional[str] = None
    rs_init_notifies: bool = False
    checker_log_all_failures: bool = False
    smtp_alert_checker: Optional[bool] = None
    no_checker_emails: bool = False
    slow_start_s: Optional[int] = None


@dataclass(frozen=True)
class Lvs:
    """Everything of LVS outside ``global_defs``."""

    groups: tuple[VirtualServerGroup, ...] = ()
    virtual_servers: tuple[VirtualServer, ...] = ()
    ssl: SslSettings = NO_CERTIFICATE
    http: HttpSettings = PLAIN_REQUESTS


UNCHANGED = LvsGlobals()
NO_LVS = Lvs()
