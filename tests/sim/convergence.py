# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be so once everything is healed: the checkers of the liveness phase."""

from __future__ import annotations

from .ledger import Ledger, ViolationError


class ConvergesToTheRightHolder:
    """Once all is healed, 3 x interval + skew (+ network delay) later every VIP has one holder, and the right one.

    Right is a holder than which no eligible node has a higher effective priority and may preempt. Equal priorities do
    not preempt; under nopreempt, whoever is master stays.
    """

    name = "converges_to_the_right_holder"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def limit_s(self, vrid: int) -> float:
        """The skew is that of the best node when it may preempt, else of the worst: any timer may end first."""
        views = self._ledger.views.values()
        ranks = sorted(view.priorities[vrid] for view in views if view.eligible(vrid))
        nopreempt = any(view.instances[vrid].nopreempt for view in views)
        slowest = ranks[-1] if ranks[-1] not in ranks[:-1] and not nopreempt else ranks[0]
        return self._ledger.election_s - 1 + (256 - slowest) / 256 + self._ledger.gap_s

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
    must do.
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
