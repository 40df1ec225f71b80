# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run left behind that was aborted between writing a file and having vipd read it: newer than what vipd reads.

It only looks. Of a vipd that does not answer nothing is pending: what is started later reads everything.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask


def status_of(control_socket: str) -> dict[str, Any]:
    """What a vipd that runs says of itself; empty where none answers."""
    try:
        return ask(control_socket, "status")
    except NoAnswerError:
        return {}


def restart_pending(status: dict[str, Any], started_from: Iterable[str]) -> bool:
    """Whether it was started before one of these files was written: its program, its unit."""
    return any(_newer(path, _started_at(status)) for path in started_from)


def reload_pending(status: dict[str, Any], config: str) -> bool:
    loaded_at = float(status.get("configuration", {}).get("loaded_at", time.time()))
    return _newer(config, max(_started_at(status), loaded_at))


def _started_at(status: dict[str, Any]) -> float:
    return float(status.get("started_at", time.time()))


def _newer(path: str, moment: float) -> bool:
    try:
        return os.lstat(path).st_mtime > moment
    except OSError:
        return False
