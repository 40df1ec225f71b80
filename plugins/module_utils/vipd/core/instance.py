# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state machine of one instance: who is master, and what that node does about it.

Every method takes the time and returns effects; the only memory is in the fields. It never looks at other instances
(``groups.py`` does) and never weighs what is tracked (``tracking.py`` does). Who is better and how long to wait is
``election.py``'s, what it says ``voice.py``'s, what a master holds ``holdings.py``'s, when it announces that
``announce.py``'s.
Sources: RFC 3768 and RFC 9568, section 6.4; keepalived's order of actions where the RFC leaves it open.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import inf
from typing import Optional

from ..config.model import Address, VirtualAddress, VrrpInstance
from ..wire.vrrp import ReceivedAdvert
from . import holdings
from .advert import RELEASE
from .announce import Announcer
from .beat import Beat
from .deadline import due, earliest
from .effects import Effect, Log, RecordTransition
from .election import Election, Peer
from .receive import Refusal, refusal
from .settings import Settings
from .timers import HANDOVER_GAP_S
from .tracking import Health
from .transitions import TRANSITIONS, State
from .upkeep import PUT_BACK_LIMIT, PUT_BACK_WINDOW_S, Upkeep
from .voice import Voice
from .yielding import AN_OPERATOR_ASKED, OFFER_PRIORITY


@dataclass
class Deadlines:
    """When something is due; None when nothing is. Timers are data."""

    advert: Optional[float] = None
    master_down: Optional[float] = None
    addresses: Optional[float] = None


