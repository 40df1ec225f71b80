# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS table, kept as the director wants it: what differs is changed, and nothing else is touched.

Remembers what it made, so that one server's failure, or one weight that a reload changes, costs one request and no
reading of thousands. After a refusal the table is read again; what others did to it is found by ``put_right``.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, Optional

from ..config.lvs import Timeouts
from ..config.lvs_services import ServiceKey
from ..director.effects import ApplyTable
from ..director.table import (
    AddDestination,
    AddService,
    Change,
    DeleteDestination,
    Destination,
    DestinationKey,
    Service,
    SetDestination,
    SetService,
    changes,
)
from ..linux.ipvs import Ipvs

COMPLAINTS_MAX = 10  # in one go; a kernel that lacks something refuses it thousands of times


class KernelTable:
    """``complain`` takes a sentence for what the kernel refuses, to read or to change."""

    def __init__(self, kernel: Ipvs, complain: Callable[[str], None]) -> None:
        self._kernel = kernel
        self._complain = complain
        self._known: Optional[Mapping[ServiceKey, Service]] = None
        self._refusals = 0

    def apply(self, wanted: ApplyTable) -> bool:
        """Whether the table is now as it is wanted."""
        try:
            actual = self._kernel.services() if self._known is None else self._known
        except OSError as error:
            return self._unread(error)
        self._refusals = 0
        whole = self._carry_out(changes(wanted.table, actual, wanted.owned))
        if self._refusals > COMPLAINTS_MAX:
            self._complain(f"IPVS refuses {self._refusals - COMPLAINTS_MAX} more changes")
        self._known = wanted.table if whole else None
        return whole

    def put_right(self) -> Iterator[bool]:
        """Undo what others did to our services, and say whether it worked; one at a time, so that checks get a turn."""
        try:
            there = self._kernel.bare_services()
            for key in tuple(self._known or ()):
                if self._known is not None and key in self._known:
                    actual = {key: self._kernel.with_destinations(key, there[key])} if key in there else {}
                    self._refusals = 0
                    yield self._carry_out(changes({key: self._known[key]}, actual))
        except OSError as error:
            yield self._unread(error)

    def _unread(self, error: OSError) -> bool:
        self._complain(f"IPVS's table cannot be read: {error.strerror or error}; it is tried again")
        return False

    def _carry_out(self, wanted: Iterable[Change]) -> bool:
        """All of them, and whether the kernel took them all."""
        return not [change for change in wanted if not self._changed(change)]

    def flush(self) -> None:
        self._kernel.flush()

    def listing(self) -> dict[str, Any]:
        """The kernel's own view, with what each destination has done."""
        version, size = self._kernel.info()
        table, counts = self._kernel.services(), self._kernel.counts()
        services = [{**self._listed(key, table[key]), **counts.get(key, {})} for key in sorted(table, key=_as_ipvsadm)]
        return {"version": version, "size": size, "services": services}

    def _listed(self, key: ServiceKey, service: Service) -> dict[str, Any]:
        destinations = [
            {
                "address": str(one),
                "forwarding": destination.forwarding.method,
                "weight": destination.weight,
                **counts,
            }
            for one, destination, counts in sorted(self._kernel.destinations(key), key=_by_address)
        ]
        return {
            "service": str(key),
            "family": key.family,
            "scheduler": service.scheduler,
            "persistence_s": service.persistence_s,
            "netmask": service.netmask if isinstance(service.netmask, int) else str(service.netmask),
            "flags": sorted(service.flags),
            "engine": service.engine,
            "destinations": destinations,
        }

    def _changed(self, change: Change) -> bool:
        try:
            self._kernel.apply(change)
        except OSError as error:
            self._refusals += 1
            if self._refusals <= COMPLAINTS_MAX:
                self._complain(f"IPVS refuses {_told(change)}: {_why(change, error)}")
            return False
        return True


class KernelTimeouts:
    """How long IPVS remembers connections: as the configuration has it, and at the end as it was before."""

    def __init__(self, kernel: Ipvs, complain: Callable[[str], None]) -> None:
        self._kernel = kernel
        self._complain = complain
        self._before: Optional[Timeouts] = None

    def adopt(self, wanted: Optional[Timeouts]) -> None:
        """None: what was there before the first."""
        try:
            if wanted is not None and self._before is None:
                self._before = self._kernel.timeouts()
            if self._before is not None:
                self._kernel.set_timeouts(self._before)  # what was given before a reload, and is not now, goes back
            if wanted is not None:
                self._kernel.set_timeouts(wanted)
        except OSError as error:
            self._complain(f"IPVS refuses lvs_timeouts: {error.strerror}")


def _as_ipvsadm(key: ServiceKey) -> tuple[int, int, str, int, int]:
    """Marks last; TCP before UDP."""
    return key.fwmark, key.family, key.protocol, int(key.address or 0), key.port


def _by_address(listed: tuple[DestinationKey, Destination, dict[str, int]]) -> tuple[int, int, int]:
    return listed[0].address.version, int(listed[0].address), listed[0].port


def _why(change: Change, error: OSError) -> str:
    if isinstance(change, (AddService, SetService)) and error.errno == errno.ENOENT:
        scheduler = change.service.scheduler
        return f"this kernel has no scheduler {scheduler}: load the module ip_vs_{scheduler}, or use another lb_algo"
    return error.strerror or str(error)


def _told(change: Change) -> str:
    """``to add destination 10.0.0.11:80 of TCP 10.0.0.1:80``."""
    verb, noun = re.findall("[A-Z][a-z]+", type(change).__name__)
    owner = f" of {change.service}" if isinstance(change, (AddDestination, SetDestination, DeleteDestination)) else ""
    return f"to {verb.lower()} {noun.lower()} {change.key}{owner}"
