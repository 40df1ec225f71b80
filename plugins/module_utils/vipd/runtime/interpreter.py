# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Effects to system calls: the one place that carries out what the core asks for.

Decides nothing, waits for nothing, refuses an effect it does not know. Everything it sends is
encoded when the configuration arrives, so that a takeover is a handful of system calls.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from typing import Any, Callable

from ..config.model import VirtualAddress
from ..core.effects import (
    AddAddresses,
    AnnounceAddresses,
    Effect,
    Log,
    RecordTransition,
    RemoveAddresses,
    RunNotify,
    SendAdvert,
)
from ..linux.rtnetlink import AddressSocket
from ..linux.vrrp_socket import Datagram, Outlet, datagram
from .messages import Prepared, PreparedAddresses, ToWorker
from .sockets import Sockets

# The kernel's answers that say "it is so already".
_ALREADY_THERE = (0, errno.EEXIST)
_ALREADY_GONE = (0, errno.EADDRNOTAVAIL, errno.ENODEV)
_LINK_IS_GONE = (errno.ENETDOWN, errno.ENETUNREACH, errno.ENODEV, errno.ENXIO)

# An instance sends few different adverts: its own priority, an adjusted one, zero.
_REMEMBERED_ADVERTS = 1024


class Interpreter:
    """Carries effects out in order, through ``sockets`` and netlink."""

    def __init__(self, tell: Callable[[ToWorker], None]) -> None:
        self._tell = tell
        self._addresses: PreparedAddresses = {}
        self._netlink = AddressSocket()
        self._datagrams: dict[int, tuple[SendAdvert, tuple[Datagram, ...]]] = {}
        self.sockets = Sockets(self._warn)
        self._carry_out: dict[type, Callable[[Any], None]] = {
            SendAdvert: self._send_advert,
            AddAddresses: self._add_addresses,
            RemoveAddresses: self._remove_addresses,
            AnnounceAddresses: self._announce_addresses,
            RunNotify: tell,
            RecordTransition: tell,
            Log: tell,
        }

    def carry_out(self, effects: Iterable[Effect]) -> None:
        """Do all of it, in order; raises KeyError on an effect that has no handler."""
        for effect in effects:
            self._carry_out[type(effect)](effect)

    @property
    def netlink_port(self) -> int:
        """Whose removals of addresses are ours."""
        return self._netlink.port

    # Preparation

    def prepare(self, prepared: Prepared) -> None:
        """Take in encoded messages, and open sockets.

        What only the configuration before needs stays until :meth:`retire`: its VIPs may have to be taken off, and its
        peers told.
        """
        self._addresses = {**self._addresses, **prepared.addresses}
        self.sockets.open(prepared)

    def retire(self, prepared: Prepared) -> None:
        """Let go of everything that ``prepared`` does not name."""
        self._addresses = prepared.addresses
        self.sockets.retire(prepared)

    # Adverts

    def _send_advert(self, effect: SendAdvert) -> None:
        vrrp = self.sockets.sender(effect.interface, effect.source.version)
        if vrrp is None:
            return
        _effect, datagrams = self._datagrams.get(id(effect)) or self._encode(effect)
        for packet in datagrams:
            try:
                vrrp.send(packet)
            except OSError as error:
                # the link is down: a master that goes to FAULT for that cannot say goodbye
                if error.errno not in _LINK_IS_GONE:
                    self._warn(f"cannot send an advert on {effect.interface} to {packet[2]}: {error.strerror}")

    def _encode(self, effect: SendAdvert) -> tuple[SendAdvert, tuple[Datagram, ...]]:
        """Once: the core gives the same object again and again. It is kept, so that no other can have its identity."""
        if len(self._datagrams) >= _REMEMBERED_ADVERTS:
            self._datagrams.clear()
        outlets = [Outlet(effect.source, to, effect.ttl, effect.checksum) for to in effect.destinations]
        encoded = (effect, tuple(datagram(effect.advert, outlet) for outlet in outlets))
        self._datagrams[id(effect)] = encoded
        return encoded

    # Addresses

    def _add_addresses(self, effect: AddAddresses) -> None:
        self._apply(effect.interface, effect.addresses, adding=True)

    def _remove_addresses(self, effect: RemoveAddresses) -> None:
        self._apply(effect.interface, effect.addresses, adding=False)

    def _apply(self, interface: str, addresses: tuple[VirtualAddress, ...], adding: bool) -> None:
        """One batch for all; an address on an interface that is not there is told, not sent."""
        known = [(vip, self._addresses.get((vip.dev or interface, vip))) for vip in addresses]
        batch = [(vip, message) for vip, message in known if message]
        if adding:
            for vip, message in known:
                if message is None:
                    self._warn(f"cannot add {vip}: interface {vip.dev or interface} does not exist")
        if not batch:
            return
        answers = self._netlink.apply(b"".join(one.add if adding else one.delete for _vip, one in batch))
        expected = _ALREADY_THERE if adding else _ALREADY_GONE
        for (vip, _message), answer in zip(batch, answers):
            if answer not in expected:
                verb = "add" if adding else "remove"
                self._warn(f"cannot {verb} {vip} on {vip.dev or interface}: {os.strerror(answer)}")

    def _announce_addresses(self, effect: AnnounceAddresses) -> None:
        """In turns, so that the last address's first frame does not wait for the first one's last."""
        frames = []
        for vip in effect.addresses:
            interface = vip.dev or effect.interface
            address, sock = self._addresses.get((interface, vip)), self.sockets.frames(interface)
            if address is not None and address.frame and sock is not None:
                frames.append((sock, address.frame))
        for _turn in range(effect.repeat):
            for sock, frame in frames:
                try:
                    sock.send(frame)
                except OSError as error:
                    self._warn(f"cannot announce on {effect.interface}: {error.strerror}")
                    return

    def _warn(self, text: str) -> None:
        self._tell(Log("warning", text))
