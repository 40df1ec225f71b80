# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run left behind that was aborted between writing a file and having it read: newer than what is in force.

vipd is asked itself; of any other service systemd knows when it was started and reloaded. It only looks. Of a service
that does not run nothing is pending: what is started later reads everything.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Unit
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


def told(unit: Unit, read: Iterable[str] = (), started_from: Iterable[str] = ()) -> dict[str, Any]:
    """What modules return of a service, and what brings into force the files that it reads or is started from."""
    pending = "none"
    if unit.running and any(_newer(path, unit.started_at) for path in started_from):
        pending = "restart"
    elif unit.running and any(_newer(path, unit.read_at) for path in read):
        pending = "reload"
    return {"there": unit.there, "enabled": unit.enabled, "running": unit.running, "pending": pending}


def _started_at(status: dict[str, Any]) -> float:
    return float(status.get("started_at", time.time()))


def _newer(path: str, moment: float) -> bool:
    """A file that is dated tomorrow, by a clock that was set back, would be newer after every reload: it is not."""
    try:
        return moment < os.lstat(path).st_mtime <= time.time()
    except OSError:
        return False
