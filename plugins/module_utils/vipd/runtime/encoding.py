# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a configuration and the links that there are to ready bytes: what ``Prepared`` and a release consist of.

Pure but for the kernel's names and its forwarding flag. What stands on an interface that is not there is left out; it
is encoded when the interface comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

from ..config import model
from ..config.model import Address, Config, Route, Rule, VirtualAddress, VrrpInstance
from ..core.advert import RELEASE, message
from ..core.settings import Settings, resolve
from ..linux import addresses, routes, rules
from ..linux.link import Link
from ..linux.nftables import Table
from ..linux.sysctl import Setting, forwards_ipv6
from ..linux.vmac import Vmac, settings_below
from ..linux.vrrp_socket import Datagram, Outlet, datagram
from ..wire.arp import encode_gratuitous
from ..wire.ndp import encode_unsolicited
from .messages import Listener, Listeners, Prepared, PreparedAddress, PreparedAddresses, PreparedItem
from .release import ReleaseRecord
from .route_words import devices, routes_of, rules_of

ETHERNET_ADDRESS_LENGTH = 6

# Where static addresses without a dev go, and what rules without a preference get, from here downwards: keepalived's.
DEFAULT_INTERFACE = "eth0"
FIRST_PREFERENCE = 16384

# Of the nftables table; the priority is keepalived's: just before a host's own filter.
TABLE_NAME = "vipd"
TABLE_PRIORITY = -1

Links = Mapping[str, Link]


def settings_of(config: Config) -> list[Settings]:
    return [resolve(instance, config.global_defs) for instance in config.instances]


# Names


def vips(config: Config) -> set[Address]:
    """Addresses that are no interface's own."""
    held = {
        vip.address for one in config.instances for vip in (*one.virtual_ipaddress, *one.virtual_ipaddress_excluded)
    }
    return held | {vip.address for vip in config.static_ipaddress}


def interfaces(config: Config) -> set[str]:
    """All that the configuration names, or implies."""
    settings = settings_of(config)
    named = {interface for one in settings for interface in (one.interface, one.transmit_interface)}
    named |= {interface for interface, _vip in _placed(config, settings)}
    tracks = [*(one.tracks for one in config.instances), *(group.tracks for group in config.sync_groups)]
    named |= {track.name for one in tracks for track in one.interfaces}
    return named | {dev for route in routes_of(config) for dev in devices(route)}


def _placed(config: Config, settings: list[Settings]) -> Iterator[tuple[str, VirtualAddress]]:
    """Every address with its interface."""
    for one in settings:
        yield from _places(one)
    for vip in config.static_ipaddress:
        yield vip.dev or config.global_defs.default_interface or DEFAULT_INTERFACE, vip


def _places(settings: Settings) -> list[tuple[str, VirtualAddress]]:
    return [(vip.dev or settings.address_interface, vip) for vip in settings.vips]


# VMAC interfaces and kernel settings


def vmacs(config: Config) -> list[tuple[VrrpInstance, Vmac]]:
    """The VMAC interfaces that the configuration wants, and for whom."""
    wanted = []
    for instance, settings in zip(config.instances, settings_of(config)):
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


def kernel_settings(config: Config, links: Links) -> list[Setting]:
    """Of interfaces that are not ours, as the configuration needs them."""
    wanted = [setting for _instance, vmac in vmacs(config) for setting in settings_below(vmac)]
    for instance, settings in zip(config.instances, settings_of(config)):
        if instance.promote_secondaries:
            wanted.append(Setting(4, settings.address_interface, "promote_secondaries", "1"))
    return [setting for setting in wanted if setting.interface in links]


def refused_traffic(config: Config) -> Table:
    """From and to the VIPs of instances that do not accept any."""
    node = config.global_defs
    priority = node.nftables_priority if node.nftables_priority is not None else TABLE_PRIORITY
    addresses: set[Address] = set()
    link_local: set[tuple[Address, str]] = set()
    for one in settings_of(config):
        for interface, vip in _places(one) if not one.accept else ():
            if vip.address.is_link_local and vip.address.version == 6:
                link_local.add((vip.address, interface))
            else:
                addresses.add(vip.address)
    return Table(node.nftables or TABLE_NAME, priority, frozenset(addresses), frozenset(link_local))


# Sockets


