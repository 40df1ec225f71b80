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
from ipaddress import IPv4Address
from typing import Callable

from ..config.model import Address, Config, VrrpInstance
from ..core.advert import RELEASE, advert
from ..core.settings import Settings, resolve
from ..linux.addresses import encode_add, encode_delete
from ..linux.link import Link
from ..linux.links import LinkMonitor
from ..wire.vrrp import encode_packet
from .messages import Prepared, PreparedAddress, PreparedAddresses
from .release import ReleaseRecord, release, save


class Preparation:
    """What is prepared for one configuration. ``hand_over`` takes it to the VRRP process."""

    def __init__(self, config: Config, release_path: str, hand_over: Callable[[Prepared], None]) -> None:
        self._config = config
        self._release_path = release_path
        self._hand_over = hand_over
        self._links = LinkMonitor(exclude=_vips(config))
        self._records: list[ReleaseRecord] = []

    async def start(self) -> None:
        """Look at the links; ``adopt`` comes next."""
        await self._links.start()

    def links(self) -> dict[str, Link]:
        """All links of this host, by name."""
        return self._links.links()

    def adopt(self, config: Config) -> None:
        """Prepare for the first configuration, or for a new one."""
        self._config = config
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
        return release(self._records)

    def close(self) -> None:
        self._links.close()

    def forget(self) -> None:
        """Stopped in order: nothing is left to release."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._release_path)

    def _prepare(self) -> None:
        links = self._named_links()
        addresses = _encode_addresses(self._config, links)
        self._records = _release_records(self._config, links, addresses)
        save(self._release_path, self._records)
        self._hand_over(Prepared(self._config, links, addresses))

    def _named_links(self) -> dict[str, Link]:
        """Only the links that the configuration names; the others are none of our business."""
        named = _interfaces(self._config)
        return {name: link for name, link in self._links.links().items() if name in named}


def _vips(config: Config) -> set[Address]:
    return {vip.address for instance in config.instances for vip in instance.virtual_ipaddress}


def _interfaces(config: Config) -> set[str]:
    named = {instance.interface for instance in config.instances}
    for instance in config.instances:
        named |= {track.name for track in instance.tracks.interfaces}
        named |= {vip.dev for vip in instance.virtual_ipaddress if vip.dev}
    return named


def _encode_addresses(config: Config, links: dict[str, Link]) -> PreparedAddresses:
    prepared = {}
    for instance in config.instances:
        for vip in instance.virtual_ipaddress:
            link = links.get(vip.dev or instance.interface)
            if link is not None:
                prepared[link.name, vip] = PreparedAddress(
                    add=encode_add(link.index, vip), delete=encode_delete(link.index, vip)
                )
    return prepared


def _release_records(config: Config, links: dict[str, Link], addresses: PreparedAddresses) -> list[ReleaseRecord]:
    return [
        _release_record(instance, resolve(instance, config.global_defs), links[instance.interface], addresses)
        for instance in config.instances
        if instance.interface in links
    ]


def _release_record(
    instance: VrrpInstance, settings: Settings, link: Link, addresses: PreparedAddresses
) -> ReleaseRecord:
    keys = [(vip.dev or instance.interface, vip) for vip in instance.virtual_ipaddress]
    return ReleaseRecord(
        instance=instance.name,
        interface=instance.interface,
        delete=b"".join(addresses[key].delete for key in keys if key in addresses),
        packet=encode_packet(link.address or IPv4Address(0), advert(settings, RELEASE)),
    )
