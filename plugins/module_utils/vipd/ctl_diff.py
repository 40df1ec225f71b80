# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``vipctl diff``: what a reload would do, before it is done; of a file, or of two files.

The running vipd compares: a client shows it the new configuration, and never gets to see the running one.
"""

from __future__ import annotations

import argparse
import socket
from typing import Any, Callable

from .config.diagnostics import ConfigError
from .config.difference import differences
from .config.model import Config
from .config.parse import load
from .config.plain import to_plain

EXIT_DIFFERENT = 1

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("files", nargs="+", metavar="FILE", help="the new file; or the old one and the new one")
    host = socket.gethostname().split(".")[0]
    command.add_argument("-i", "--config-id", default=host, metavar="ID", help="(default: the host name)")


def compare(files: list[str], config_id: str, ask: Ask) -> list[dict[str, Any]]:
    """Differences as plain data. Raises ConfigError when a file cannot be read or has an error."""
    *olds, new = (_load(path, config_id) for path in files)
    if olds:
        return [difference.plain() for difference in differences(olds[0], new)]
    found: list[dict[str, Any]] = ask("diff", {"config": to_plain(new)})["differences"]
    return found


def _load(path: str, config_id: str) -> Config:
    """Half of a configuration would be compared as if the rest were removed: an error ends it."""
    parsed = load(path, config_id)
    if parsed.errors:
        raise ConfigError(parsed.errors)
    return parsed.config
