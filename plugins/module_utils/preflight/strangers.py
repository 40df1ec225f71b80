# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was heard on the wire, judged: a VIP that somebody has, a VRID that others use, a host that is not heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..vipd.wire.vrrp import ReceivedAdvert
from .finding import ERROR, WARNING, Address, Finding, Router
from .interfaces import Link
from .segment import Heard

ADDRESS, VRID, HEARING = "address", "vrid", "hearing"
PROPOSED = 3


@dataclass(frozen=True)
class Pair:
    """``hosts`` are the addresses of the other hosts of the pair."""

    routers: tuple[Router, ...]
    hosts: frozenset[Address]
    listen_s: float

    @property
    def vips(self) -> frozenset[Address]:
        return frozenset(vip for router in self.routers for vip in router.vips)


def judge(heard: Heard, pair: Pair, links: Mapping[str, Link]) -> Iterator[Finding]:
    yield from _addresses_are_free(heard, pair, links)
    yield from _vrids_are_free(heard, pair, links)


def _addresses_are_free(heard: Heard, pair: Pair, links: Mapping[str, Link]) -> Iterator[Finding]:
    """A VIP that a host of the pair has is a pair that was deployed before, unless this host has it as well."""
    of_pair = {mac for host in pair.hosts for mac in heard.answers.get(host, ())}
    for router in pair.routers:
        virtual = {bytes((0, 0, 0x5E, 0, kind, router.vrid)) for kind in (1, 2)}
        for vip in router.vips:
            macs = heard.answers.get(vip, set()) - virtual
            if others := macs - of_pair:
                message = f"{vip} is in use on {router.interface} by {_written(others)}, which is no host of the pair"
                yield Finding(ADDRESS, ERROR, message, "choose another VIP, or take it off there")
            elif macs and any(vip == one.ip for link in links.values() for one in link.addresses):
                message = f"{vip} is held here and by {_written(macs)} as well"
                remedy = "both hosts are master: find out why they do not hear each other"
                yield Finding(ADDRESS, ERROR, message, remedy)


def _written(macs: Iterable[bytes]) -> str:
    return ", ".join(sorted(mac.hex(":") or "a neighbour that does not say its MAC" for mac in macs))


def _vrids_are_free(heard: Heard, pair: Pair, links: Mapping[str, Link]) -> Iterator[Finding]:
    own = {one.ip for link in links.values() for one in link.addresses}
    for router in pair.routers:
        for (interface, source, vrid), received in heard.adverts.items():
            if interface != router.interface or vrid != router.vrid or source in pair.hosts or source in own:
                continue
            if set(received.advert.addresses) <= set(router.vips):
                continue  # whoever has these VIPs in mind is the pair itself, by an address that the inventory lacks
            free = _free(vrid for _interface, _source, vrid in (*heard.adverts, *_used(pair)))
            message = f"VRID {vrid} is in use on {interface} by {source}, for {_listed(received)}"
            yield Finding(VRID, ERROR, message, f"choose another one: {free} were not heard in {pair.listen_s:g} s")


def _used(pair: Pair) -> Iterator[tuple[str, Address, int]]:
    for router in pair.routers:
        yield router.interface, router.vips[0], router.vrid


def _free(used: Iterable[int]) -> str:
    taken = frozenset(used)
    return ", ".join([str(vrid) for vrid in range(51, 256) if vrid not in taken][:PROPOSED])


def _listed(received: ReceivedAdvert) -> str:
    return ", ".join(map(str, received.advert.addresses))


def unheard(heard: Heard, pair: Pair, blocked: Collection[Finding]) -> Iterator[Finding]:
    """A firewall that seems closed counts only while nobody is heard: what came in was let in."""
    silent = pair.hosts - heard.callers - {source for _interface, source, _vrid in heard.adverts}
    if not silent:
        return
    yield from blocked
    for host in sorted(silent, key=str):
        message = f"nothing of protocol 112 came from {host} in {pair.listen_s:g} s"
        remedy = "open the firewalls; where the network drops multicast set vipd_unicast; ask all hosts at once (forks)"
        yield Finding(HEARING, WARNING, message, remedy)
