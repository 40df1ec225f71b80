# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the daemon: what the command line and the configuration come to, found out in a process that ends, then run.

So the processes that live for years never load what reads the two: 1.3 MB each.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Optional, Union

from .runtime import errand
from .runtime.journal import Journal
from .runtime.options import Options

EXIT_OK = 0
EXIT_FATAL = 1
EXIT_UNREADABLE = 4
EXIT_CONFIG = 5


@dataclass(frozen=True)
class Start:
    """A daemon to run. ``config`` is packed (``runtime/loading.py``); ``log`` are levels and lines to begin with."""

    config: bytes
    options: Options
    log: tuple[tuple[str, str], ...]
    umask: Optional[int]
    checkers_only: bool


def main() -> int:
    """Run the daemon, or what the flags ask for instead; returns the exit status."""
    wanted = errand.run(_read_command_line, "reading the command line")
    return wanted if isinstance(wanted, int) else _run(wanted)


def _read_command_line() -> Union[int, Start]:
    from . import cli  # noqa: PLC0415  loaded here alone, to end with this process

    return cli.main()


def _run(start: Start) -> int:
    from .runtime.daemon import AlreadyRunningError, run, run_director  # noqa: PLC0415  what ends at once needs none of it

    if start.umask is not None:
        os.umask(start.umask)
    journal = Journal(start.options.log_to_console, start.options.log_facility, start.options.log_format)
    for level, text in start.log:
        journal.write(level, text)
    try:
        return (run_director if start.checkers_only else run)(start.config, start.options, journal)
    except AlreadyRunningError as error:
        _complain(f"vipd is already running: {error}")
    except PermissionError as error:
        _complain(f"vipd needs root, or CAP_NET_ADMIN and CAP_NET_RAW and a writable runtime directory: {error}")
        return EXIT_UNREADABLE
    return EXIT_FATAL


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
