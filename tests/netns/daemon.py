# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd and keepalived as programs on a host of a segment, behind one interface, so that a test can take either.

Both run in the foreground from the same configuration text. Only processes started here are ever ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

AGENT = Path(__file__).resolve().parents[2] / "plugins" / "module_utils"
KEEPALIVED = "/usr/sbin/keepalived"

STOP_LIMIT_S = 60.0
START_LIMIT_S = 60.0  # an interpreter that starts on a busy machine

PROGRAM = (sys.executable, "-m", "vipd")

# Daemons share their compiled modules, and leave none in the source tree.
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(AGENT),
    "PYTHONPYCACHEPREFIX": f"{tempfile.gettempdir()}/vipd-t-pycache-{os.getuid()}",
    "PYTHONDONTWRITEBYTECODE": "",
}

ANSWER_LIMIT_S = 30.0


class Daemon:
    """One daemon with its own directory; see the subclasses."""

    def __init__(self, host: Namespace, config: str, directory: Path) -> None:
        self.host = host
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "keepalived.conf"
        self.path.write_text(config)
        self.environment = dict(ENVIRONMENT)
        self._log = directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._pids: set[int] = set()

    def __str__(self) -> str:
        return f"{type(self).__name__} on {self.host.name}"

    def __enter__(self) -> Daemon:
        """``with`` a daemon: it runs inside and is stopped in order, whatever happens."""
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Start, and wait until both of its processes run."""
        self.launch()
        wait_for(lambda: self.processes()[1:] or self.exit_status() is not None, f"{self} to start", START_LIMIT_S)
        if self.exit_status() is not None:
            raise AssertionError(f"{self} ended at its start, exit status {self.exit_status()}:\n{self.log()}")

    def launch(self, *flags: str) -> None:
        """Start, and wait for nothing: for a start that is meant to end by itself."""
        with self._log.open("ab") as log:
            self._process = self.host.start(*self.command(), *flags, stdout=log, stderr=log, env=self.environment)

    @property
    def pid(self) -> int:
        """The main process: who systemd would watch."""
        if self._process is None:
            raise RuntimeError(f"{self} was not started")
        return self._process.pid

    def processes(self) -> list[int]:
        """The main process and its child, the scripts left out; whoever was here once is remembered for ``kill``."""
        alive = [self.pid, *_children(self.pid)] if self.exit_status() is None else []
        self._pids.update(alive)
        return alive

    def exit_status(self) -> int | None:
        return self._process.poll() if self._process else None

    def wait(self, limit_s: float = STOP_LIMIT_S) -> int:
        """The exit status of a daemon that is about to end. Raises AssertionError when it does not."""
        if self._process is None:
            raise RuntimeError(f"{self} was not started")
        try:
            return self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} did not end within {limit_s:g} s:\n{self.log()}") from None

    def stop(self) -> int:
        """As ``systemctl stop`` does; returns the exit status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """All of its processes at one instant; none of them gets to clean up. Harmless when it is not running."""
        if self._process is None:
            return
        self.processes()
        victims = [pid for pid in self._pids if self._is_ours(pid)]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            _signal(victims, number)
        self._process.wait(STOP_LIMIT_S)

    def close(self) -> None:
        """Leave nothing running."""
        self.kill()

    def _is_ours(self, pid: int) -> bool:
        """Still: a number may have gone to a stranger since."""
        with contextlib.suppress(OSError):
            return str(self.path).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False

    def pause(self) -> None:
        """The whole daemon stands still, as on a host whose hypervisor took its processors away."""
        _signal(self.processes(), signal.SIGSTOP)

    def resume(self) -> None:
        _signal(self.processes(), signal.SIGCONT)

    def reload(self, config: str | None = None) -> None:
        if config is not None:
            self.path.write_text(config)
        os.kill(self.pid, signal.SIGHUP)

    def holds(self, vip: str) -> bool:
        return any(address["local"] == vip for address in self.host.addresses())

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class Vipd(Daemon):
    """The agent from this checkout."""

    foreground: tuple[str, ...] = ("-n", "-l", "-D", "-P")

    @property
    def runtime_directory(self) -> Path:
        return self.directory / "run"

    @property
    def state_directory(self) -> Path:
        return self.directory / "state"

    @property
    def control_socket(self) -> Path:
        return self.runtime_directory / "control.sock"

    def command(self) -> list[str]:
        directories = (
            "--runtime-directory",
            str(self.runtime_directory),
            "--state-directory",
            str(self.state_directory),
        )
        return [*PROGRAM, *self.foreground, "-f", str(self.path), *directories]

    def kill(self) -> None:
        """Also one that went to the background."""
        with contextlib.suppress(OSError, ValueError):
            self._pids.add(int((self.runtime_directory / "vipd.pid").read_text()))
        super().kill()

    def start(self) -> None:
        """Start, and wait until it answers: then its instances listen."""
        super().start()
        wait_for(self.answers, f"{self} to answer on its control socket", START_LIMIT_S)

    def answers(self) -> bool:
        try:
            return bool(self.status()["instances"])
        except (OSError, KeyError, ValueError):
            return False

    @property
    def worker(self) -> int:
        return self.processes()[1]

    def kill_vrrp_process(self) -> None:
        self.processes()
        os.kill(self.pid, signal.SIGKILL)

    def kill_worker(self) -> None:
        os.kill(self.worker, signal.SIGKILL)

    def release(self) -> str:
        """What the unit's ExecStopPost runs; returns what it said."""
        command = [*PROGRAM, "--release", "--runtime-directory", str(self.runtime_directory)]
        process = self.host.start(*command, stderr=subprocess.PIPE, env=ENVIRONMENT)
        _out, said = process.communicate(timeout=START_LIMIT_S)
        assert process.returncode == 0, said
        return said.decode()

    def request(self, line: bytes) -> Any:
        """One line to the control socket, and its answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_LIMIT_S)
            connection.connect(str(self.control_socket))
            connection.sendall(line)
            with connection.makefile("rb") as lines:
                return json.loads(lines.readline())

    def status(self) -> dict[str, Any]:
        """What ``vipctl status --format json`` shows."""
        status: dict[str, Any] = self.request(b'{"command": "status"}\n')
        return status

    def instance(self, name: str = "V") -> dict[str, Any]:
        return next(one for one in self.status()["instances"] if one["name"] == name)

    def wait_for_state(self, state: str, within_s: float, name: str = "V") -> None:
        wait_for(lambda: self.instance(name)["state"] == state, f"{self}: {name} to be {state}", within_s)

    def wait_for_log(self, words: str, within_s: float = 2.0) -> None:
        wait_for(lambda: words in self.log(), f"{self} to log {words!r}", within_s)


class Keepalived(Daemon):
    """Debian's keepalived, VRRP only."""

    def command(self) -> list[str]:
        return [KEEPALIVED, "-n", "-l", "-D", "-P", f"-f{self.path}", *pid_flags(self.directory)]

    def kill(self) -> None:
        """Its next start takes a pid file whose process init has not reaped yet for a daemon that runs."""
        super().kill()
        for path in pid_files(self.directory).values():
            path.unlink(missing_ok=True)


def pid_files(directory: Path) -> dict[str, Path]:
    """By keepalived's flag, of all four processes: to it, one in its place in /run is a daemon that runs already."""
    return {flag: directory / f"{flag}.pid" for flag in "prcb"}


def pid_flags(directory: Path) -> list[str]:
    return [f"-{flag}{path}" for flag, path in pid_files(directory).items()]


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
