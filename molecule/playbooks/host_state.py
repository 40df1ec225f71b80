# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role could leave behind on a host, one line each, so that two runs can be compared.

Runs on the node, with nothing but Python's own library. It reads and changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import time
from collections.abc import Iterator

TRIES, PAUSE_S = 5, 3.0

TREES = ("/etc", "/usr/local", "/var/lib", "/run", "/opt", "/root")
# What Debian itself rewrites while nobody deploys anything, and backups that tools make of files compared themselves.
PASSING = (
    "/etc/group-", "/etc/gshadow-", "/etc/passwd-", "/etc/shadow-", "/etc/subuid-", "/etc/subgid-", "/etc/.pwd.lock",
    "/etc/resolv.conf", "/etc/machine-id", "/root/.ansible", "/root/.ssh", "/run/credentials", "/run/dbus", "/run/host",
    "/run/haproxy", "/run/haproxy.pid", "/run/haproxy-master.sock", "/run/lock", "/run/log", "/run/nginx.pid",
    "/run/sshd.pid", "/run/systemd", "/run/udev", "/run/user", "/run/utmp",
    "/var/lib/haproxy", "/var/lib/mysql", "/var/lib/nginx", "/var/lib/systemd",
)  # fmt: skip
# What a kernel works out from the memory that it finds at its start: another start, another number.
OF_MEMORY = (
    *("inet_peer_threshold", "tcp_ehash_entries", "tcp_max_orphans", "tcp_max_syn_backlog", "tcp_max_tw_buckets"),
    *("tcp_mem", "tcp_rmem", "tcp_wmem", "udp_mem"),
)


def files() -> Iterator[str]:
    for tree in TREES:
        for directory, names, others in os.walk(tree):
            names[:] = [name for name in names if os.path.join(directory, name) not in PASSING]
            for path in (os.path.join(directory, name) for name in names + others):
                if path not in PASSING:
                    yield f"file {path} {described(path)}"


def described(path: str) -> str:
    status = os.lstat(path)
    return f"{stat.filemode(status.st_mode)} {status.st_uid}:{status.st_gid} {content(path, status.st_mode)}"


def content(path: str, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return os.readlink(path)
    if not stat.S_ISREG(mode):
        return ""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]


def output(*command: str) -> Iterator[str]:
    """Asked again where it fails: on a busy node systemd's bus gives up whoever waits for it."""
    for _try in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        time.sleep(PAUSE_S)
    done.check_returncode()
    for line in done.stdout.splitlines():
        yield f"{command[0]} {' '.join(line.split())}"


def settings() -> Iterator[str]:
    for directory, _names, others in os.walk("/proc/sys/net/ipv4"):
        for path in (os.path.join(directory, name) for name in others if name not in OF_MEMORY):
            try:
                with open(path, encoding="ascii") as value:
                    yield f"setting {path} {value.read().strip()}"
            except OSError:
                continue  # write-only, or not for this namespace


def main() -> None:
    lines = [
        *files(),
        *settings(),
        *output("systemctl", "list-unit-files", "--no-legend", "--no-pager"),
        *output("systemctl", "list-units", "--type=service", "--state=running,failed", "--no-legend", "--plain"),
        *output("ip", "-4", "-o", "address", "show", "up", "scope", "global"),
    ]
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
