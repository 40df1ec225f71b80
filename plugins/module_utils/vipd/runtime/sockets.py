# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP process's sockets: which there are, and which one something leaves by.

A configuration and the links that exist say which are wanted (``Prepared``); opening never fails the process: what
cannot be opened is told, and tried again when the interface changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

from ..linux.frame_socket import FrameSocket
from ..linux.link import Link
from ..linux.vrrp_socket import VrrpSocket, vrrp_socket
from .messages import Listener, Prepared

Place = tuple[str, int]  # interface ("" for any), family


class Sockets:
    """``listening`` are for the loop to read; the others only send."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._links: dict[str, Link] = {}
        self._listeners: dict[Place, Listener] = {}
        self._frames: dict[str, FrameSocket] = {}
        self.listening: dict[Place, VrrpSocket] = {}

    def sender(self, interface: str, family: int) -> Optional[VrrpSocket]:
        """By which an advert leaves; None when the interface is not there."""
        return self.listening.get((interface, family))

    def frames(self, interface: str) -> Optional[FrameSocket]:
        return self._frames.get(interface)

    def open(self, prepared: Prepared) -> None:
        """Open what is missing. An interface that was made anew (another index) gets new sockets: old ones are deaf."""
        renewed = {
            name
            for name, link in self._links.items()
            if name in prepared.links and prepared.links[name].index != link.index
        }
        regrouped = {
            place
            for place, listener in prepared.listeners.items()
            if place in self._listeners and self._listeners[place].groups != listener.groups
        }
        self._links.update(prepared.links)
        self._listeners.update(prepared.listeners)
        _close(self.listening, regrouped | {place for place in self.listening if place[0] in renewed})
        _close(self._frames, renewed)
        for place, listener in prepared.listeners.items():
            self._listen(place, listener)
        for interface in sorted(_announcing(prepared) - self._frames.keys()):
            with self._told(interface):
                self._frames[interface] = FrameSocket(interface)

    def retire(self, prepared: Prepared) -> None:
        """Close what ``prepared`` does not name."""
        self._links = dict(prepared.links)
        self._listeners = dict(prepared.listeners)
        _close(self.listening, self.listening.keys() - prepared.listeners.keys())
        _close(self._frames, self._frames.keys() - _announcing(prepared))

    def _listen(self, place: Place, listener: Listener) -> None:
        interface, family = place
        with self._told(interface):
            if place not in self.listening:
                self.listening[place] = vrrp_socket(family, interface, listener.groups)
            self.listening[place].listen_for(listener.vrids)

    @contextmanager
    def _told(self, interface: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._warn(f"cannot open a socket on {interface or 'any interface'}: {error.strerror}")


def _announcing(prepared: Prepared) -> set[str]:
    return {interface for (interface, _vip), address in prepared.addresses.items() if address.frame}


def _close(sockets: dict[Any, Any], places: Iterable[Any]) -> None:
    for place in sockets.keys() & set(places):
        sockets.pop(place).close()
