# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service manager's protocol: sd_notify(3) and sd_watchdog_enabled(3). Never waits; silent without systemd."""

from __future__ import annotations

import os
import socket
from typing import Optional


def notify(state: str) -> bool:
    """Tell systemd ``READY=1``, ``WATCHDOG=1`` and the like; whether it was told."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return False
    address = "\0" + path[1:] if path.startswith("@") else path
    kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_UNIX, kind) as sock:
        try:
            sock.sendto(state.encode(), address)
        except OSError:
            return False  # systemd is restarting or behind; the watchdog's next beat is not far
    return True


def watchdog_interval_s() -> Optional[float]:
    """How long systemd waits between two ``WATCHDOG=1`` of this process; None when it does not watch it."""
    watched = os.environ.get("WATCHDOG_PID", "")
    if watched and watched != str(os.getpid()):
        return None
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() and int(microseconds) > 0 else None
