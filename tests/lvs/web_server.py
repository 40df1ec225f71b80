# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real server serves with: nginx in its namespace; a page is the server's name and the address that it sees."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.request import urlopen

from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

START_S = 60.0
REQUEST_S = 20.0

# One process, so that killing it ends all of it; connections are kept as long as a client wants.
CONFIGURATION = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ }}
http {{
    access_log off;
    keepalive_timeout 1h;
    keepalive_requests 100000;
    server {{
        listen 80;
        listen [::]:80;
        location / {{ return 200 "{name} $remote_addr"; }}
    }}
}}
"""


class WebServer:
    def __init__(self, name: str, host: Namespace, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "nginx.conf"
        self._path.write_text(CONFIGURATION.format(name=name, directory=directory))
        self._process = host.start("nginx", "-p", str(directory), "-c", str(self._path), stderr=subprocess.DEVNULL)
        with host.entered():
            wait_for(_answers, f"{name} to serve", START_S)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def _answers() -> bool:
    try:
        with urlopen("http://127.0.0.1/", timeout=REQUEST_S):
            return True
    except OSError:
        return False
