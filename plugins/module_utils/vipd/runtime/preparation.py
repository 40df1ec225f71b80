# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that a takeover or a release needs, encoded while there is time: the worker's half of the failover path.

Watches the links that the configuration names, and hands the VRRP process ready bytes whenever they or the
configuration change. It decides nothing, and puts nothing on an interface itself except in :meth:`release`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Callable

from ..config import model
from ..config.diagnostics import Diagnostic, Severity
from ..config.model import Address, Config, VirtualAddress, VrrpInstance
from ..core.advert import RELEASE, message
from ..core.settings import Settings, resolve
from ..linux.addresses import encode_add, encode_delete
from ..linux.link import Link
from ..linux.links import LinkMonitor
from ..linux.sysctl import forwards_ipv6
from ..linux.vmac import Vmac, VmacInterfaces
from ..linux.vrrp_socket import Datagram, Outlet, datagram
from ..wire.arp import encode_gratuitous
from ..wire.ndp import encode_unsolicited
from .messages import Listener, Listeners, Prepared, PreparedAddress, PreparedAddresses
from .release import Footprint, ReleaseRecord, load, release, save

ETHERNET_ADDRESS_LENGTH = 6


class Preparation:
    """What is prepared for one configuration. ``hand_over`` takes it to the VRRP process."""

    def __init__(
        self,
        config: Config,
        release_path: str,
        hand_over: Callable[[Prepared], None],
        warn: Callable[[str], None],
    ) -> None:
        self._config = config
        self._settings: list[Settings] = []
        self._release_path = release_path
        self._hand_over = hand_over
        self._links = LinkMonitor(exclude=_vips(config))
        self._vmacs = VmacInterfaces(warn, load(release_path).settings)
        self._footprint = Footprint()

    async def start(self) -> None:
        """Look at the links; ``adopt`` comes next."""
        await self._links.start()

    def links(self) -> dict[str, Link]:
        """All links of this host, by name."""
        return self._links.links()

    def refusals(self, config: Config) -> list[Diagnostic]:
        """Why this host cannot do what ``config`` asks for."""
        return [
            Diagnostic(Severity.ERROR, instance.place, f"vrrp_instance {instance.name}: {reason}", remedy)
            for instance, vmac in _vmacs(config)
            for reason, remedy in self._vmac_refusals(vmac)
        ]

    def _vmac_refusals(self, vmac: Vmac) -> Iterator[tuple[str, str]]:
        if self._vmacs.is_taken(vmac, self._links.links()):
            found = f"there is an interface {vmac.name} that is no macvlan on {vmac.base} with MAC {vmac.mac.hex(':')}"
            yield found, "remove it, or give use_vmac another name"

    def adopt(self, config: Config) -> None:
        """Prepare for the first configuration, or for a new one."""
        self._config = config
        self._settings = _resolved(config)
        self._links.exclude(_vips(config))
        self._prepare()

    async def watch(self) -> None:
        """Prepare again whenever a named link changes; never returns."""
        known = self._named_links()
        async for _change in self._links.changes():
            links = self._named_links()
            if links != known:
                known = links
                self._prepare()

    def release(self) -> list[str]:
        """The VRRP process died: take its VIPs off; returns what was done, in sentences."""
        return release(self._footprint)

    def retired(self) -> None:
        """The VRRP process has taken in what was handed over last: what that left out may go."""
        self._vmacs.retire(vmac for _instance, vmac in _vmacs(self._config))

    def close(self) -> None:
        self._links.close()

    def forget(self) -> None:
        """Stopped in order: nothing is left to release but what we made for it."""
        self._vmacs.remove()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._release_path)

    def _prepare(self) -> None:
        links = self._named_links()
        wanted = [vmac for _instance, vmac in _vmacs(self._config)]
        links.update(self._vmacs.ensure(wanted, self._links.links()))
        addresses = _encode_addresses(self._settings, links)
        records = tuple(_release_record(one, links, addresses) for one in self._settings)
        self._footprint = Footprint(records, self._vmacs.delete, self._vmacs.settings_before)
        save(self._release_path, self._footprint)
        self._hand_over(Prepared(self._config, links, _listeners(self._settings, links), addresses))

    def _named_links(self) -> dict[str, Link]:
        """Only the links that the configuration names; the others are none of our business."""
        named = _interfaces(self._config, self._settings)
        return {name: link for name, link in self._links.links().items() if name in named}


