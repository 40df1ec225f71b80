# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How what is tracked stands: scripts, processes, files and sockets, each as its last news left it.

Judges one thing at a time; what that does to a priority is added up in ``tracking.py``. Source: keepalived.conf(5),
vrrp_script, vrrp_track_process, vrrp_track_file.
"""

from __future__ import annotations

from typing import Optional

from ..config.model import Config, VrrpScript, VrrpTrackFile, VrrpTrackProcess


class ScriptResult:
    """The standing of one vrrp_script: up, down, or not known before its first run.

    ``rise`` successes in a row bring it up and ``fall`` failures in a row take it down, but the
    very first run decides at once, unless ``init_fail`` made it start down.
    """

    def __init__(self, config: VrrpScript) -> None:
        self.config = config
        self.up: Optional[bool] = False if config.init_fail else None
        self.detail = "has not run yet"
        self._contrary_runs = 0

    def finished(self, success: bool, detail: str) -> None:
        """Take in one run."""
        self.detail = detail
        if success == self.up:
            self._contrary_runs = 0
            return
        self._contrary_runs += 1
        needed = self.config.rise if success else self.config.fall
        if self.up is None or self._contrary_runs >= needed:
            self.up = success
            self._contrary_runs = 0


class ProcessResult:
    """Whether enough processes run, and not too many; None before they were counted."""

    def __init__(self, config: VrrpTrackProcess) -> None:
        self.config = config
        self.count: Optional[int] = None

    @property
    def up(self) -> Optional[bool]:
        if self.count is None:
            return None
        most = self.config.quorum_max
        return self.config.quorum <= self.count and (most is None or self.count <= most)

    @property
    def detail(self) -> str:
        if self.count is None:
            return "was not counted yet"
        most = f" to {self.config.quorum_max}" if self.config.quorum_max is not None else ""
        return f"runs {self.count} times, its quorum is {self.config.quorum}{most}"


class FileResult:
    """The number in a vrrp_track_file; None before it was read."""

    def __init__(self, config: VrrpTrackFile) -> None:
        self.config = config
        self.value: Optional[int] = None

    @property
    def detail(self) -> str:
        return "was not read yet" if self.value is None else f"says {self.value}"


class Results:
    """Of all that a configuration defines, by name. ``deaf_places``: interfaces and families without a socket."""

    def __init__(self) -> None:
        self.scripts: dict[str, ScriptResult] = {}
        self.processes: dict[str, ProcessResult] = {}
        self.files: dict[str, FileResult] = {}
        self.deaf_places: frozenset[tuple[str, int]] = frozenset()

    def adopt(self, config: Config) -> None:
        """A reload: what is judged by the same thing keeps its standing."""
        scripts, processes, files = self.scripts, self.processes, self.files
        self.scripts, self.processes, self.files = {}, {}, {}
        for script in config.scripts:
            known = scripts.get(script.name)
            same = known is not None and known.config.command == script.command
            self.scripts[script.name] = known if known and same else ScriptResult(script)
            self.scripts[script.name].config = script
        for process in config.processes:
            counted = processes.get(process.name)
            same = counted is not None and _counts_alike(counted.config, process)
            self.processes[process.name] = counted if counted and same else ProcessResult(process)
            self.processes[process.name].config = process
        for file in config.files:
            read = files.get(file.name)
            same = read is not None and read.config.file == file.file
            self.files[file.name] = read if read and same else FileResult(file)
            self.files[file.name].config = file


def _counts_alike(one: VrrpTrackProcess, other: VrrpTrackProcess) -> bool:
    return (one.process, one.param_match, one.full_command) == (other.process, other.param_match, other.full_command)
