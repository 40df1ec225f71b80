# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One check of one real server: which checker it is, and an answer whatever happens.

Never raises for what a peer, a program or a file does: that is what checks are for.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import Awaitable
from typing import Any, Callable

from ..config.checkers import (
    DnsCheck,
    FileCheck,
    HttpGet,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    SslGet,
    TcpCheck,
    UdpCheck,
)
from ..config.lvs import AnyChecker
from ..director.effects import Probe
from . import datagram, file, http, program, smtp
from .answer import Answer, CheckFailedError, Surroundings
from .connection import connected, limit_s

DYNAMIC_BASE = 2  # exit status 2 means weight 0
FILE_FAILS_AT = -(2**31) + 1


async def check(probe: Probe, step: int, surroundings: Surroundings) -> Answer:
    checking = _CHECKS[type(probe.checker)](probe, probe.checker, step, surroundings)
    try:
        limit = None if isinstance(probe.checker, MiscCheck) else limit_s(probe.timing)  # a program has its own
        return await asyncio.wait_for(checking, limit)
    except CheckFailedError as failure:
        return Answer(False, str(failure))
    except asyncio.TimeoutError:
        return Answer(False, "gets no answer in time")
    except ssl.SSLError as error:
        return Answer(False, f"cannot shake hands within TLS: {error.reason or 'it was broken off'}")
    except OSError as error:
        return Answer(False, f"cannot connect: {os.strerror(error.errno) if error.errno else error}")
    except (ValueError, re.error) as error:
        return Answer(False, f"cannot read what it gets: {error}")


async def _tcp(probe: Probe, checker: TcpCheck, _step: int, _surroundings: Surroundings) -> Answer:
    async with connected(checker.connection, probe.endpoint, probe.timing.connect_timeout_s):
        return Answer(True, "connects")


async def _misc(probe: Probe, checker: MiscCheck, _step: int, surroundings: Surroundings) -> Answer:
    if checker.misc_path is None:
        raise CheckFailedError("has no program to run")
    command = type(checker.misc_path)(checker.misc_path.argv, checker.user)
    outcome = await program.run(command, surroundings.rules, checker.misc_timeout_s or probe.timing.delay_loop_s)
    if checker.misc_dynamic and outcome.status is not None and outcome.status >= DYNAMIC_BASE:
        weight = outcome.status - DYNAMIC_BASE
        return Answer(True, f"says weight {weight}", weight - probe.weight)
    return Answer(outcome.success, outcome.detail)


async def _file(_probe: Probe, checker: FileCheck, _step: int, surroundings: Surroundings) -> Answer:
    """A file that is missing, or holds no number, counts as 0."""
    tracked = surroundings.files[checker.track_file]
    weight, reverse = checker.weight or (tracked.weight, tracked.reverse)
    number = file.read(tracked.file)
    value = number * (-weight if reverse else weight)
    if value <= FILE_FAILS_AT or (weight == 0 and number != 0):
        raise CheckFailedError(f"finds {number} in {tracked.file}")
    return Answer(True, f"finds {number} in {tracked.file}", value)


Check = Callable[[Probe, Any, int, Surroundings], Awaitable[Answer]]

_CHECKS: dict[type[AnyChecker], Check] = {
    TcpCheck: _tcp,
    HttpGet: http.check,
    SslGet: http.check,
    SmtpCheck: lambda probe, checker, _step, _surroundings: smtp.check(probe, checker),
    DnsCheck: lambda probe, checker, _step, _surroundings: datagram.dns(probe, checker),
    UdpCheck: lambda probe, checker, _step, _surroundings: datagram.udp(probe, checker),
    PingCheck: lambda probe, checker, _step, _surroundings: datagram.ping(probe, checker),
    MiscCheck: _misc,
    FileCheck: _file,
}
