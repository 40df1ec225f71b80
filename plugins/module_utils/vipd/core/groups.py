# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sync groups: instances that are master together or not at all.

A group acts on what its members did; it never receives an event itself. A member in FAULT is a fault of all, which
:func:`shared` puts into their health, so that falling and rising together needs nothing more.
Source: keepalived.conf(5), vrrp_sync_group.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Optional

from ..config.model import VrrpSyncGroup
from .effects import Effect, RecordTransition
from .instance import Instance
from .notify import Audience
from .tracking import OF_ANOTHER, Health
from .transitions import State


class Group:
    """One ``vrrp_sync_group`` and its members."""

    def __init__(self, config: VrrpSyncGroup, audience: Audience, members: list[Instance]) -> None:
        self.config = config
        self.audience = audience
        self.members = members
        self.state = self._joint_state() or State.INIT

    def settle(self, did: Iterable[Effect], now: float) -> list[Effect]:
        """What the others do because of what one of them ``did``."""
        loser = next((effect for effect in did if _gave_up(effect)), None)
        effects = self._follow(loser.instance, now) if isinstance(loser, RecordTransition) else []
        return effects + self._take_over(now) + self._announce_all(now) + self._tell()

    def tell_again(self) -> list[Effect]:
        return self.audience.tell_again(self.state.value, 0)

    def stopped(self) -> list[Effect]:
        """After its members have stopped."""
        return self._tell()

    def unite(self, now: float) -> list[Effect]:
        """A reload may put a master into one group with an instance that obeys another node: that one decides."""
        obeying = next((one for one in self.members if one.state is State.BACKUP and one.election.obeys(now)), None)
        if obeying is None:
            return []
        return self._let_go(f"{obeying.settings.name} of sync group {self.config.name} obeys another node", now)

    def _follow(self, name: str, now: float) -> list[Effect]:
        return self._let_go(f"{name} of sync group {self.config.name} is no longer master", now)

    def _let_go(self, reason: str, now: float) -> list[Effect]:
        masters = [one for one in self.members if one.state is State.MASTER]
        return [effect for one in masters for effect in one.give_way(reason, now)]

    def _take_over(self, now: float) -> list[Effect]:
        """All at once, when every member is master or has nobody to obey."""
        willing = [one for one in self.members if one.wants_master]
        if not willing or not all(one.wants_master or one.state is State.MASTER for one in self.members):
            return []
        living_master = any(one.election.replaces_living_master(now) for one in willing)
        return [effect for one in willing for effect in one.take_over(now, living_master)]

    def _announce_all(self, now: float) -> list[Effect]:
        """One member answered a second master: what that announced, it announced for all."""
        if not any(one.announcer.answered_at == now for one in self.members):
            return []
        others = [one for one in self.members if one.holds_addresses and one.announcer.answered_at != now]
        return [effect for one in others for effect in one.announcer.answer_loser(now) or ()]

    def _tell(self) -> list[Effect]:
        """Once for each state that all have reached."""
        state = self._joint_state()
        if state is None or state is self.state:
            return []
        self.state = state
        return self.audience.tell(state.value, 0)

    def _joint_state(self) -> Optional[State]:
        """A group is MASTER when all addresses are there."""
        states = {one.state for one in self.members}
        if len(states) != 1:
            return None
        (state,) = states
        complete = state is not State.MASTER or all(one.holds_addresses for one in self.members)
        return state if complete else None


def _gave_up(effect: Effect) -> bool:
    return (
        isinstance(effect, RecordTransition)
        and effect.before == State.MASTER.value
        and effect.after == State.BACKUP.value
    )


def shared(own: dict[Instance, Health]) -> dict[Instance, Health]:
    """The health of each member when a fault of one, or a check that has not run, is that of all."""
    if not any(health.faults or health.undecided for health in own.values()):
        return own
    return {one: _with_others(one, own) for one in own}


def _with_others(one: Instance, own: dict[Instance, Health]) -> Health:
    others = [(other.settings.name, health) for other, health in own.items() if other is not one]
    faults = [f"{name}{OF_ANOTHER} ({health.faults[0]})" for name, health in others if health.faults]
    undecided = [f"{health.undecided} ({name} of its sync group)" for name, health in others if health.undecided]
    health = own[one]
    return replace(
        health,
        faults=(*health.faults, *faults),
        undecided=health.undecided or next(iter(undecided), None),
    )
