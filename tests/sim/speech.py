# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nodes say to each other: the checkers that watch adverts."""

from __future__ import annotations

from vipd.core.effects import SendAdvert
from vipd.core.events import ConfigLoaded, Event

from .ledger import EPSILON_S, Ledger, ViolationError
from .node import SOCKET_LIMIT, Node


class AdvertsSayWhatIsConfigured:
    """An advert says who sends it, with which priority, how often and to whom, as the node was told last.

    The goodbye of an instance that a reload removes says what was configured before. An advert that is due at the
    moment at which a link's delay ends may be sent before that counts.
    """

    name = "adverts_say_what_is_configured"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def sent(self, node: Node, effect: SendAdvert, event: Event) -> None:
        view, advert, speech = self._ledger.views[node.name], effect.advert, node.world.site.speech
        if isinstance(event, ConfigLoaded) and advert.priority == 0:
            return
        one = view.instances[advert.vrid]
        priority = view.priorities[advert.vrid]
        if advert.priority in (0, view.priorities_before[advert.vrid]):
            priority = advert.priority
        destinations = tuple(peer.address for peer in one.unicast_peer) or (speech.group,)
        facts = {
            "source": (effect.source, view.source(advert.vrid) or effect.source),
            "version": (advert.version, speech.version),
            "priority": (advert.priority, priority),
            "interval": (advert.advert_int_cs, round(100 * one.advert_int_s)),
            "addresses": (set(advert.addresses), {vip.address for vip in one.virtual_ipaddress}),
            "destinations": (effect.destinations, destinations),
        }
        wrong = [f"{what} {said}, expected {right}" for what, (said, right) in facts.items() if said != right]
        if wrong:
            raise ViolationError(self.name, f"{node.name} (VRID {advert.vrid}) says {'; '.join(wrong)}")


class AdvertsComeOnTime:
    """A MASTER adverts at least once in each of its own intervals, on its own clock, whatever it heard as a backup.

    Later is allowed only to a node that was stalled until now.
    """

    name = "adverts_come_on_time"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._sent_at: dict[tuple[str, int], float] = {}

    def became_master(self, node: Node, vrid: int) -> None:
        self._sent_at[node.name, vrid] = node.now

    def sent(self, node: Node, effect: SendAdvert) -> None:
        vrid = effect.advert.vrid
        if self._ledger.standing(node.name, vrid).state != "MASTER":
            return
        late_s = node.now - self._sent_at[node.name, vrid] - node.world.site.intervals_s[node.name]
        self._sent_at[node.name, vrid] = node.now
        if late_s > EPSILON_S and node.woke_at != node.world.schedule.now:
            raise ViolationError(self.name, f"{node.name} sends its advert of VRID {vrid} {late_s:.4f} s late")


class NoAdvertStorm:
    """In one interval an instance sends its advert, and one answer to each that it heard: a socket holds few."""

    name = "no_advert_storm"
    limit = 2 * SOCKET_LIMIT

    def __init__(self) -> None:
        self._sent: dict[tuple[str, int], tuple[int, int]] = {}

    def sent(self, node: Node, effect: SendAdvert) -> None:
        interval_s = node.world.site.intervals_s[node.name]
        key, interval = (node.name, effect.advert.vrid), int(node.world.schedule.now / interval_s)
        before, count = self._sent.get(key, (interval, 0))
        count = count + 1 if before == interval else 1
        self._sent[key] = (interval, count)
        if count > self.limit:
            raise ViolationError(self.name, f"{node.name} sent {count} adverts of VRID {key[1]} in one interval")


class LeavingMasterSaysPriorityZero:
    """A MASTER that leaves without having heard a better one says priority 0: backups then wait only the skew.

    So it does when it goes to FAULT, stops, gives up what was stolen too often, or follows its sync group.
    """

    name = "leaving_master_says_priority_0"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._said: dict[tuple[str, int], float] = {}

    def sent(self, node: Node, effect: SendAdvert) -> None:
        if effect.advert.priority == 0:
            self._said[node.name, effect.advert.vrid] = node.world.schedule.now

    def left(self, node: Node, vrid: int, state: str) -> None:
        if self._said.get((node.name, vrid)) != node.world.schedule.now:
            raise ViolationError(self.name, f"{node.name} goes from MASTER of VRID {vrid} to {state} without a word")
