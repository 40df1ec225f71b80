# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sees the frames that arrive at an interface: an independent witness, made of a packet socket alone."""

from __future__ import annotations

import socket
from types import TracebackType

from tests.netns.namespace import Namespace

ETH_P_ALL = 0x0003


class Capture:
    """Frames from its making on, ours excluded; inside a ``with``."""

    def __init__(self, namespace: Namespace, interface: str = "eth0") -> None:
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        self._socket.bind((interface, ETH_P_ALL))
        self._frames: list[bytes] = []

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._socket.close()

    def adverts(self) -> list[bytes]:
        """Packets of protocol 112 so far, with their Ethernet header."""
        at = {b"\x08\x00": 23, b"\x86\xdd": 20}  # where each kind of packet says its protocol
        return [frame for frame in self._all() if frame[12:14] in at and frame[at[frame[12:14]]] == 112]

    def neighbour_advertisements(self) -> list[bytes]:
        return [
            frame for frame in self._all() if frame[12:14] == b"\x86\xdd" and frame[20:21] + frame[54:55] == b"\x3a\x88"
        ]

    def announcements(self) -> list[bytes]:
        """ARP frames so far that ask for their own sender."""
        return [frame for frame in self._all() if frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42]]

    def frames(self) -> list[bytes]:
        """All frames so far."""
        return list(self._all())

    def _all(self) -> list[bytes]:
        while True:
            try:
                frame, (_interface, _protocol, kind, *_rest) = self._socket.recvfrom(65536)
            except BlockingIOError:
                return self._frames
            if kind != socket.PACKET_OUTGOING:
                self._frames.append(frame)
