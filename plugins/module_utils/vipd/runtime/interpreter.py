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
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import Any, Callable, Optional

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
from ..linux.arp_socket import ArpSocket
from ..linux.link import Link
from ..linux.rtnetlink import AddressSocket
from ..linux.vrrp_socket import VrrpSocket
from ..wire.arp import encode_gratuitous
from ..wire.vrrp import Advert, encode_packet
from .messages import Prepared, PreparedAddresses, ToWorker

# The kernel's answers that say "it is so already".
_ALREADY_THERE = (0, errno.EEXIST)
_ALREADY_GONE = (0, errno.EADDRNOTAVAIL, errno.ENODEV)
_LINK_IS_GONE = (errno.ENETDOWN, errno.ENETUNREACH, errno.ENODEV, errno.ENXIO)

_ETHERNET_ADDRESS_LENGTH = 6

# An instance sends few different adverts: its own priority, an adjusted one, zero.
_REMEMBERED_PACKETS = 1024


class Interpreter:
    """Holds the sockets of the VRRP process and carries effects out in order."""

    def __init__(self, tell: Callable[[ToWorker], None]) -> None:
        self._tell = tell
        self._addresses: PreparedAddresses = {}
        self._links: Mapping[str, Link] = {}
        self._netlink = AddressSocket()
        self._arp: dict[str, ArpSocket] = {}
        self._packets: dict[tuple[Any, Advert], bytes] = {}
        self.vrrp: dict[str, VrrpSocket] = {}
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
        """Take in links and encoded addresses, and open sockets.

        What only the configuration before needs stays until :meth:`retire`: its VIPs may have to be taken off, and its
        peers told. An interface that was made anew (another index) gets new sockets: the old ones are deaf.
        """
        renewed = {
            name
            for name, link in self._links.items()
            if name in prepared.links and prepared.links[name].index != link.index
        }
        self._links = {**self._links, **prepared.links}
        self._addresses = {**self._addresses, **prepared.addresses}
        self._close(self.vrrp, renewed)
        self._close(self._arp, renewed)
        self._open(self.vrrp, _listening(prepared), VrrpSocket)
        self._open(self._arp, _announcing(prepared), ArpSocket)

    def retire(self, prepared: Prepared) -> None:
        """Let go of everything that ``prepared`` does not name."""
        self._links, self._addresses = prepared.links, prepared.addresses
        self._close(self.vrrp, self.vrrp.keys() - _listening(prepared))
        self._close(self._arp, self._arp.keys() - _announcing(prepared))

    def _close(self, sockets: dict[str, Any], interfaces: Iterable[str]) -> None:
        for interface in sockets.keys() & set(interfaces):
            sockets.pop(interface).close()

    def _open(self, sockets: dict[str, Any], interfaces: set[str], make: Callable[[str], Any]) -> None:
        for interface in sorted(interfaces - sockets.keys()):
            try:
                sockets[interface] = make(interface)
            except OSError as error:
                self._warn(f"cannot open a socket on {interface}: {error.strerror}")

    # Effects

    def _send_advert(self, effect: SendAdvert) -> None:
        vrrp = self.vrrp.get(effect.interface)
        if vrrp is None:
            return
        try:
            vrrp.send(self._packet(effect))
        except OSError as error:
            # the link is down: a master that goes to FAULT for that cannot say goodbye
            if error.errno not in _LINK_IS_GONE:
                self._warn(f"cannot send an advert on {effect.interface}: {error.strerror}")

    def _packet(self, effect: SendAdvert) -> bytes:
        source, destination = effect.source, effect.destinations[0]
        if not isinstance(source, IPv4Address) or not isinstance(destination, IPv4Address):
            raise NotImplementedError("only IPv4 adverts are sent")
        key = (source, effect.advert)
        if key not in self._packets:
            if len(self._packets) >= _REMEMBERED_PACKETS:
                self._packets.clear()
            self._packets[key] = encode_packet(source, effect.advert, destination, effect.ttl, effect.checksum)
        return self._packets[key]

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
        frames = [self._announcement(vip.dev or effect.interface, vip) for vip in effect.addresses]
        for _turn in range(effect.repeat):
            for arp, frame in filter(None, frames):
                try:
                    arp.send(frame)
                except OSError as error:
                    self._warn(f"cannot announce on {effect.interface}: {error.strerror}")
                    return

    def _announcement(self, interface: str, vip: VirtualAddress) -> Optional[tuple[ArpSocket, bytes]]:
        arp, link = self._arp.get(interface), self._links.get(interface)
        if arp is None or link is None or len(link.mac) != _ETHERNET_ADDRESS_LENGTH or vip.address.version != 4:
            return None  # no Ethernet, no ARP: loopback and tunnels
        return arp, encode_gratuitous(link.mac, vip.address)

    def _warn(self, text: str) -> None:
        self._tell(Log("warning", text))


def _listening(prepared: Prepared) -> set[str]:
    return {instance.interface for instance in prepared.config.instances} & prepared.links.keys()


def _announcing(prepared: Prepared) -> set[str]:
    return {interface for interface, _vip in prepared.addresses}
