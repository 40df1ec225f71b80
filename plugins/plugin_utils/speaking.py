# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From where to where adverts go when they are not multicast: the hosts' own addresses, out of the inventory.

A host speaks from ``vipd_unicast_address``, else from ``ansible_host`` where that is an address. Facts are not needed:
the whole pair is known under ``--limit``. Look next at ``derivation.py``, which gives every host its peers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading, RefusedError, shown, text

UNICAST = "vipd_unicast"
UNICAST_ADDRESS = "vipd_unicast_address"
KEYWORDS = ("unicast_src_ip", "unicast_peer")  # that these two stand for
ANY_INTERFACE = ""


@dataclass(frozen=True)
class Sources:
    """A host's own addresses, by the interface that they are for."""

    of: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)

    def at(self, interface: str, family: int) -> Address | None:
        known = (*self.of.get(interface, ()), *self.of.get(ANY_INTERFACE, ()))
        return next((one for one in known if one.version == family), None)

    def all(self) -> tuple[Address, ...]:
        return tuple(one for known in self.of.values() for one in known)


def read_sources(host: str, said: Any, reached_at: Iterable[Address], reading: Reading) -> Sources:
    """``said``: an address, a list of them (one of each family), or either by interface."""
    if said in (None, "", [], {}):
        return Sources({ANY_INTERFACE: tuple(reached_at)})
    if isinstance(said, Mapping):
        named = {str(name): _addresses(f"{UNICAST_ADDRESS}.{name}", one, host, reading) for name, one in said.items()}
        return Sources({**named, ANY_INTERFACE: tuple(reached_at)})
    return Sources({ANY_INTERFACE: _addresses(UNICAST_ADDRESS, said, host, reading)})


def _addresses(path: str, said: Any, host: str, reading: Reading) -> tuple[Address, ...]:
    items = said if isinstance(said, (list, tuple)) else [said]
    found = (reading.take(path, _address, item, None, host=host) for item in items)
    return tuple(one for one in found if one is not None)


def _address(value: Any) -> Address:
    try:
        found = ip_address(text(value))
    except (ValueError, RefusedError) as error:
        raise RefusedError(
            f"{shown(value)} is not an address", "write one of the host's own, such as 10.0.0.5"
        ) from error
    if found.is_multicast or found.is_loopback or found.is_unspecified:
        raise RefusedError(f"{found} is no address of a host", "write one of the host's own, such as 10.0.0.5")
    return found
