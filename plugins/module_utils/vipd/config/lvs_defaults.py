# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds of a virtual server, a real server and a checker where the configuration does not say: keepalived's rules.

The model keeps what was written; who acts on it, or checks it, asks here. Source: keepalived.conf(5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Union

from .checkers import INHERITED, BfdCheck, Checker, CheckTiming, DnsCheck, FileCheck, HttpGet, MiscCheck
from .lvs import AnyChecker, Endpoint, FirewallMark, Forwarding, RealServer, VirtualServer

NAT = Forwarding("NAT")
CONNECT_TIMEOUT_S = 5.0
DELAY_LOOP_S = 60.0
PERSISTENCE_DEFAULT_S = 360


@dataclass(frozen=True)
class Timing:
    """A checker's :class:`CheckTiming` with nothing left open."""

    alpha: bool
    connect_timeout_s: float
    retry: int
    delay_before_retry_s: float
    warmup_s: float
    delay_loop_s: float


# A file is looked at each second; keepalived has the kernel tell of each change.
FILE_TIMING = Timing(False, CONNECT_TIMEOUT_S, 0, 1.0, 0.0, 1.0)


def forwarding(server: VirtualServer, real: RealServer) -> Forwarding:
    return real.lvs_method or server.lb_kind or NAT


def scheduler(server: VirtualServer) -> str:
    return server.lb_algo or "wlc"


def service_port(server: VirtualServer) -> int:
    """0: every port. A service by mark or group has no port of its own."""
    return (server.service.port or 0) if isinstance(server.service, Endpoint) else 0


def port(server: VirtualServer, real: RealServer) -> int:
    """Only NAT can translate a port: with another method the packet arrives at the port it was sent to."""
    given = real.endpoint.port
    translates = forwarding(server, real).method == "NAT"
    if isinstance(server.service, FirewallMark):
        return given or 0 if translates else 0
    if isinstance(server.service, Endpoint) and (given is None or not translates):
        return service_port(server)
    return given or 0


def weight(server: VirtualServer, real: RealServer) -> int:
    return server.weight if real.weight is None else real.weight


def inhibits(server: VirtualServer, real: RealServer) -> bool:
    return bool(server.inhibit_on_failure if real.inhibit_on_failure is None else real.inhibit_on_failure)


def protocol(server: VirtualServer) -> str:
    """UDP where nothing is said, as keepalived has it."""
    return server.protocol or "UDP"


def persistence_s(server: VirtualServer) -> int:
    """0: none. A service of every port has to be persistent."""
    if isinstance(server.service, Endpoint) and not server.service.port:
        return server.persistence_timeout_s or PERSISTENCE_DEFAULT_S
    return server.persistence_timeout_s or 0


def quorum(server: VirtualServer) -> int:
    """No more than all real servers weigh together: it could never be reached."""
    total = sum(weight(server, real) for real in server.real_servers)
    return max(1, min(server.quorum, total))


def hysteresis(server: VirtualServer) -> int:
    return min(server.hysteresis, quorum(server) - 1)


def timing(server: VirtualServer, real: RealServer, checker: AnyChecker) -> Timing:
    """The checker's own settings, then its real server's, then its virtual server's, then the default of its kind."""
    if isinstance(checker, FileCheck):
        return FILE_TIMING
    given = _given(_own(checker), real.timing, server.timing)
    delay_loop_s = DELAY_LOOP_S if given.delay_loop_s is None else given.delay_loop_s
    retry, before_retry_s = _retrying(checker, delay_loop_s)
    return Timing(
        alpha=bool(given.alpha),
        connect_timeout_s=CONNECT_TIMEOUT_S if given.connect_timeout_s is None else given.connect_timeout_s,
        retry=retry if given.retry is None else given.retry,
        delay_before_retry_s=before_retry_s if given.delay_before_retry_s is None else given.delay_before_retry_s,
        warmup_s=delay_loop_s if given.warmup_s is None else given.warmup_s,
        delay_loop_s=delay_loop_s,
    )


def _own(checker: Union[Checker, MiscCheck, BfdCheck]) -> CheckTiming:
    if isinstance(checker, BfdCheck):
        return CheckTiming(alpha=checker.alpha)
    return checker.timing


@lru_cache(maxsize=256)  # thousands of checkers say the same
def _given(*levels: CheckTiming) -> CheckTiming:
    """What the first level says counts before what the next one says."""
    merged = INHERITED
    for level in reversed(levels):
        merged = replace(merged, **{name: value for name, value in vars(level).items() if value is not None})
    return merged


def _retrying(checker: AnyChecker, delay_loop_s: float) -> tuple[int, float]:
    """How many more failures it takes, and how long before the next try."""
    if isinstance(checker, MiscCheck):
        return 0, 1.0
    if isinstance(checker, DnsCheck):
        return 3, delay_loop_s
    return (1, 3.0) if isinstance(checker, HttpGet) else (1, 1.0)
