# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened, for the director: past tense, frozen, no behaviour. See ``effects.py`` for what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional, Union

from ..config.model import Config
from ..config.network import Address


class AdminState(Enum):
    """What an operator wants of a real server, whatever its checks say."""

    UP = "up"
    DRAIN = "drain"  # no new connections; those that are there go on
    DOWN = "down"


@dataclass(frozen=True)
class ConfigLoaded:
    """A configuration that parsed and passed its checks: the first one, or a reload."""

    config: Config


@dataclass(frozen=True)
class CheckFinished:
    """``check`` is the number in ``StartCheck``; ``weight`` is what a dynamic checker says, None from any other."""

    check: int
    success: bool
    detail: str
    weight: Optional[int] = None


@dataclass(frozen=True)
class AdminStateChanged:
    """``real_server`` is an address, or an address and a port as the configuration has it, in every virtual server."""

    real_server: str
    state: AdminState


@dataclass(frozen=True)
class AddressesChanged:
    """``addresses`` are all that this node has now; ``ha_suspend`` goes by them."""

    addresses: frozenset[Address]


@dataclass(frozen=True)
class DeadlineReached:
    """The time that ``next_deadline()`` named has come."""


@dataclass(frozen=True)
class StopRequested:
    """``release`` False leaves the table as it is."""

    release: bool


Event = Union[ConfigLoaded, CheckFinished, AdminStateChanged, AddressesChanged, DeadlineReached, StopRequested]
