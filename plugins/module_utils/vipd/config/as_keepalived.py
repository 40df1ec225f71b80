# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How ``keepalived -t`` would have exited: for those who have scripts that ask it. Source: keepalived 2.2.7's code.

Its manual page says 3, 4 and 5; the program exits with 4, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable

from .checks.node import Fault, commands, tracked_scripts
from .diagnostics import Diagnostic
from .model import Config

EXIT_OK = 0
EXIT_UNREADABLE = 4
EXIT_CONFIG = 5
EXIT_SECURITY = 6


def exit_status(config: Config, diagnostics: Iterable[Diagnostic], fault: Fault) -> int:
    """For a file that could be read. An insecure script outweighs everything else."""
    if not config.global_defs.enable_script_security and _runs_a_program(config, fault):
        return EXIT_SECURITY
    return EXIT_CONFIG if any(not found.ours for found in diagnostics) else EXIT_OK


def _runs_a_program(config: Config, fault: Fault) -> bool:
    """keepalived leaves out a program that it cannot run, and one that is not used."""
    tracked = tracked_scripts(config)
    return any(
        command.argv and not fault(command)
        for who, command, _place in commands(config)
        if not who.startswith("vrrp_script ") or who.partition(" ")[2] in tracked
    )
