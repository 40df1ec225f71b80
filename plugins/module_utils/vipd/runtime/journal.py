# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines for people or for programs, to the console, the journal or syslog. Only the worker and start-up code log.

The VRRP process never does: it sends ``Log`` effects to the worker.
"""

from __future__ import annotations

import os
import sys
import syslog
import time
from collections.abc import Mapping
from typing import Optional, TextIO

TEXT = "text"
JSON = "json"

_PRIORITIES = {"info": syslog.LOG_INFO, "warning": syslog.LOG_WARNING, "error": syslog.LOG_ERR}


class Journal:
    """``to_console`` writes to standard error, else lines go to syslog under ``facility``. ``form`` is TEXT or JSON."""

    def __init__(self, to_console: bool, facility: int = syslog.LOG_DAEMON, form: str = TEXT) -> None:
        self._console: TextIO = sys.stderr
        self._to_console = to_console
        self._form = form
        # journald reads a leading <N> as the priority of a line that came through a pipe
        self._marks_priority = "JOURNAL_STREAM" in os.environ
        if not to_console:
            syslog.openlog("vipd", syslog.LOG_PID, facility)

    def write(self, level: str, text: str, event: Optional[Mapping[str, object]] = None) -> None:
        """``level`` is info, warning or error; ``text`` is one line; ``event`` says the same to a program."""
        line = _object(level, text, event) if self._form == JSON else text.replace("\n", " ")
        priority = _PRIORITIES[level]
        if not self._to_console:
            syslog.syslog(priority, line)
            return
        mark = f"<{priority}>" if self._marks_priority else ""
        self._console.write(f"{mark}{line}\n")
        self._console.flush()


def _object(level: str, text: str, event: Optional[Mapping[str, object]]) -> str:
    import json  # noqa: PLC0415  the VRRP process starts with a journal, and has no other use for it

    return json.dumps({"time": round(time.time(), 6), "level": level, "text": text, **(event or {"event": "message"})})