class Instance:
    """One ``vrrp_instance`` of this node. ``group`` is the sync group that must agree before it becomes master."""

    def __init__(self, config: VrrpInstance, settings: Settings, now: float, beat: Optional[Beat] = None) -> None:
        self.config = config
        self.settings = settings
        self.group: Optional[str] = None
        self.state = State.INIT
        self.since = now
        self.reason = "starting"
        self.health = Health(priority=settings.priority, address=None)
        self.election = Election(settings)
        self.announcer = Announcer(settings)
        self.deadlines = Deadlines()
        self.beat = beat or Beat()
        self.wants_master = False
        self.is_held = False
        self.holds_addresses = False
        self.refused: frozenset[VirtualAddress] = frozenset()  # of what it holds, by the kernel
        self.counters: Counter[str] = Counter()
        self.adverts_received = 0
        self.voice = Voice(settings, self.counters)
        self._upkeep = Upkeep()
        self._usual: Optional[ReceivedAdvert] = None
        self._usual_wait_s = 0.0

    # What happened

    def assess(self, health: Health, now: float) -> list[Effect]:
        """Tracking was weighed anew."""
        self._forget_prepared()
        skew_before_s = self.election.skew_s
        self.health, self.election.weighed_priority = health, health.priority
        self.election.address = health.address or self.address  # a master whose address went says goodbye from it
        if self.deadlines.master_down is not None:
            self.deadlines.master_down += self.election.skew_s - skew_before_s
        if health.faults:
            return self._fail(now) if self.state is not State.FAULT else []
        if self.state in (State.INIT, State.FAULT) and not health.undecided:
            return self._listen(now)
        return []

    def heard_again(self, received: ReceivedAdvert, now: float) -> bool:
        """The advert of the master that this backup obeys, once more: nearly all that ever happens, so it is cheap."""
        if received is not self._usual or self.election.master is None:
            return False
        self.election.master.heard_at = now
        self.deadlines.master_down = now + self._usual_wait_s
        return True

    def advert_received(self, received: ReceivedAdvert, now: float) -> list[Effect]:
        """An advert that counts (:meth:`refusal` found nothing)."""
        advert = received.advert
        peer = Peer(received.source, advert.priority, now, advert.advert_int_cs)
        if advert.priority == RELEASE:
            self.counters["priority_zero_received"] += 1
        return self._backup_heard(peer, now) if self.state is State.BACKUP else self._master_heard(peer, now)

    def expect_again(self, received: ReceivedAdvert) -> None:
        """This one counted and nothing about it was strange: the same from the same master needs no second look."""
        master = self.election.master
        if self.state is not State.BACKUP or master is None or master.address != received.source:
            return
        if received.advert.priority and (received.advert.priority >= self.priority or self.settings.nopreempt):
            self._usual, self._usual_wait_s = received, self.election.master_down_s

    def removed(self, item: holdings.Item, now: float) -> list[Effect]:
        """Another program took off something that we hold: put it back; when that is in vain, give up the rest."""
        name = holdings.named(item)
        if self._upkeep.may_put_back(item, now):
            announced = self.announcer.added((item,)) if isinstance(item, VirtualAddress) else []
            text = f"({self.settings.name}) another program removed {name}: put it back"
            return [holdings.put_back(self.settings, item), *announced, Log("warning", text)]
        often = f"another program removed {name} more than {PUT_BACK_LIMIT} times in {PUT_BACK_WINDOW_S:g} s"
        if item.no_track:
            return [Log("warning", f"({self.settings.name}) {often}: it stays away (no_track)")]
        return self.give_way(often, now, stand_back_s=PUT_BACK_WINDOW_S)

    def lost(self, vip: VirtualAddress) -> list[Effect]:
        """It is not there, and no other program insists on that: so this does not count."""
        self.refused -= {vip}
        text = f"({self.settings.name}) {vip} was missing: put it in place"
        return [holdings.put_back(self.settings, vip), *self.announcer.added((vip,)), Log("warning", text)]

    def deadline_reached(self, now: float) -> list[Effect]:
        """Do everything that is due."""
        if due(self.deadlines.master_down, now):
            return [] if self.is_held else self._master_is_down(now)
        effects = self._periodic_advert(now) if due(self.deadlines.advert, now) else []
        if due(self.deadlines.addresses, now):
            effects = effects + self._take_addresses(now)
        if due(self.announcer.at, now):
            effects = effects + self.announcer.deadline_reached(now)
        if due(self.election.yielding.ends_at, now):
            effects = effects + self._offer_in_vain(now)
        return effects

    def stop(self, now: float, reason: str, notify: str = "STOP") -> list[Effect]:
        """Leave for good; a master tells its peers with priority 0."""
        effects = self._release() if self.state is State.MASTER else []
        self._rest()
        told = [] if notify == self.state.value else self._notify(notify)  # a removed instance may be in FAULT already
        return effects + self._enter(State.STOP, reason, now) + told

    def reconfigure(self, config: VrrpInstance, settings: Settings, now: float) -> list[Effect]:
        """A reload: the state stays, and so does everything that is in both configurations."""
        before, self.config, self.settings = self.settings, config, settings
        if settings == before:
            return []
        self._forget_prepared()
        self.voice.reconfigure(settings)
        self.announcer.reconfigure(settings, now, self.holds_addresses)
        wait_before_s = self.election.master_down_s
        self.election.reconfigure(settings)
        if self.state is State.BACKUP and self.election.master_down_s != wait_before_s:
            self.deadlines.master_down = now + self.election.master_down_s
        if self.state is not State.MASTER:
            return []
        self.refused = holdings.kept_addresses(self.refused, before, settings)
        self.beat.leave(self)
        self.beat.join(self)
        self.deadlines.advert = now  # at once, with the priority that the new configuration gives
        if not self.holds_addresses:
            return []
        new = holdings.new_addresses(before, settings)
        return [*holdings.exchange(before, settings), *self.announcer.added(new)]

    # What is so

    def next(self) -> Optional[float]:
        """When something is due."""
        deadlines = self.deadlines
        if self.state is State.BACKUP:
            return None if self.is_held else deadlines.master_down
        return earliest(deadlines.advert, deadlines.addresses, self.announcer.at, self.election.yielding.ends_at)

    @property
    def advert_due(self) -> Optional[float]:
        return self.deadlines.advert

    @property
    def advert_int_cs(self) -> int:
        return self.settings.advert_int_cs

    def refusal(self, received: ReceivedAdvert) -> Optional[Refusal]:
        """Why this advert must be discarded here and now; None when it counts."""
        refused = refusal(self.settings, received)
        if refused is None and received.source == self.address:
            return Refusal.OWN_ADDRESS
        if refused is None and not self.is_running:
            return Refusal.NOT_LISTENING
        return refused

    @property
    def is_running(self) -> bool:
        return self.state in (State.BACKUP, State.MASTER)

    @property
    def priority(self) -> int:
        return self.election.priority

    @property
    def address(self) -> Address:
        return self.election.address

    # BACKUP

    def _listen(self, now: float) -> list[Effect]:
        self.election.forget()
        self._rest()
        owner = self.settings.is_owner
        self.deadlines.master_down = now if owner else now + self.election.master_down_s
        reason = "started" if self.state is State.INIT else "all that was wrong is good again"
        return self._enter(State.BACKUP, reason, now) + self._notify("BACKUP")

    def _backup_heard(self, peer: Peer, now: float) -> list[Effect]:
        if peer.priority == RELEASE:
            self._usual = None
            self.election.released_by(peer)
            self.deadlines.master_down = now + self.election.skew_s
        elif peer.priority < self.priority and not self.is_held and self.election.may_preempt(now):
            self.election.rival = peer  # discarded: the timer runs on, and we preempt when it ends
        else:
            self._obey(peer, now)
        return []

    def _obey(self, peer: Peer, now: float) -> None:
        self.wants_master, self._usual = False, None
        self.election.obey(peer)
        self.deadlines.master_down = now + self.election.master_down_s

    def _master_is_down(self, now: float) -> list[Effect]:
        """Nobody keeps us from being master, but a sync group has to agree; until it does, we go on listening."""
        if self.group is None:
            return self.take_over(now, self.election.replaces_living_master(now))
        self.wants_master, self._usual = True, None
        self.deadlines.master_down = now + self.election.master_down_s
        return []

    def ask_again(self, now: float) -> None:
        """Whom it waited for may be gone from its group: a deadline tells, after what waits in the sockets."""
        if self.state is State.BACKUP:
            self.deadlines.master_down = now

    def take_over(self, now: float, living_master: bool) -> list[Effect]:
        """Advert first; the addresses when a ``living_master`` has had its chance to drop them."""
        reason = self._take_over_reason(now)
        self._rest()
        self.deadlines.advert = self.beat.next(self, now)
        effects: list[Effect] = self._advert(self.priority)
        if living_master:
            self.deadlines.addresses = now + HANDOVER_GAP_S
        else:
            effects += self._take_addresses(now)
        return effects + self._enter(State.MASTER, reason, now)

    def _take_over_reason(self, now: float) -> str:
        master, rival = self.election.master, self.election.rival
        if self.settings.is_owner:
            return "this node owns the addresses (priority 255)"
        if rival and self.election.replaces_living_master(now):
            return f"preempting {rival.address}, priority {rival.priority} (ours {self.priority})"
        if master and master.priority == RELEASE:
            return f"{master.address} released the addresses"
        if master:
            return f"no advert from {master.address} for {now - master.heard_at:.2f} s"
        return f"no advert from anybody for {now - self.since:.2f} s"

    # MASTER

    def _periodic_advert(self, now: float) -> list[Effect]:
        """The next advert is due one interval after this one was, not after now: no drift."""
        interval_s = self.settings.advert_int_s
        at = self.deadlines.advert or now
        if self._was_given_up(now - at + interval_s):
            reason = f"this process stood still for {now - at:.2f} s, and others have taken over"
            return self.give_way(reason, now, release=False)
        self.deadlines.advert = at + interval_s if at + interval_s > now else now + interval_s
        return self._advert(self.priority)

    def _was_given_up(self, silence_s: float) -> bool:
        """timer_expired_backup: a peer with that priority has taken over from a master that stood still."""
        other = self.settings.timer_expired_backup
        return other is not None and silence_s > self.election.master_down_of_s(other)

    def _master_heard(self, peer: Peer, now: float) -> list[Effect]:
        if peer.priority == RELEASE:
            return self._assert_mastership(now)
        if self.election.beats_us(peer):
            return self._yield_to(peer, now)
        return self._answer_loser(peer, now)

    def _assert_mastership(self, now: float) -> list[Effect]:
        self.deadlines.advert = self.beat.next(self, now)
        return self._advert(self.priority)

    def _answer_loser(self, peer: Peer, now: float) -> list[Effect]:
        """A second master that must give way: tell it, and tell the neighbours who we are."""
        effects = [] if self.settings.lower_prio_no_advert else self._assert_mastership(now)
        self.election.contested_by(peer, self.since)
        announced = self.announcer.answer_loser(now) if self.holds_addresses else None
        if announced is None:
            return effects  # they are announced when they come, or when the interval is over
        heard = f"advert of lower priority {peer.priority} from {peer.address}, ours {self.priority}"
        return [
            *effects,
            *announced,
            Log("info", f"({self.settings.name}) {heard}"),
            *self._notify("MASTER_RX_LOWER_PRI"),
        ]

    def _yield_to(self, peer: Peer, now: float) -> list[Effect]:
        """One last advert makes the winner announce again: that heals what a split left behind."""
        effects = self._drop()
        if self.settings.higher_prio_send_advert:
            effects += self._advert(self.priority)
        if self.election.yielding.is_offering:
            reason = f"given to {peer.address}, priority {peer.priority}: {self.election.yielding.why}"
        elif peer.priority > self.priority:
            reason = f"{peer.address} has higher priority {peer.priority} (ours {self.priority})"
        else:
            reason = f"{peer.address} has the same priority {peer.priority} and a higher address"
        self.election.yielding.given(now)
        self._rest()
        self._obey(peer, now)
        return effects + self._enter(State.BACKUP, reason, now) + self._notify("BACKUP")

    def give_way(self, reason: str, now: float, stand_back_s: float = 0.0, release: bool = True) -> list[Effect]:
        """Let others be master without having heard a better one, and leave them alone for ``stand_back_s``."""
        effects = self._release() if release else self._drop()
        self.election.yielding.given(now)
        self.election.forget()
        self._rest()
        if stand_back_s:
            self.election.stand_back(now + stand_back_s)
        self.deadlines.master_down = now + self.election.master_down_s
        return effects + self._enter(State.BACKUP, reason, now) + self._notify("BACKUP")

    # FAULT

    def _fail(self, now: float) -> list[Effect]:
        effects = self._release() if self.state is State.MASTER else []
        self.election.yielding.given(now)
        self._rest()
        self.election.forget()
        return effects + self._enter(State.FAULT, "; ".join(self.health.faults), now) + self._notify("FAULT")

    # What it gives away

    def give_away(self, now: float, back_off_s: float, force: bool) -> list[Effect]:
        """A master offers its addresses, or with ``force`` lets go of them; then a lower master is left alone."""
        if self.settings.is_owner:
            return [self._stays()]
        if self.state is not State.MASTER or force:
            self.election.yielding.back_off(now, back_off_s, AN_OPERATOR_ASKED)
            return self.give_way(AN_OPERATOR_ASKED, now) if self.state is State.MASTER else []
        if self.election.yielding.offered_until == inf:
            return [Log("info", f"({self.settings.name}) offers its addresses already: {self.election.yielding.why}")]
        wait_s = self.election.master_down_of_s(OFFER_PRIORITY) + self.settings.advert_int_s
        self.election.yielding.offer(now + wait_s, back_off_s, AN_OPERATOR_ASKED)
        return self._offer(now, "info", f"for {wait_s:.1f} s at most")

    def give_up(self, now: float, why: str) -> list[Effect]:
        """It cannot have one of its addresses: whoever can may have them all. Until then it serves the rest."""
        if self.settings.is_owner:
            return [self._stays()]
        if self.state is not State.MASTER:
            self.election.yielding.back_off(now, inf, why)
            return []
        self.election.yielding.offer(inf, inf, why)
        return self._offer(now, "warning", f"until somebody takes them: {why}")

    def _stays(self) -> Effect:
        return Log("warning", f"({self.settings.name}) does not yield: this node owns the addresses (priority 255)")

    def _offer(self, now: float, level: str, terms: str) -> list[Effect]:
        self.deadlines.advert = now
        text = f"({self.settings.name}) offers its addresses with priority {OFFER_PRIORITY}, {terms}"
        return [Log(level, text), *self.tell_priority()]

    def _offer_in_vain(self, now: float) -> list[Effect]:
        nobody = "nobody took the addresses that it offered: it keeps them. Does a peer live, and may it preempt?"
        return [Log("warning", f"({self.settings.name}) {nobody}"), *self.take_its_place(now)]

    def take_its_place(self, now: float) -> list[Effect]:
        """It yields no more."""
        was_offering = self.election.yielding.is_offering
        self.election.yielding.end()
        if not was_offering:
            return []
        self.deadlines.advert = now
        return self.tell_priority()

    def hold(self, now: float) -> list[Effect]:
        """The node is in maintenance: it is no master, and nothing makes it one."""
        self.is_held, self.wants_master = True, False
        return self.give_way("the node is in maintenance", now) if self.state is State.MASTER else []

    def let_go(self, now: float) -> list[Effect]:
        """Maintenance is over: it listens as if it had just begun to."""
        self.is_held = False
        if self.state is State.BACKUP:
            self.deadlines.master_down = now + self.election.master_down_s
        return self.take_its_place(now)

    # What it holds and sends

    def _take_addresses(self, now: float) -> list[Effect]:
        self.holds_addresses = True
        self.deadlines.addresses = None
        return [*holdings.take(self.settings), *self.announcer.taken(now), *self._notify("MASTER")]

    def _drop(self) -> list[Effect]:
        held, self.holds_addresses, self.refused = self.holds_addresses, False, frozenset()
        return holdings.drop(self.settings) if held else []

    def _release(self) -> list[Effect]:
        return [*self._advert(RELEASE), *self._drop()]

    def _rest(self) -> None:
        """No timer runs, nothing is wanted."""
        self.deadlines = Deadlines()
        self.announcer.cancel()
        self.wants_master = False

    def _advert(self, priority: int) -> list[Effect]:
        return self.voice.advert(self.address, priority)

    def _forget_prepared(self) -> None:
        self.voice.forget()
        self._usual = None

    # Telling people

    def _enter(self, state: State, reason: str, now: float) -> list[Effect]:
        before, self.state = self.state, state
        if (before, state) not in TRANSITIONS:
            raise ValueError(f"({self.settings.name}) {before} may not become {state}: {reason}")
        self.since, self.reason, self._usual = now, reason, None
        if state is State.MASTER:
            self.counters["became_master"] += 1
            self.election.won()
            self.beat.join(self)
        elif before is State.MASTER:
            self.counters["released_master"] += 1
            self.beat.leave(self)
        return [RecordTransition(self.settings.name, before.value, state.value, self.priority, reason)]

    def _notify(self, state: str) -> list[Effect]:
        return self.settings.audience.tell(state, self.priority)

    def tell_again(self) -> list[Effect]:
        """The pipes alone, for who reads them from now on."""
        return self.settings.audience.tell_again(self.state.value, self.priority)

    def tell_priority(self) -> list[Effect]:
        """The effective priority changed."""
        if not self.settings.audience.priority_changes or not self.is_running:
            return []
        return self._notify(f"{self.state.value}_PRIORITY")
