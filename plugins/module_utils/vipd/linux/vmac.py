# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMAC interfaces: a macvlan for each virtual router that has a MAC of its own. For the worker process.

A master's VIPs are on it, so neighbours keep one MAC whoever is master (RFC 9568 section 7.3). Its kernel settings,
and those of the interface below, see to it that the VIP is answered for by the virtual MAC alone. The worker
removes it at the end, and ``runtime/release.py`` after a crash.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Callable, Optional

from . import netlink, sysctl
from .link import Link
from .rtnetlink import KernelSocket
from .sysctl import Setting

_BODY = struct.Struct("=BxHiII")  # family, type, index, flags, which of the flags are meant
_U32 = struct.Struct("=I")

# Numbers of <linux/rtnetlink.h>, <linux/if_link.h>
_NEW_LINK, _DELETE_LINK = 16, 17
_MAC, _NAME, _BASE, _ABOUT = 1, 3, 5, 18
_ABOUT_KIND, _ABOUT_DATA = 1, 2
_MACVLAN_MODE, _PRIVATE = 1, 1
_UP = 1

KIND = "macvlan"

# Of a VMAC interface with IPv4, and of the interface below it.
_ON_IT = {"accept_local": "1", "arp_ignore": "1", "arp_filter": "0", "promote_secondaries": "1"}
_BELOW = {"arp_ignore": "1", "arp_filter": "1", "arp_announce": "2"}

_NO_ADDRESS_GENERATION = "1"  # the same MAC on two nodes would give both the same link-local address


@dataclass(frozen=True)
class Vmac:
    """``name`` is to be an interface on ``base``; ``ipv4`` and ``ipv6`` say which families its VIPs have."""

    name: str
    base: str
    mac: bytes
    ipv4: bool
    ipv6: bool

    def fits(self, link: Link, base: Link) -> bool:
        """Whether an interface that is there already is this one: a crash leaves it behind."""
        return (link.kind, link.mac, link.base) == (KIND, self.mac, base.index)


class VmacInterfaces:
    """Those that this process made, or found and uses."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._ours: dict[str, Link] = {}

    @property
    def delete(self) -> bytes:
        """The messages that delete all of them."""
        return b"".join(_encode_delete(link.index) for link in self._ours.values())

    def is_taken(self, vmac: Vmac, links: Mapping[str, Link]) -> bool:
        """Whether an interface of that name is there that is neither ours nor fits."""
        link, base = links.get(vmac.name), links.get(vmac.base)
        return link is not None and vmac.name not in self._ours and (base is None or not vmac.fits(link, base))

    def ensure(self, wanted: Iterable[Vmac], links: Mapping[str, Link]) -> dict[str, Link]:
        """Make what is missing; the links of those whose base is there, and up as far as that is."""
        present = {}
        for vmac in wanted:
            base = links.get(vmac.base)
            if base is None:
                continue
            if self.is_taken(vmac, links):
                self._warn(f"{vmac.name} is there and is no VMAC interface of ours: left alone")
                continue
            try:
                self._ours[vmac.name] = self._adopt(vmac, base, links.get(vmac.name))
                _set(vmac)
                _apply(_encode_up(self._ours[vmac.name].index))
            except OSError as error:
                self._warn(f"cannot set up the VMAC interface {vmac.name} on {vmac.base}: {error.strerror}")
                continue
            present[vmac.name] = replace(self._ours[vmac.name], up=base.up)
        return present

    def retire(self, wanted: Iterable[Vmac]) -> None:
        """Delete those that are not wanted any more."""
        names = {vmac.name for vmac in wanted}
        for name in sorted(self._ours.keys() - names):
            _apply(_encode_delete(self._ours.pop(name).index), errno.ENODEV)

    def remove(self) -> None:
        """Delete all of them."""
        self.retire(())

    def _adopt(self, vmac: Vmac, base: Link, link: Optional[Link]) -> Link:
        """The interface that is there, if it fits; the monitor may not have seen yet what we made a moment ago."""
        known = link or self._ours.get(vmac.name)
        if known is not None and vmac.fits(known, base) and _index(vmac.name) == known.index:
            return known
        if known is not None:
            _apply(_encode_delete(known.index), errno.ENODEV)
        _apply(_encode_create(vmac, base.index))
        index = socket.if_nametoindex(vmac.name)
        return Link(vmac.name, index, vmac.mac, up=base.up, address=None, kind=KIND, base=base.index)


def settings_below(vmac: Vmac) -> list[Setting]:
    """Those of the interface that it is on."""
    return [Setting(4, vmac.base, name, value) for name, value in _BELOW.items()] if vmac.ipv4 else []


def ipv6_settings(vmac: Vmac) -> list[Setting]:
    """Those of the interface itself, in this order: IPv6 comes last, when no address can come of the MAC any more."""
    ipv6 = {"disable_ipv6": "1"}
    if vmac.ipv6:
        ipv6 = {"accept_ra": "0", "router_solicitations": "0", "disable_ipv6": "0"}
    return [Setting(6, vmac.name, *item) for item in {"addr_gen_mode": _NO_ADDRESS_GENERATION, **ipv6}.items()]


def _set(vmac: Vmac) -> None:
    """keepalived's settings, and one more below: the host asks in its own address's name there, never in a VIP's."""
    if vmac.ipv4:
        for name, value in {**_ON_IT, "rp_filter": _reverse_path_filter()}.items():
            sysctl.write(Setting(4, vmac.name, name, value))
    for setting in ipv6_settings(vmac):
        _write_ipv6(setting, needed=vmac.ipv6)


def _apply(message: bytes, *harmless: int) -> None:
    with closing(KernelSocket()) as kernel:
        (answer,) = kernel.apply(message)
    if answer not in (0, *harmless):
        raise OSError(answer, os.strerror(answer))


def _index(name: str) -> Optional[int]:
    try:
        return socket.if_nametoindex(name)
    except OSError:
        return None


def _reverse_path_filter() -> str:
    """Off, or loose where the host insists on a filter: replies to the VIP's clients leave by the base interface."""
    return "0" if sysctl.read(Setting(4, "all", "rp_filter", "")) == "0" else "2"


def _write_ipv6(setting: Setting, needed: bool) -> None:
    try:
        sysctl.write(setting)
    except FileNotFoundError:  # a kernel without IPv6
        if needed:
            raise


def _encode_create(vmac: Vmac, base_index: int) -> bytes:
    data = netlink.nested(_ABOUT_DATA, [(_MACVLAN_MODE, _U32.pack(_PRIVATE))])
    attributes = [
        (_NAME, vmac.name.encode() + b"\0"),
        (_BASE, _U32.pack(base_index)),
        (_MAC, vmac.mac),
        netlink.nested(_ABOUT, [(_ABOUT_KIND, KIND.encode()), data]),
    ]
    return netlink.encode(_NEW_LINK, netlink.CREATE | netlink.EXCL, _BODY.pack(0, 0, 0, 0, 0), attributes)


def _encode_up(index: int) -> bytes:
    return netlink.encode(_NEW_LINK, 0, _BODY.pack(0, 0, index, _UP, _UP), [])


def _encode_delete(index: int) -> bytes:
    return netlink.encode(_DELETE_LINK, 0, _BODY.pack(0, 0, index, 0, 0), [])
