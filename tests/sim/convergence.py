# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be so once everything is healed: the checkers of the liveness phase."""

from __future__ import annotations

from .ledger import Ledger, ViolationError


class ConvergesToTheRightHolder:
    """Once all is healed, 3 x interval + skew (+ network delay) later every VIP has one holder, and the right one.

    Right is a holder than which no eligible node has a higher effective priority and may preempt. Equal priorities do
    not preempt; under nopreempt, whoever is master stays. All VRIDs of a sync group have the same holder.

    What is configured to take time takes it first: the startup delay, a link's delay, preempt_delay (with an election
    and an interval more, because it begins with the first advert of a master of lower priority, which may have to
    become one first; and once for every other node, because the goodbye of one that is replaced ends the delay of the
    rest), and the minute for which a node stands back that was robbed too often.
    """

    name = "converges_to_the_right_holder"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def limit_s(self, vrid: int) -> float:
        """The skew is that of the best node when it may preempt, else of the worst: any timer may end first.

        Where nodes join in later, because something is configured to take time, it is that of priority 1.
        """
        ledger, site, views = self._ledger, self._ledger.world.site, self._ledger.views.values()
        ranks = sorted(view.priorities[vrid] for view in views if vrid in view.priorities and view.eligible(vrid))
        preempting = not site.nopreempt and not site.grouped and ranks[-1:] != ranks[-2:-1]
        slowest = ranks[-1 if preempting else 0] if ranks and not (site.delays_s or site.startup_delay_s) else 1
        skew_s = (256 - slowest) / 256 * ledger.skew_unit_s
        return ledger.election_s - ledger.skew_unit_s + skew_s + ledger.gap_s + self._configured_s(vrid)

    def _configured_s(self, vrid: int) -> float:
        ledger, site = self._ledger, self._ledger.world.site
        # A link that comes up counts later, and so does one that went down just before: its weight is off only then.
        waits_s = site.startup_delay_s + max(site.delays_s or (0.0,))
        if site.preempt_delay_s:
            a_step_s = site.preempt_delay_s + ledger.election_s + ledger.hearing_s
            waits_s += (len(site.names) - 1) * a_step_s
        stands_back_s = [
            ledger.stands_back_s(ledger.world.nodes[name], member)
            for name, view in ledger.views.items()
            if vrid in view.instances
            for member in view.company(vrid)
        ]
        return waits_s * ledger.stretch + max(stands_back_s)

    def look(self, vrid: int) -> None:
        ledger, world = self._ledger, self._ledger.world
        masters = ledger.masters(vrid)
        if len(masters) != 1:
            raise ViolationError(self.name, f"masters of VRID {vrid}: {' '.join(masters) or 'none'}, expected one")
        (master,) = masters
        wanted = {vip.address for vip in world.site.vips[vrid]}
        for name, node in world.nodes.items():
            held = node.kernel & wanted
            if held != (wanted if name == master else set()):
                raise ViolationError(
                    self.name, f"{name} holds {sorted(map(str, held))} of VRID {vrid}; {master} is master"
                )
        for member in ledger.views[master].company(vrid):
            if ledger.masters(member) != [master]:
                raise ViolationError(
                    self.name, f"{master} is master of VRID {vrid}, {ledger.masters(member)} of {member} in its group"
                )
        own = ledger.views[master].priorities[vrid]
        for name, view in ledger.views.items():
            if view.eligible(vrid) and view.priorities[vrid] > own and not view.instances[vrid].nopreempt:
                better = f"{name} has {view.priorities[vrid]} and may preempt"
                raise ViolationError(self.name, f"{master} is master of VRID {vrid} with {own}, but {better}")


class ClientsReachTheHolder:
    """Within one advert interval after the pair has converged, every client sends to the holder.

    Clients follow gratuitous ARP. They ask anew only when they have no entry, or when the node they knew left without
    anybody being able to hear of it (power, link, FAULT, a reload, or a yielding master whose last advert was lost):
    neighbour probes find that out within seconds. Where a loser yields to a winner that hears it, gratuitous ARP alone
    must do. An announcement of which every copy was lost is found out the same way; what is repeated later is not
    waited for.
    """

    name = "clients_reach_the_holder"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def look(self, vrid: int) -> None:
        world = self._ledger.world
        for vip in world.site.vips[vrid]:
            reached = world.network.clients.get(vip.address)
            if reached is None or vip.address not in world.nodes[reached].kernel:
                holder = " ".join(self._ledger.masters(vrid))
                raise ViolationError(self.name, f"clients of {vip.address} reach {reached}, its holder is {holder}")
