# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``lbha-check-proxy PORT``: 0 while the proxy answers on 127.0.0.1:PORT, 1 when it cannot be revived.

A dead proxy is restarted once, by a systemd unit that is in force until it answers again; then the VIPs have to go.
Python, because POSIX tools have no way to ask a server; nothing is imported that a healthy run does not need.
"""

from __future__ import annotations

import os
import socket
import sys

ANSWER_S = 1.0
RESTART_S = 3.0  # with two answers to wait for, less than the check's timeout
RESTART_UNIT = "lbha-proxy-restart.service"
RESTARTED = os.environ.get("LBHA_PROXY_RESTARTED", "/run/lbha-proxy-restart")


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(16).startswith(b"HTTP/1.1 204")
    except OSError:
        return False


def restart_unit(verb: str) -> None:
    import subprocess  # noqa: PLC0415  a healthy run does not need it

    try:
        subprocess.run(["systemctl", verb, RESTART_UNIT], timeout=RESTART_S, check=False)
    except subprocess.TimeoutExpired:
        pass  # systemd goes on with it; the next run will see


def main(port: int) -> int:
    if answers(port):
        if os.path.exists(RESTARTED):
            restart_unit("stop")
        return 0
    if os.path.exists(RESTARTED):
        return 1
    restart_unit("start")
    return 0 if answers(port) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
