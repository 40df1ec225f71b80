# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual servers, their groups and their real servers: the LVS half of keepalived.conf as frozen dataclasses.

Field names are keepalived's keywords; units end names. ``None`` means "not given". Nothing here touches the kernel.
Source: keepalived.conf(5), LVS CONFIGURATION. Look next at ``checkers.py``; what holds these is in ``lvs_settings.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from .checkers import INHERITED, BfdCheck, Checker, CheckTiming, FileCheck, MiscCheck
from .commands import Command
from .network import Address
from .place import NOWHERE, Place
from .slotted import slotted

AnyChecker = Union[Checker, MiscCheck, FileCheck, BfdCheck]


@slotted
@dataclass(frozen=True)
class Endpoint:
    """An address and a port; ``port`` None was not given, and is 0 for a virtual server, its port for a real one."""

    address: Address
    port: Optional[int] = None

    def __str__(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return host if self.port is None else f"{host}:{self.port}"


@dataclass(frozen=True)
class AddressRange:
    """The addresses from ``first`` to ``last`` in a virtual server group, each with ``port``."""

    first: Address
    last: Address
    port: Optional[int] = None


@dataclass(frozen=True)
class FirewallMark:
    """What the packet filter marked; ``family`` is inet or inet6 where the real servers do not tell."""

    number: int
    family: Optional[str] = None

    def __str__(self) -> str:
        return f"fwmark {self.number}"


@dataclass(frozen=True)
class GroupName:
    """``virtual_server group NAME``: everything in that virtual server group."""

    name: str

    def __str__(self) -> str:
        return f"group {self.name}"


@dataclass(frozen=True)
class VirtualServerGroup:
    """A ``virtual_server_group`` block: services that share real servers."""

    name: str
    members: tuple[Union[Endpoint, AddressRange, FirewallMark], ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Forwarding:
    """``lb_kind``: NAT, DR or TUN; the rest is for TUN. ``port`` is gue's; ``checksum``: nocsum, csum or remcsum."""

    method: str = "NAT"
    tunnel: str = "ipip"
    port: Optional[int] = None
    checksum: Optional[str] = None


@slotted
@dataclass(frozen=True)
class RealServer:
    """A ``real_server`` block; ``weight`` None takes the virtual server's."""

    endpoint: Endpoint
    weight: Optional[int] = None
    lvs_method: Optional[Forwarding] = None
    uthreshold: int = 0
    lthreshold: int = 0
    inhibit_on_failure: Optional[bool] = None
    notify_up: Optional[Command] = None
    notify_down: Optional[Command] = None
    timing: CheckTiming = INHERITED
    smtp_alert: Optional[bool] = None
    virtualhost: Optional[str] = None
    snmp_name: Optional[str] = None
    checkers: tuple[AnyChecker, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class SorryServer:
    """Who answers while the quorum is lost; ``endpoint`` None: nobody."""

    endpoint: Optional[Endpoint] = None
    inhibit: bool = False
    lvs_method: Optional[Forwarding] = None


NOBODY = SorryServer()


@dataclass(frozen=True)
class VirtualServer:
    """A ``virtual_server`` block. ``flag_1`` to ``flag_3`` are the scheduler's: sh-fallback is the first of them.

    ``persistence_granularity`` is a netmask for IPv4, a prefix length for IPv6, as it was written.
    """

    service: Union[Endpoint, FirewallMark, GroupName]
    lb_algo: Optional[str] = None
    lb_kind: Optional[Forwarding] = None
    protocol: Optional[str] = None
    ip_family: Optional[str] = None
    persistence_timeout_s: Optional[int] = None
    persistence_granularity: Union[Address, int, None] = None
    persistence_engine: Optional[str] = None
    hashed: bool = False
    flag_1: bool = False
    flag_2: bool = False
    flag_3: bool = False
    ops: bool = False
    timing: CheckTiming = INHERITED
    quorum: int = 1
    hysteresis: int = 0
    quorum_up: Optional[Command] = None
    quorum_down: Optional[Command] = None
    omega: bool = False
    ha_suspend: bool = False
    inhibit_on_failure: Optional[bool] = None
    smtp_alert: Optional[bool] = None
    virtualhost: Optional[str] = None
    snmp_name: Optional[str] = None
    weight: int = 1
    sorry_server: SorryServer = NOBODY
    real_servers: tuple[RealServer, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Timeouts:
    """``lvs_timeouts``, for connections that IPVS follows; ``None`` leaves the kernel's."""

    tcp_s: Optional[int] = None
    tcpfin_s: Optional[int] = None
    udp_s: Optional[int] = None


@dataclass(frozen=True)
class SyncDaemon:
    """``lvs_sync_daemon``: the table of connections goes to the peer; ``instance`` decides who sends."""

    interface: str
    instance: Optional[str] = None
    id: Optional[int] = None
    maxlen: Optional[int] = None
    port: Optional[int] = None
    ttl: Optional[int] = None
    group: Optional[Address] = None