def listeners(config: Config, links: Links) -> Listeners:
    """Where adverts come in and where they leave, by interface and family.

    With a VMAC they come in at its interface, and the one below joins the group.
    """
    found: dict[tuple[str, int], Listener] = {}
    for one in settings_of(config):
        has_tap = one.address_interface != one.interface and not one.unicast
        groups = frozenset() if one.unicast else frozenset(one.destinations)
        vrids = frozenset({one.vrid})
        below = Listener(one.interface, groups=groups, vrids=frozenset() if has_tap else vrids)
        _listen(found, (one.interface, one.family), below)
        if has_tap:
            _listen(found, (one.address_interface, one.family), Listener(one.interface, True, groups, vrids))
    return {place: listener for place, listener in found.items() if not place[0] or place[0] in links}


def _listen(found: dict[tuple[str, int], Listener], place: tuple[str, int], more: Listener) -> None:
    before = found.get(place, more)
    groups, vrids = before.groups | more.groups, before.vrids | more.vrids
    found[place] = replace(before, groups=groups, vrids=vrids)


# Messages


def encode_addresses(config: Config, links: Links) -> PreparedAddresses:
    prepared = {}
    routers = {name: forwards_ipv6(name) for name in links}
    for interface, vip in _placed(config, settings_of(config)):
        if interface in links:
            link = links[interface]
            prepared[interface, vip] = PreparedAddress(
                add=addresses.encode_add(link.index, vip),
                delete=addresses.encode_delete(link.index, vip),
                frame=_announcement(link, vip, routers[interface]),
            )
    return prepared


def _announcement(link: Link, vip: VirtualAddress, router: bool) -> bytes:
    if len(link.mac) != ETHERNET_ADDRESS_LENGTH:
        return b""
    if isinstance(vip.address, IPv4Address):
        return encode_gratuitous(link.mac, vip.address)
    return encode_unsolicited(link.mac, vip.address, router)


def encode_routes(config: Config, links: Links) -> dict[Route, PreparedItem]:
    """Raises ValueError for a word that means nothing here; ``route_words.py`` finds them all."""
    indexes = {name: link.index for name, link in links.items()}
    prepared = {}
    for route in routes_of(config):
        with suppress(routes.AbsentInterfaceError):
            prepared[route] = PreparedItem(routes.encode_add(route, indexes), routes.encode_delete(route, indexes))
    return prepared


def encode_rules(config: Config) -> dict[Rule, PreparedItem]:
    """Raises ValueError as :func:`encode_routes` does."""
    prepared: dict[Rule, PreparedItem] = {}
    preference = FIRST_PREFERENCE
    for rule in rules_of(config):
        if rule in prepared:
            continue
        given = rule.preference if rule.preference is not None else preference
        preference -= rule.preference is None
        prepared[rule] = PreparedItem(rules.encode_add(rule, given), rules.encode_delete(rule, given))
    return prepared


# Release


def release_records(prepared: Prepared) -> tuple[ReleaseRecord, ...]:
    return tuple(
        ReleaseRecord(
            instance=one.name,
            interface=one.transmit_interface,
            family=one.family,
            delete=_removals(prepared, one.rules, one.routes, _places(one)),
            goodbyes=_goodbyes(one, prepared.links),
        )
        for one in settings_of(prepared.config)
    )


def _removals(
    prepared: Prepared, rules: Iterable[Rule], routes: Iterable[Route], keys: Iterable[tuple[str, VirtualAddress]]
) -> bytes:
    """Off in the opposite order of how they come."""
    items: list[PreparedItem] = [prepared.rules[rule] for rule in rules if rule in prepared.rules]
    items += [prepared.routes[route] for route in routes if route in prepared.routes]
    items += [prepared.addresses[key] for key in keys if key in prepared.addresses]
    return b"".join(item.delete for item in items)


def _goodbyes(settings: Settings, links: Links) -> tuple[Datagram, ...]:
    """Priority 0 to all whom the instance tells; none while there is no address to say it from."""
    source = settings.source
    if source is None and settings.interface in links:
        link = links[settings.interface]
        source = link.link_local if settings.family == 6 else link.address
    if source is None:
        return ()
    said = message(settings, source, RELEASE)
    return tuple(datagram(said.advert, Outlet(source, to, said.ttl, said.checksum)) for to in said.destinations)


def static_removals(prepared: Prepared) -> bytes:
    """The messages that take off what belongs to no instance."""
    config = prepared.config
    return _removals(prepared, config.static_rules, config.static_routes, _placed(config, []))
