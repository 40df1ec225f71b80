# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps the VRRP process on time when the host is busy: locked memory, little of it, and a real-time priority.

All are wishes. Where the system refuses (a container, a missing capability), the agent runs without and says so: a
function returns a sentence for the log, or None when it did its work.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from typing import Optional

_MCL_CURRENT = 1
_MCL_FUTURE = 2
_MCL_ONFAULT = 4


def give_back_memory() -> None:
    """What was freed goes back to the system: compiling the program left much of it. Locked memory cannot go.

    The C library keeps it for later otherwise, and nothing as big comes later. Others than glibc have no such call.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def lock_memory() -> Optional[str]:
    """Keep every page that gets used in memory; pages never touched cost nothing (MCL_ONFAULT)."""
    what = _MCL_CURRENT | _MCL_ONFAULT
    # Under a finite limit locking future pages too would make a later allocation fail: worse than a page fault.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        what |= _MCL_FUTURE
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(what) != 0:
        return f"memory is not locked: {os.strerror(ctypes.get_errno())} (LimitMEMLOCK=infinity allows it)"
    return None


def allow_descriptors() -> None:
    """As many as the system allows: each interface and VMAC takes a few. For a process that starts no programs."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def set_realtime(priority: int) -> Optional[str]:
    """SCHED_FIFO at ``priority``, 1 to 99; processes started from here on are ordinary again (SCHED_RESET_ON_FORK)."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except OSError as error:
        return f"no real-time priority {priority}: {error.strerror} (CAP_SYS_NICE or LimitRTPRIO={priority} allows it)"
    return None
