# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cores that are wrong in what they give away: offers, and what is left to others after one."""

from __future__ import annotations

from vipd.core.effects import Effect
from vipd.core.election import Election
from vipd.core.events import AddressRefused
from vipd.core.instance import Instance
from vipd.core.router import Router
from vipd.core.yielding import Yielding

from .mutant import Healthy, constant, replaces

constant(
    __name__,
    "offer_of_the_usual_priority",
    property(lambda self: self.weighed_priority),
    "priority",
    Election,
    caught_by=("adverts_say_what_is_configured",),
)


@replaces(Instance, "_offer_in_vain", "adverts_say_what_is_configured")
def offer_without_end(_healthy: Healthy, self: Instance, _now: float) -> list[Effect]:
    self.election.yielding.offered_until = None if self.election.yielding.offered_until is None else 1e12
    return []


@replaces(Yielding, "leaves_alone", "silence_before_takeover")
def taken_back_at_once(_healthy: Healthy, _self: Yielding, _now: float) -> bool:
    return False


@replaces(Instance, "take_its_place", "adverts_say_what_is_configured", "silence_before_takeover")
def deaf_to_the_end_of_a_yield(_healthy: Healthy, _self: Instance, _now: float) -> list[Effect]:
    return []


@replaces(Router, "_address_refused", "adverts_say_what_is_configured")
def master_without_an_address(_healthy: Healthy, _self: Router, _event: AddressRefused, _now: float) -> list[Effect]:
    return []
