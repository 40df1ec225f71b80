# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the daemon finds and leaves its files, as the command line said."""

from __future__ import annotations

import os
from dataclasses import dataclass

RUNTIME_DIRECTORY = "/run/vipd"
STATE_DIRECTORY = "/var/lib/vipd"
DIRECTOR_SOCKET = "director.sock"
EXIT_NO_IPVS = 3  # of a director whose kernel has no IPVS: another one would end so too


@dataclass(frozen=True)
class Options:
    """What every process needs to know of the command line.

    ``supervised``: the director's process, started by a worker. ``director_command`` is how a worker starts it.
    """

    config_path: str
    config_id: str = ""
    pid_paths: tuple[str, ...] = ()
    foreground: bool = False
    log_to_console: bool = False
    log_facility: int = 3 << 3  # syslog's LOG_DAEMON
    log_format: str = "text"
    runtime_directory: str = RUNTIME_DIRECTORY
    state_directory: str = STATE_DIRECTORY
    vrrp_only: bool = False
    supervised: bool = False
    release_ipvs: bool = True
    checkers_pid_path: str = ""
    director_command: tuple[str, ...] = ()
    record_path: str = ""

    @property
    def admin_path(self) -> str:
        """What operators want of real servers."""
        return os.path.join(self.runtime_directory, "real-servers")

    @property
    def director_path(self) -> str:
        return os.path.join(self.runtime_directory, DIRECTOR_SOCKET)

    @property
    def control_path(self) -> str:
        return os.path.join(self.runtime_directory, "control.sock")

    @property
    def release_path(self) -> str:
        return os.path.join(self.runtime_directory, "release")
