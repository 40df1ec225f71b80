# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's keepalived in a namespace: the peer, and the witness of what the bytes look like."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from types import TracebackType

from tests.netns.namespace import Namespace

STOP_TIMEOUT_S = 10.0  # it lingers a second after it has let go, for IGMP's sake


class Keepalived:
    """Running inside a ``with``; ``directory`` gets its configuration, pid files and log."""

    def __init__(self, namespace: Namespace, config: str, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._config = directory / "keepalived.conf"
        self._config.write_text(config)
        pids = [f"--{option}={directory / option}" for option in ("pid", "vrrp_pid", "checkers_pid")]
        self._argv = ["keepalived", "-n", "-l", "-D", "-P", "-f", str(self._config), *pids]
        self._namespace = namespace
        self._log = directory / "log"

    def __enter__(self) -> Keepalived:
        with self._log.open("wb") as log:
            self._process = self._namespace.start(*self._argv, stdout=log, stderr=subprocess.STDOUT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        """As `systemctl stop`: a master says goodbye with priority 0 and takes its addresses off."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(STOP_TIMEOUT_S)
