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
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Callable, NamedTuple, Optional

from ..config.model import Address, Route, Rule, VirtualAddress
from ..core.effects import (
    AddAddresses,
    AddRoutes,
    AddRules,
    AnnounceAddresses,
    Effect,
    Log,
    RecordTransition,
    RemoveAddresses,
    RemoveRoutes,
    RemoveRules,
    RunNotify,
    SendAdvert,
)
from ..core.events import AddressRefused
from ..core.holdings import placed, visible
from ..linux.link import Link
from ..linux.removal_watch import AddressKey, RemovalWatch, addresses, identity
from ..linux.rtnetlink import KernelSocket
from ..linux.vrrp_socket import Datagram, Outlet, datagram
from .messages import Prepared, PreparedAddresses, PreparedItem, ToWorker
from .sockets import Sockets


class Change(NamedTuple):
    """One way to change the kernel, and its answers that say "it is so already"."""

    adds: bool
    noun: str
    harmless: tuple[int, ...]

    def __str__(self) -> str:
        return f"{'add' if self.adds else 'remove'} {self.noun}"


_ADD_ADDRESS = Change(True, "", (0, errno.EEXIST))
_REMOVE_ADDRESS = Change(False, "", (0, errno.EADDRNOTAVAIL, errno.ENODEV))
_ADD_ROUTE = Change(True, "the route ", (0, errno.EEXIST))
_REMOVE_ROUTE = Change(False, "the route ", (0, errno.ESRCH, errno.ENODEV))
_ADD_RULE = Change(True, "the rule ", (0, errno.EEXIST))
_REMOVE_RULE = Change(False, "the rule ", (0, errno.ENOENT))

_LINK_IS_GONE = (errno.ENETDOWN, errno.ENETUNREACH, errno.ENODEV, errno.ENXIO)

# An instance sends few different adverts: its own priority, an adjusted one, zero.
_REMEMBERED_ADVERTS = 1024


