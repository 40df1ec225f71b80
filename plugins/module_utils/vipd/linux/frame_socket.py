# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends the frames of ``wire/arp.py`` and ``wire/ndp.py`` out of one interface. Never waits, never receives.

Protocol 0 asks the kernel for no frames at all: a packet socket that receives what nobody reads costs every packet
of the host a copy.
"""

from __future__ import annotations

import socket


class FrameSocket:
    """Raises OSError: ENODEV when there is no such interface, EPERM without CAP_NET_RAW."""

    def __init__(self, interface: str) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_PACKET, kind, 0)
        try:
            self._socket.bind((interface, 0))
        except BaseException:
            self._socket.close()
            raise

    def send(self, frame: bytes) -> None:
        """Send a whole Ethernet frame. Raises OSError, as when the interface is down."""
        self._socket.send(frame)

    def close(self) -> None:
        self._socket.close()
