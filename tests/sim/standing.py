# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What instances are, together and to people: the checkers that watch sync groups, FAULT, and notify scripts."""

from __future__ import annotations

from .ledger import Ledger, Standing, ViolationError
from .node import Node


class NotifyTellsEveryState:
    """The last notify of an instance names the state it is in; MASTER is told when the addresses are there.

    An instance that a reload removes is told as FAULT or DELETED.
    """

    name = "notify_tells_every_state"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        configured = self._ledger.views[node.name].instances
        for vrid, standing in self._ledger.standings[node.name].items():
            right = (standing.state,) if vrid in configured else ("FAULT", "DELETED")
            if standing.state != "INIT" and not _in_gap(self._ledger, standing) and standing.notified not in right:
                told = f"the last notify said {standing.notified}"
                raise ViolationError(self.name, f"{node.name} is {standing.state} of VRID {vrid}, {told}")


class NotifyTellsGroups:
    """The last notify of a sync group names the state that all its members are in; MASTER when all addresses are there.

    Nothing is owed while they differ, nor for INIT, nor at a reload that changes who is a member.
    """

    name = "notify_tells_groups"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        view = self._ledger.views[node.name]
        for group in view.config.sync_groups:
            members = [vrid for vrid, one in view.instances.items() if one.name in group.group]
            own = [self._ledger.standings[node.name][vrid] for vrid in members]
            states = {standing.state for standing in own}
            told = self._ledger.group_told.get(node.name)
            quiet = len(states) != 1 or states == {"INIT"} or any(_in_gap(self._ledger, one) for one in own)
            if not quiet and told not in states:
                raise ViolationError(
                    self.name, f"{node.name}: group {group.name} is {states}, the last notify said {told}"
                )


class SyncGroupIsOfOneMind:
    """When a node has handled an event, its members of a sync group are all MASTER or none is, all in FAULT or none.

    A member that a reload adds to a group that is MASTER begins as BACKUP, as every instance does: it is waited for
    until it has once been of one mind with the others.
    """

    name = "sync_group_is_of_one_mind"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        view, own = self._ledger.views[node.name], self._ledger.standings[node.name]
        for group in view.config.sync_groups:
            members = {vrid: own[vrid] for vrid, one in view.instances.items() if one.name in group.group}
            states = {vrid: standing.state for vrid, standing in members.items()}
            self._look(node, states, "FAULT")
            self._look(node, {vrid: state for vrid, state in states.items() if not members[vrid].is_joining}, "MASTER")
            if len(set(states.values())) == 1:
                for standing in members.values():
                    standing.is_joining = False

    def _look(self, node: Node, states: dict[int, str], state: str) -> None:
        if state in states.values() and set(states.values()) != {state}:
            raise ViolationError(self.name, f"{node.name}: members of one group are {states}")


class FaultFollowsWhatIsTold:
    """FAULT is the state of an instance whose link, address or deciding check is bad, at once, and of no other.

    Or of another member of its sync group. "At once" is when a link's delay is over. Before the startup delay is over,
    and while a deciding check has not run, it is INIT, or stays in FAULT; but when it is a member that a reload adds
    whose check has not run, the others of the group stay what they are. What a reload removed is STOP.
    """

    name = "fault_follows_what_is_told"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        for vrid, standing in self._ledger.standings[node.name].items():
            right = self._right(node, vrid)
            if standing.state not in (*right, "STOP" if node.stopping else right[0]):
                view = self._ledger.views[node.name]
                told = f"{view.links}, address {view.address}, script {view.script_succeeds}, file {view.file_says}"
                raise ViolationError(self.name, f"{node.name} is {standing.state} of VRID {vrid}, not {right}: {told}")

    def _right(self, node: Node, vrid: int) -> tuple[str, ...]:
        view = self._ledger.views[node.name]
        if vrid not in view.instances:
            return ("STOP",)
        if view.faulty(vrid):
            return ("FAULT",)
        if not view.undecided(vrid):
            return ("BACKUP", "MASTER")
        own = self._ledger.standings[node.name]
        is_joined = any(own[member].is_joining for member in view.company(vrid))
        return ("INIT", "FAULT", "BACKUP", "MASTER") if is_joined and not own[vrid].is_joining else ("INIT", "FAULT")


def _in_gap(ledger: Ledger, standing: Standing) -> bool:
    return standing.state == "MASTER" and ledger.world.schedule.now - standing.since < ledger.gap_s