class Interpreter:
    """Carries effects out in order, through ``sockets`` and netlink."""

    def __init__(self, tell: Callable[[ToWorker], None]) -> None:
        self._tell = tell
        self._addresses: PreparedAddresses = {}
        self._routes: Mapping[Route, PreparedItem] = {}
        self._rules: Mapping[Rule, PreparedItem] = {}
        self._netlink = KernelSocket()
        self._unanswered: list[tuple[Change, Sequence[tuple[Any, PreparedItem]], range]] = []
        self.removals = RemovalWatch(self._netlink.port)
        self._held: set[Any] = set()
        self._refused: list[AddressRefused] = []
        self._absent: set[Any] = set()  # of what is to be held: its interface is not there, or the kernel refused it
        self._former: dict[Any, Any] = {}  # what is held -> how the configuration had it that is on its way out
        self._datagrams: dict[int, tuple[SendAdvert, tuple[Datagram, ...]]] = {}
        self.sockets = Sockets(self._warn)
        self._carry_out: dict[type, Callable[[Any], object]] = {
            SendAdvert: self._send_advert,
            AddAddresses: self._add_addresses,
            RemoveAddresses: self._remove_addresses,
            AnnounceAddresses: self._announce_addresses,
            AddRoutes: lambda effect: self._change(_ADD_ROUTE, effect.routes, self._routes),
            RemoveRoutes: lambda effect: self._change(_REMOVE_ROUTE, effect.routes, self._routes),
            AddRules: lambda effect: self._change(_ADD_RULE, effect.rules, self._rules),
            RemoveRules: lambda effect: self._change(_REMOVE_RULE, effect.rules, self._rules),
            RunNotify: tell,
            RecordTransition: tell,
            Log: tell,
        }

    def carry_out(self, effects: Iterable[Effect]) -> Sequence[AddressRefused]:
        """Do all of it, in order; says which VIPs the kernel refused. KeyError: an effect that has no handler."""
        for effect in effects:
            self._carry_out[type(effect)](effect)
        self._read_answers()
        refused, self._refused = self._refused, []
        return refused

    def _read_answers(self) -> None:
        while self._unanswered:
            self._outcome(*self._unanswered.pop(0))

    # Preparation

    def prepare(self, prepared: Prepared) -> None:
        """Take in encoded messages, and open sockets.

        What only the configuration before needs stays until :meth:`retire`: its VIPs may have to be taken off, and its
        peers told.
        """
        self._former = self._renamed(prepared)
        self._addresses = {**self._addresses, **prepared.addresses}
        self._routes = {**self._routes, **prepared.routes}
        self._rules = {**self._rules, **prepared.rules}
        self.sockets.open(prepared)

    def retire(self, prepared: Prepared) -> None:
        """Let go of everything that ``prepared`` does not name."""
        self._addresses, self._routes, self._rules = prepared.addresses, prepared.routes, prepared.rules
        for new, former in self._former.items():
            for known in (self._held, self._absent):
                if former in known:
                    known.discard(former)
                    known.add(new)
        self._former = {}
        self.sockets.retire(prepared)

    def _renamed(self, prepared: Prepared) -> dict[Any, Any]:
        """What is held and stays in the kernel, as the new configuration has it: each with its former self."""
        kinds: tuple[Mapping[Any, PreparedItem], ...] = (prepared.addresses, prepared.routes, prepared.rules)
        unknown = [item for item in self._held if not any(item in kind for kind in kinds)]
        if not unknown:
            return {}
        known = {_visible(item): item for kind in kinds for item in kind}
        return {known[_visible(item)]: item for item in unknown if _visible(item) in known}

    def missing(
        self, links: Mapping[str, Link], among: Optional[Collection[AddressKey]] = None
    ) -> list[tuple[str, Address]]:
        """Addresses that are not where they were put; ``among`` those alone, where it is said."""
        held = {
            AddressKey(links[interface].index, vip.address): (interface, vip.address)
            for interface, vip in (item for item in self._held - self._absent if isinstance(item, tuple))
            if interface in links
        }
        doubtful = held.keys() if among is None else held.keys() & among
        return [held[key] for key in doubtful - addresses()] if doubtful else []

    def absent(self, interfaces: Collection[str]) -> list[tuple[str, Address]]:
        """Addresses that were to be on these, and could not."""
        if not self._absent:
            return []
        items = [item for item in self._absent if isinstance(item, tuple)]
        return [(interface, vip.address) for interface, vip in items if interface in interfaces]

    def put_routes_back(self) -> None:
        """Those that are held, and rules: where they still are, the kernel says so.

        An interface that goes down takes its IPv4 routes with it, and the kernel tells nobody.
        """
        self._change(_ADD_ROUTE, [item for item in self._held if item in self._routes], self._routes)
        self._change(_ADD_RULE, [item for item in self._held if item in self._rules], self._rules)

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
        self._change_addresses(_ADD_ADDRESS, effect.interface, effect.addresses)

    def _remove_addresses(self, effect: RemoveAddresses) -> None:
        self._change_addresses(_REMOVE_ADDRESS, effect.interface, effect.addresses)

    def _change_addresses(self, change: Change, interface: str, addresses: tuple[VirtualAddress, ...]) -> None:
        keys = [(vip.dev or interface, vip) for vip in addresses]
        for (_interface, vip), item in self._change(change, keys, self._addresses):
            if not change.adds and vip.address.version == 6:
                self.removals.expect(identity(item.delete))

    def _change(self, change: Change, items: Sequence[Any], prepared: Mapping[Any, PreparedItem]) -> list[Any]:
        """One batch for all; what stands on an interface that is not there is told, not sent. Returns what went."""
        present = [(item, prepared[item]) for item in items if item in prepared]
        sent = self._netlink.send([one.add if change.adds else one.delete for _item, one in present])
        (self._held.update if change.adds else self._held.difference_update)(items)
        if self._absent:
            self._absent.difference_update(items)
        if self._former:
            self._held.difference_update([self._former[item] for item in items if item in self._former])
        if change.adds and len(present) < len(items):
            self._are_absent(change, [item for item in items if item not in prepared])
        if not present:
            return []
        if change.adds:
            self._unanswered.append((change, present, sent))  # announcing what was added comes before reading answers
            return []
        return self._outcome(change, present, sent)

    def _outcome(self, change: Change, present: Sequence[tuple[Any, PreparedItem]], sent: range) -> list[Any]:
        answers = self._netlink.answers(sent)
        for (item, _one), answer in zip(present, answers):
            if answer not in change.harmless:
                self._warn(f"cannot {change}{_shown(item)}: {os.strerror(answer)}")
                if change is _ADD_ADDRESS:
                    self._is_refused(item, answer)
        return [pair for pair, answer in zip(present, answers) if answer == 0]

    def _are_absent(self, change: Change, items: Sequence[Any]) -> None:
        self._absent.update(items)
        for item in items:
            self._warn(f"cannot {change}{_shown(item)}: its interface does not exist")

    def _is_refused(self, item: tuple[str, VirtualAddress], answer: int) -> None:
        self._absent.add(item)
        if answer not in _LINK_IS_GONE:  # of that the link's own news tell
            interface, vip = item
            self._refused.append(AddressRefused(interface, vip.address, os.strerror(answer)))

    def _announce_addresses(self, effect: AnnounceAddresses) -> None:
        """In turns, so that the last address's first frame does not wait for the first one's last.

        An interface that takes no frame, as one that is down, is left out; the others have theirs all the same.
        """
        if any(vip.address.version == 6 for vip in effect.addresses):
            self._read_answers()  # where IPv6 is off the kernel refuses it, and nobody may be told of it
        frames = []
        for vip in effect.addresses:
            interface = vip.dev or effect.interface
            if self._absent and (interface, vip) in self._absent:
                continue
            address, sock = self._addresses.get((interface, vip)), self.sockets.frames(interface)
            if address is not None and address.frame and sock is not None:
                frames.append((interface, sock, address.frame))
        failed: set[str] = set()
        for _turn in range(effect.repeat):
            for interface, sock, frame in frames:
                if interface in failed:
                    continue
                try:
                    sock.send(frame)
                except OSError as error:
                    failed.add(interface)
                    self._warn(f"cannot announce on {interface}: {error.strerror}")

    def _warn(self, text: str) -> None:
        self._tell(Log("warning", text))


def _visible(item: Any) -> Any:
    return placed(*item) if isinstance(item, tuple) else visible(item)


def _shown(item: Any) -> str:
    """An address with its interface; a route or a rule."""
    return f"{item[1]} on {item[0]}" if isinstance(item, tuple) else str(item)
