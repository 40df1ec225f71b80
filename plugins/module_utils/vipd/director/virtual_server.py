# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One virtual server: quorum with hysteresis, the sorry server, and the destinations that follow from both.

Source: keepalived.conf(5), virtual_server; keepalived's behaviour where the page is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Optional

from ..config import lvs_defaults
from ..config.commands import Command
from ..config.lvs import Endpoint, FirewallMark, GroupName, VirtualServer
from ..config.lvs_services import Groups, ServiceKey, keys, title
from ..config.network import Address
from .effects import Announce, Effect, Log, RunScript
from .real_server import Serving
from .services import SORRY_WEIGHT, real_destination, service, sorry_destination
from .table import Destination, DestinationKey, Service

GROUP_PORT = 0  # a group has none of its own, and keepalived says so


class Balancing:
    """``quorate``: enough weight is alive; it is assumed at the start, unless alpha says that nothing is.

    ``served`` is what ``services`` came to last.
    """

    def __init__(self, server: VirtualServer, groups: Groups, serving: list[Serving], quorate: bool) -> None:
        self.server = server
        self.serving = serving
        self.quorate = quorate
        self._quorum, self._hysteresis = lvs_defaults.quorum(server), lvs_defaults.hysteresis(server)
        self.served: dict[ServiceKey, Service] = {}
        self._groups = groups
        own = (key.address for key in keys(server, groups)) if server.ha_suspend else ()
        self._own = {address for address in own if address is not None}

    def __str__(self) -> str:
        return title(self.server)

    def serves(self, server: VirtualServer, groups: Groups) -> bool:
        """Whether that is what is served here already."""
        service = server.service
        alike = not isinstance(service, GroupName) or self._groups.get(service.name) == groups.get(service.name)
        return alike and server == self.server

    def suspended(self, addresses: frozenset[Address]) -> bool:
        """``ha_suspend``: this node, which has ``addresses``, has none of the service's, and need not look."""
        return bool(self._own) and not self._own & addresses

    @property
    def _sorry(self) -> bool:
        return not self.quorate and self.server.sorry_server.endpoint is not None

    @property
    def announced(self) -> str:
        service = self.server.service
        if isinstance(service, FirewallMark):
            return f"FWM {service.number}"
        return announced(service, self.server) if isinstance(service, Endpoint) else f"[{service.name}]:{GROUP_PORT}"

    @property
    def weight(self) -> int:
        return sum(one.full_weight for one in self.serving if one.alive)

    def settle(self) -> Iterator[Effect]:
        """Tell what changed since the last time: real servers first, then the quorum."""
        for one in self.serving:
            if one.alive != one.was_alive:
                one.was_alive = one.alive
                state = "UP" if one.alive else "DOWN"
                yield Log("info" if one.alive else "warning", f"({self}) real server {one} is {state}: {one.why}")
                yield from self._tell_of_server(one, one.alive)
        yield from self._count()

    def _tell_of_server(self, one: Serving, up: bool) -> Iterator[Effect]:
        state = "UP" if up else "DOWN"
        names = (announced(one.real.endpoint, self.server), self.announced)
        yield Announce("RS", names, state, one.real.smtp_alert)
        yield from _script(f"RS {one} {self}", state, one.real.notify_up if up else one.real.notify_down)

    def _tell_of_quorum(self, up: bool) -> Iterator[Effect]:
        state = "UP" if up else "DOWN"
        yield Announce("VS", (self.announced,), state, self.server.smtp_alert)
        yield from _script(f"VS {self}", state, self.server.quorum_up if up else self.server.quorum_down)

    def _count(self) -> Iterator[Effect]:
        quorum, hysteresis, weight = self._quorum, self._hysteresis, self.weight
        if self.quorate and (weight == 0 or weight < quorum - hysteresis):
            self.quorate = False
            then = f": the sorry server {self.server.sorry_server.endpoint} answers" if self._sorry else ""
            yield Log("warning", f"({self}) lost its quorum, {weight} of {quorum}{then}")
            yield from self._tell_of_quorum(up=False)
        elif not self.quorate and weight > 0 and weight >= quorum + hysteresis:
            self.quorate = True
            yield Log("info", f"({self}) gained its quorum, {weight} of {quorum}")
            yield from self._tell_of_quorum(up=True)

    def begin(self) -> Iterator[Effect]:
        """What it is at the start; of a quorum that is yet to come, keepalived says nothing."""
        if self.quorate:
            yield from self._tell_of_quorum(up=True)

    def welcome(self, servers: Iterable[Serving]) -> Iterator[Effect]:
        """These real servers are new; of one that serves only after its first check, nothing is to be said yet."""
        for one in servers:
            if one.was_alive:
                yield from self._tell_of_server(one, up=True)

    def stop(self) -> Iterator[Effect]:
        """``omega``: whoever is told of an end by a failure is told of this one too."""
        if self.server.omega:
            yield from self.leave()

    def leave(self) -> Iterator[Effect]:
        """It is in the configuration no more: whoever is told of an end by a failure is told of this one too."""
        served = any(one.was_alive for one in self.serving)
        yield from self.let_go(self.serving)
        if self.quorate and served:
            yield from self._tell_of_quorum(up=False)

    def let_go(self, servers: Iterable[Serving]) -> Iterator[Effect]:
        """These real servers are in the configuration no more."""
        for one in servers:
            if one.was_alive:
                yield from self._tell_of_server(one, up=False)

    # The table

    def services(self) -> dict[ServiceKey, Service]:
        """What did not change is the same object as before."""
        if self.serving or self.server.sorry_server.endpoint is not None:
            made = {key: service(self.server, key, self._destinations(key)) for key in keys(self.server, self._groups)}
            self.served = {key: self.served[key] if self.served.get(key) == one else one for key, one in made.items()}
        return self.served

    def _destinations(self, key: ServiceKey) -> dict[DestinationKey, Destination]:
        """The sorry server may be one of the real servers: what it is as one comes before its waiting."""
        found = dict(self._real_destinations(key))
        sorry = self.server.sorry_server
        if sorry.endpoint is not None and self._sorry:
            found.update([sorry_destination(self.server, sorry.endpoint, key, SORRY_WEIGHT)])
        elif sorry.endpoint is not None and sorry.inhibit:
            found.setdefault(*sorry_destination(self.server, sorry.endpoint, key, 0))
        return found

    def _real_destinations(self, key: ServiceKey) -> Iterator[tuple[DestinationKey, Destination]]:
        for one in self.serving:
            serves = one.alive and not self._sorry
            if serves or one.inhibits:
                yield real_destination(self.server, one.real, key, one.weight if serves else 0)

    def snapshot(self) -> dict[str, Any]:
        return {
            "virtual_server": str(self),
            "quorate": self.quorate,
            "weight": self.weight,
            "quorum": self._quorum,
            "sorry": self._sorry,
            "real_servers": [one.snapshot() for one in self.serving],
        }


def announced(endpoint: Endpoint, server: VirtualServer) -> str:
    """Where pipes and mails are read, keepalived's names: ``[10.0.0.1]:tcp:80``."""
    if isinstance(server.service, FirewallMark):
        return f"[{endpoint.address}]:none:0"
    port = lvs_defaults.service_port(server) if endpoint.port is None else endpoint.port
    return f"[{endpoint.address}]:{lvs_defaults.protocol(server).lower()}:{port}"


def _script(about: str, state: str, command: Optional[Command]) -> Iterator[Effect]:
    if command is not None:
        yield RunScript(about, state, command)
