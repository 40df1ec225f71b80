# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that asks the VIP for pages without a pause to speak of, and counts what it gets and what it loses."""

from __future__ import annotations

import http.client
import time
from threading import Event, Thread

from tests.lvs.topology import VIP, Topology
from tests.netns.waiting import wait_for

PAUSE_S = 0.05
GOES_ON_S = 120.0


class Load:
    """Requests one after another, each on a connection of its own, in a thread within the client's namespace."""

    def __init__(self, topology: Topology, request_s: float) -> None:
        self._topology = topology
        self._request_s = request_s
        self._stop = Event()
        self.successes: list[float] = []
        self.lost = 0
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self._topology.client.entered():
            while not self._stop.wait(PAUSE_S):
                connection = http.client.HTTPConnection(VIP, 80, timeout=self._request_s)
                try:
                    ask(connection)
                    self.successes.append(time.monotonic())
                except (OSError, http.client.HTTPException):
                    self.lost += 1
                finally:
                    connection.close()

    def go_on(self, requests: int) -> None:
        """Until so many more have come to their end."""
        wanted = len(self.successes) + self.lost + requests
        wait_for(lambda: len(self.successes) + self.lost >= wanted, f"{requests} requests", GOES_ON_S)

    def longest_gap_s(self) -> float:
        return max(later - earlier for earlier, later in zip(self.successes, self.successes[1:], strict=False))


def ask(connection: http.client.HTTPConnection) -> str:
    connection.request("GET", "/")
    return connection.getresponse().read().decode()
