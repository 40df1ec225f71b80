# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that asks an address for an answer every few milliseconds, and remembers which questions got none.

ICMP echo over IPv4, from a thread of its own inside the client's namespace.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from types import TracebackType

from tests.netns.namespace import Namespace

EVERY_S = 0.005
ANSWERED_WITHIN_S = 0.05  # on a virtual cable: later is lost

_ECHO_REQUEST, _ECHO_REPLY = 8, 0
_IDENTIFIER = 0x5649
_QUESTIONS = 65536


class Client:
    """Asks while inside the ``with``."""

    def __init__(self, host: Namespace, address: str) -> None:
        with host.entered():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.connect((address, 0))
        self._socket.settimeout(EVERY_S)
        self._asked: list[float] = []
        self._unanswered: set[int] = set()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._ask, self._listen)]

    def __enter__(self) -> Client:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def last_loss(self, since: float) -> float:
        """When the last question without an answer was asked, by ``time.time()``; ``since`` if none was."""
        too_young = time.time() - ANSWERED_WITHIN_S
        lost = [self._asked[number] for number in list(self._unanswered)]
        return max((at for at in lost if since < at < too_young), default=since)

    def _ask(self) -> None:
        while not self._over.wait(EVERY_S) and len(self._asked) < _QUESTIONS:
            number = len(self._asked)
            self._unanswered.add(number)
            self._asked.append(time.time())
            try:
                self._socket.send(_echo(number))
            except OSError:
                pass  # no neighbour has this address now: the question stays without an answer

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                packet = self._socket.recv(2048)
            except OSError:
                continue
            kind, _code, _sum, identifier, number = struct.unpack_from("!BBHHH", packet, (packet[0] & 15) * 4)
            if kind == _ECHO_REPLY and identifier == _IDENTIFIER:
                self._unanswered.discard(number)


def _echo(number: int) -> bytes:
    words = (_ECHO_REQUEST << 8, _IDENTIFIER, number)
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!HHHH", words[0], ~total & 0xFFFF, *words[1:])