def _vips(config: Config) -> set[Address]:
    return {
        vip.address for one in config.instances for vip in (*one.virtual_ipaddress, *one.virtual_ipaddress_excluded)
    }


def _interfaces(config: Config, settings: list[Settings]) -> set[str]:
    named = {interface for one in settings for interface in (one.interface, one.transmit_interface)}
    named |= {vip.dev or one.address_interface for one in settings for vip in one.vips}
    named |= {track.name for instance in config.instances for track in instance.tracks.interfaces}
    return named


def _resolved(config: Config) -> list[Settings]:
    return [resolve(instance, config.global_defs) for instance in config.instances]


def _vmacs(config: Config) -> list[tuple[VrrpInstance, Vmac]]:
    """The VMAC interfaces that the configuration wants, and for whom."""
    wanted = []
    for instance, settings in zip(config.instances, _resolved(config)):
        if instance.use_vmac:
            families = {settings.family, *(vip.address.version for vip in settings.vips if vip.dev is None)}
            mac = _virtual_mac(settings, instance.use_vmac)
            name, base = settings.address_interface, settings.interface
            wanted.append((instance, Vmac(name, base, mac, ipv4=4 in families, ipv6=6 in families)))
    return wanted


def _virtual_mac(settings: Settings, wanted: model.Vmac) -> bytes:
    """RFC 9568 section 7.3, unless the configuration has another."""
    if wanted.mac:
        return bytes.fromhex(wanted.mac.replace(":", ""))
    return bytes([0x00, 0x00, 0x5E, 0x00, 0x02 if settings.family == 6 else 0x01, settings.vrid])


def _listeners(settings: list[Settings], links: Mapping[str, Link]) -> Listeners:
    """One socket for each interface and family: where adverts come in, and where they leave."""
    listeners: dict[tuple[str, int], Listener] = {}
    for one in settings:
        here = (one.interface, one.family)
        before = listeners.get(here, Listener())
        groups = before.groups if one.unicast else before.groups.union(one.destinations)
        listeners[here] = Listener(groups, before.vrids | {one.vrid})
        listeners.setdefault((one.transmit_interface, one.family), Listener())
    return {place: listener for place, listener in listeners.items() if not place[0] or place[0] in links}


def _encode_addresses(settings: list[Settings], links: Mapping[str, Link]) -> PreparedAddresses:
    prepared = {}
    routers = {name: forwards_ipv6(name) for name in links}
    for one in settings:
        for vip in one.vips:
            link = links.get(vip.dev or one.address_interface)
            if link is not None:
                prepared[link.name, vip] = PreparedAddress(
                    add=encode_add(link.index, vip),
                    delete=encode_delete(link.index, vip),
                    frame=_announcement(link, vip, routers[link.name]),
                )
    return prepared


def _announcement(link: Link, vip: VirtualAddress, router: bool) -> bytes:
    if len(link.mac) != ETHERNET_ADDRESS_LENGTH:
        return b""
    if isinstance(vip.address, IPv4Address):
        return encode_gratuitous(link.mac, vip.address)
    return encode_unsolicited(link.mac, vip.address, router)


def _release_record(settings: Settings, links: Mapping[str, Link], addresses: PreparedAddresses) -> ReleaseRecord:
    keys = [(vip.dev or settings.address_interface, vip) for vip in settings.vips]
    return ReleaseRecord(
        instance=settings.name,
        interface=settings.transmit_interface,
        family=settings.family,
        delete=b"".join(addresses[key].delete for key in keys if key in addresses),
        goodbyes=_goodbyes(settings, links),
    )


def _goodbyes(settings: Settings, links: Mapping[str, Link]) -> tuple[Datagram, ...]:
    """Priority 0 to all whom the instance tells; none while there is no address to say it from."""
    source = settings.source
    if source is None and settings.interface in links:
        link = links[settings.interface]
        source = link.link_local if settings.family == 6 else link.address
    if source is None:
        return ()
    said = message(settings, source, RELEASE)
    return tuple(datagram(said.advert, Outlet(source, to, said.ttl, said.checksum)) for to in said.destinations)
