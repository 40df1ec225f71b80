# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VRRP process's sockets: which there are, and which one something leaves by.

A configuration and the links that exist say which are wanted (``Prepared``); opening never fails the process: what
cannot be opened is told, is ``missing``, and is tried again when the interface changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Callable, Optional, Union

from ..linux.frame_socket import FrameSocket
from ..linux.link import Link
from ..linux.vrrp_socket import VrrpSocket, vrrp_socket
from ..linux.vrrp_tap import VrrpTap
from .messages import Listener, Prepared

Place = tuple[str, int]  # interface ("" for any), family
Receiver = Union[VrrpSocket, VrrpTap]


class Sockets:
    """``receivers`` are for the loop to read, each with its instances' word for the interface."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._links: dict[str, Link] = {}
        self._listeners: dict[Place, Listener] = {}
        self._vrrp: dict[Place, VrrpSocket] = {}
        self._taps: dict[Place, VrrpTap] = {}
        self._frames: dict[str, FrameSocket] = {}

    @property
    def receivers(self) -> dict[Receiver, str]:
        receivers: dict[Receiver, str] = {}
        for place, listener in self._listeners.items():
            receiver = self._taps.get(place) if listener.is_tap else self._vrrp.get(place)
            if receiver is not None:
                receivers[receiver] = listener.interface
        return receivers

    @property
    def missing(self) -> frozenset[Place]:
        """What is wanted and could not be opened."""
        return frozenset(
            place
            for place, listener in self._listeners.items()
            if place not in self._vrrp or (listener.is_tap and place not in self._taps)
        )

    def sender(self, interface: str, family: int) -> Optional[VrrpSocket]:
        """By which an advert leaves; None when the interface is not there."""
        return self._vrrp.get((interface, family))

    def frames(self, interface: str) -> Optional[FrameSocket]:
        return self._frames.get(interface)

    def open(self, prepared: Prepared) -> None:
        """Open what is missing. An interface that was made anew (another index) gets new sockets: old ones are deaf."""
        self._close(self._outdated(prepared))
        self._links.update(prepared.links)
        self._listeners.update(prepared.listeners)
        for place, listener in prepared.listeners.items():
            self._listen(place, listener)
        for interface in sorted(_announcing(prepared) - self._frames.keys()):
            with self._told(interface):
                self._frames[interface] = FrameSocket(interface)

    def _outdated(self, prepared: Prepared) -> set[Place]:
        renewed = {
            name
            for name, link in self._links.items()
            if name in prepared.links and prepared.links[name].index != link.index
        }
        for interface in self._frames.keys() & renewed:
            self._frames.pop(interface).close()
        return {
            place
            for place, before in self._listeners.items()
            if place[0] in renewed or prepared.listeners.get(place, before).groups != before.groups
        }

    def retire(self, prepared: Prepared) -> None:
        """Close what ``prepared`` does not name."""
        self._close(self._listeners.keys() - prepared.listeners.keys())
        self._links = dict(prepared.links)
        self._listeners = dict(prepared.listeners)
        for interface in self._frames.keys() - _announcing(prepared):
            self._frames.pop(interface).close()

    def _close(self, places: Iterable[Place]) -> None:
        for place in places:
            for sockets in (self._vrrp, self._taps):
                if place in sockets:
                    sockets.pop(place).close()

    def _listen(self, place: Place, listener: Listener) -> None:
        interface, family = place
        with self._told(interface):
            if place not in self._vrrp:
                self._vrrp[place] = vrrp_socket(family, interface, () if listener.is_tap else listener.groups)
            if listener.is_tap and place not in self._taps:
                self._taps[place] = VrrpTap(interface, family, listener.groups)
            (self._taps if listener.is_tap else self._vrrp)[place].listen_for(listener.vrids)

    @contextmanager
    def _told(self, interface: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._warn(f"cannot open a socket on {interface or 'any interface'}: {error.strerror}")


def _announcing(prepared: Prepared) -> set[str]:
    return {interface for (interface, _vip), address in prepared.addresses.items() if address.frame}
