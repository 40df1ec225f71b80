# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines, to the console, the journal or syslog. Only the worker and start-up code log here.

The VRRP process never does: it sends ``Log`` effects to the worker.
"""

from __future__ import annotations

import os
import sys
import syslog
from typing import TextIO

from ..config.diagnostics import printable

_PRIORITIES = {"info": syslog.LOG_INFO, "warning": syslog.LOG_WARNING, "error": syslog.LOG_ERR}


class Journal:
    """``to_console`` writes to standard error, else lines go to syslog under ``facility``."""

    def __init__(self, to_console: bool, facility: int = syslog.LOG_DAEMON) -> None:
        self._console: TextIO = sys.stderr
        self._to_console = to_console
        # journald reads a leading <N> as the priority of a line that came through a pipe
        self._marks_priority = "JOURNAL_STREAM" in os.environ
        if not to_console:
            syslog.openlog("vipd", syslog.LOG_PID, facility)

    def write(self, level: str, text: str) -> None:
        """``level`` is info, warning or error; ``text`` is one line."""
        line = printable(text.replace("\n", " "))  # a name may hold bytes that are no text
        priority = _PRIORITIES[level]
        if not self._to_console:
            syslog.syslog(priority, line)
            return
        mark = f"<{priority}>" if self._marks_priority else ""
        self._console.write(f"{mark}{line}\n")
        self._console.flush()
