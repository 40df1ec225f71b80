# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does a process match a vrrp_track_process? Looks at one process in /proc; ``process.py`` counts.

Source: keepalived.conf(5), vrrp_track_process; proc_pid_comm(5), proc_pid_cmdline(5).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Optional

from ..config.model import VrrpTrackProcess

COMM_MAX = 15  # characters of a process's name that the kernel keeps
_CMDLINE_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Running:
    """A process as /proc shows it: the name that the kernel keeps, and the words it was started with."""

    comm: str
    argv: tuple[str, ...]


def look(pid: int) -> Optional[Running]:
    """None when it is gone, or a zombie: that has no command line any more."""
    try:
        with open(f"/proc/{pid}/comm", "rb") as comm, open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            name, words = comm.read(), cmdline.read(_CMDLINE_LIMIT).split(b"\0")
    except OSError:
        return None
    argv = tuple(os.fsdecode(word) for word in (words if words[-1] else words[:-1]))
    return Running(os.fsdecode(name.rstrip(b"\n")), argv) if argv else None


def matches(wanted: VrrpTrackProcess, process: Running) -> bool:
    """The name alone; or, with ``full_command`` or parameters, what it was started as."""
    if wanted.full_command or wanted.param_match or wanted.process[1:]:
        return process.argv[0] == wanted.process[0] and _parameters_match(wanted, process.argv[1:])
    return process.comm == os.path.basename(wanted.process[0])[:COMM_MAX]


def _parameters_match(wanted: VrrpTrackProcess, found: tuple[str, ...]) -> bool:
    """``partial``: the first ones are these. ``initial``: and the last of these may go on. Else all are these."""
    expected, how = wanted.process[1:], wanted.param_match
    if how is None and not expected:
        return True
    if how == "partial" and expected:
        return found[: len(expected)] == expected
    if how == "initial" and expected:
        last = len(expected) - 1
        return len(found) > last and found[:last] == expected[:last] and found[last].startswith(expected[last])
    return found == expected
