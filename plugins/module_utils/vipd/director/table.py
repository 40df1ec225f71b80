# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPVS table as values: services, their destinations, and what it takes to turn one table into another.

The same ``changes`` serve the first start (an existing table is adopted), a failed check and a reload. Nothing here
talks to the kernel: ``linux/ipvs.py`` reads and writes what stands here. Words are ipvsadm's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Union

from ..config.lvs import Forwarding
from ..config.lvs_services import ServiceKey, endpoint
from ..config.network import Address


@dataclass(frozen=True)
class DestinationKey:
    """What tells a service's destinations apart."""

    address: Address
    port: int

    def __str__(self) -> str:
        return endpoint(self.address, self.port)


@dataclass(frozen=True)
class Destination:
    """Where packets go; ``upper`` and ``lower`` are thresholds of connections, 0: none."""

    weight: int = 1
    forwarding: Forwarding = Forwarding("NAT")  # noqa: RUF009  frozen, and a default as any other
    upper: int = 0
    lower: int = 0


Netmask = Union[int, IPv4Address]  # the length of a prefix, or a mask that is none: IPVS takes any


def netmask(mask: IPv4Address) -> Netmask:
    """As a length, where it has one."""
    host = ~int(mask) & 0xFFFFFFFF
    return mask if host & (host + 1) else 32 - host.bit_length()


@dataclass(frozen=True)
class Service:
    """How connections are spread. ``netmask`` groups clients for persistence."""

    scheduler: str
    persistence_s: int = 0
    netmask: Netmask = 32
    flags: frozenset[str] = frozenset()
    engine: str = ""
    destinations: Mapping[DestinationKey, Destination] = field(default_factory=dict)

    @property
    def settings(self) -> tuple[object, ...]:
        """All but the destinations; a netmask says nothing where there is no persistence."""
        return self.scheduler, self.persistence_s, self.netmask if self.persistence_s else 0, self.flags, self.engine


Table = Mapping[ServiceKey, Service]


@dataclass(frozen=True)
class AddService:
    """The kernel has no such service yet."""

    key: ServiceKey
    service: Service


@dataclass(frozen=True)
class SetService:
    """The kernel has it with other settings."""

    key: ServiceKey
    service: Service


@dataclass(frozen=True)
class DeleteService:
    """Takes the destinations with it."""

    key: ServiceKey


@dataclass(frozen=True)
class AddDestination:
    """The service has no such destination yet."""

    service: ServiceKey
    key: DestinationKey
    destination: Destination


@dataclass(frozen=True)
class SetDestination:
    """The service has it with another weight or method."""

    service: ServiceKey
    key: DestinationKey
    destination: Destination


@dataclass(frozen=True)
class DeleteDestination:
    """Connections to it end."""

    service: ServiceKey
    key: DestinationKey


Change = Union[AddService, SetService, DeleteService, AddDestination, SetDestination, DeleteDestination]


def changes(desired: Table, actual: Table, owned: Collection[ServiceKey] = ()) -> Iterator[Change]:
    """From ``actual`` to ``desired``, in an order in which a service is never without its new destinations.

    A service that is in neither ``desired`` nor ``owned`` belongs to somebody else and stays.
    """
    for key in actual:
        if key in owned and key not in desired:
            yield DeleteService(key)
    for key, service in desired.items():
        existing = actual.get(key)
        if existing is service:
            continue
        if existing is None:
            yield AddService(key, service)
        elif existing.settings != service.settings:
            yield SetService(key, service)
        yield from _destinations(key, service.destinations, existing.destinations if existing else {})


def _destinations(
    service: ServiceKey, desired: Mapping[DestinationKey, Destination], actual: Mapping[DestinationKey, Destination]
) -> Iterator[Change]:
    for key, destination in desired.items():
        if key not in actual:
            yield AddDestination(service, key, destination)
        elif actual[key] != destination:
            yield SetDestination(service, key, destination)
    for key in actual:
        if key not in desired:
            yield DeleteDestination(service, key)
