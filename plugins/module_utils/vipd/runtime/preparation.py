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
from collections.abc import Iterator
from typing import Callable

from ..checks.script import longest_silence_s
from ..config.diagnostics import Diagnostic, Severity
from ..config.model import Config
from ..config.vmac_names import named
from ..linux import nftables
from ..linux.link import Link
from ..linux.links import LinkMonitor
from ..linux.nftables import Firewall, NftablesError
from ..linux.sysctl import ChangedSettings
from ..linux.vmac import Vmac, VmacInterfaces
from .encoding import (
    encode_addresses,
    encode_routes,
    encode_rules,
    interfaces,
    kernel_settings,
    listeners,
    refused_traffic,
    release_records,
    static_removals,
    vips,
    vmacs,
)
from .messages import Prepared
from .refusals import deaf_instance
from .release import Footprint, load, release, save


class Preparation:
    """What is prepared for one configuration. ``hand_over`` takes it to the VRRP process."""

    def __init__(
        self,
        config: Config,
        release_path: str,
        hand_over: Callable[[Prepared], None],
        warn: Callable[[str], None],
    ) -> None:
        self._config = named(config, Config())
        self._release_path = release_path
        self._hand_over = hand_over
        self._warn = warn
        self._links = LinkMonitor(exclude=vips(config))
        self._vmacs = VmacInterfaces(warn)
        self._firewall = Firewall()
        self._settings = ChangedSettings(load(release_path).settings)
        self._footprint = Footprint()

    def start(self) -> None:
        """Look at the links; ``adopt`` comes next."""
        self._links.start()

    def links(self) -> dict[str, Link]:
        """All links of this host, by name."""
        return self._links.links()

    def refusals(self, config: Config) -> list[Diagnostic]:
        """What stands in the way on this host now; ``refusals.py`` has found the rest."""
        found = self._foreign_table(config)
        for instance, vmac in vmacs(named(config, self._config)):
            if self._vmacs.is_taken(vmac, self._links.links()):
                wanted = f"a macvlan on {vmac.base} with MAC {vmac.mac.hex(':')}"
                message = f"vrrp_instance {instance.name}: there is an interface {vmac.name}, and it is not {wanted}"
                remedy = "remove it, or give use_vmac another name"
                found.append(Diagnostic(Severity.ERROR, instance.place, message, remedy))
        return found

    def _foreign_table(self, config: Config) -> list[Diagnostic]:
        """At the first instance that needs the table."""
        deaf, name = deaf_instance(config), refused_traffic(config).name
        if deaf is None or not nftables.is_foreign(name):
            return []
        title = f"vrrp_instance {deaf.name} does not accept traffic to its VIPs"
        message = f"{title}: that needs an nftables table inet {name}, and there is one that vipd did not make"
        return [Diagnostic(Severity.ERROR, deaf.place, message, "give nftables another name")]

    def adopt(self, config: Config) -> None:
        """Prepare for the first configuration, or for a new one."""
        self._config = named(config, self._config)
        self._links.exclude(vips(config))
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
        with self._told("the nftables table"):
            self._firewall.retire(refused_traffic(self._config))
        self._vmacs.retire(self._wanted_vmacs())
        self._settings.retire(kernel_settings(self._config, self._links.links()))

    def close(self) -> None:
        self._links.close()

    def forget(self) -> None:
        """Stopped in order: nothing is left to release but what we made for it."""
        with self._told("the nftables table"):
            self._firewall.remove()
        self._vmacs.remove()
        self._settings.retire(())
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._release_path)

    def _prepare(self) -> None:
        config = self._config
        links = self._named_links()
        links.update(self._vmacs.ensure(self._wanted_vmacs(), self._links.links()))
        with self._told("a kernel setting"):
            self._settings.ensure(kernel_settings(config, links))
        with self._told("the nftables table"):
            self._firewall.ensure(refused_traffic(config))
        prepared = Prepared(
            config,
            links,
            listeners(config, links),
            encode_addresses(config, links),
            encode_routes(config, links),
            encode_rules(config),
            longest_silence_s(config),
        )
        others = static_removals(prepared) + self._vmacs.delete
        self._footprint = Footprint(release_records(prepared), others, self._settings.before, self._firewall.table)
        with self._told("the release file"):
            save(self._release_path, self._footprint)
        self._hand_over(prepared)

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What fails is told; the rest goes on."""
        try:
            yield
        except (OSError, NftablesError) as error:
            self._warn(f"cannot change {what}: {error}")

    def _wanted_vmacs(self) -> list[Vmac]:
        return [vmac for _instance, vmac in vmacs(self._config)]

    def _named_links(self) -> dict[str, Link]:
        """Only the links that the configuration names; the others are none of our business."""
        named = interfaces(self._config)
        return {name: link for name, link in self._links.links().items() if name in named}
