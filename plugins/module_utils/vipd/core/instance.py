# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state machine of one instance: who is master, and what that node does about it.

Every method takes the time and returns effects; the only memory is in the fields. It never looks
at other instances (``router.py`` does) and never weighs what is tracked (``tracking.py`` does).
Source: RFC 3768 section 6.4; keepalived's order of actions where the RFC leaves it open.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Optional

from ..config.model import OWNER_PRIORITY, Address, Command, VirtualAddress, VrrpInstance
from ..wire.vrrp import ReceivedAdvert
from .advert import RELEASE, message
from .effects import (
    AddAddresses,
    AnnounceAddresses,
    Effect,
    Log,
    RecordTransition,
    RemoveAddresses,
    RunNotify,
    SendAdvert,
)
from .receive import Refusal, refusal
from .settings import Settings
from .timers import HANDOVER_GAP_S, master_down_s, skew_s
from .tracking import Health
from .transitions import TRANSITIONS, State

# The source of an advert before the interface has an address: nothing is sent then.
NOWHERE: dict[int, Address] = {4: IPv4Address(0), 6: IPv6Address(0)}


@dataclass(frozen=True)
class Peer:
    """The last sender of an advert of one kind, and when it was heard."""

    address: Address
    priority: int
    heard_at: float


@dataclass
class Deadlines:
    """When something is due; None when nothing is. Timers are data."""

    advert: Optional[float] = None
    master_down: Optional[float] = None
    addresses: Optional[float] = None
    announce_again: Optional[float] = None
    answer: Optional[float] = None
    refresh: Optional[float] = None

    def next(self) -> Optional[float]:
        armed = [at for at in vars(self).values() if at is not None]
        return min(armed, default=None)


class Instance:
    """One ``vrrp_instance`` of this node."""

    def __init__(self, config: VrrpInstance, settings: Settings, now: float) -> None:
        self.config = config
        self.settings = settings
        self.state = State.INIT
        self.since = now
        self.reason = "starting"
        self.health = Health(priority=config.priority, address=None)
        self.address = NOWHERE[settings.family]
        self.deadlines = Deadlines()
        self.master: Optional[Peer] = None
        self.rival: Optional[Peer] = None
        self.holds_addresses = False
        self._again_repeat = 0
        self._answered_at: Optional[float] = None

    # What happened

    def assess(self, health: Health, now: float) -> list[Effect]:
        """Tracking was weighed anew."""
        before, self.health = self.health, health
        self.address = health.address or self.address  # a master whose address went still says goodbye from it
        if self.deadlines.master_down is not None:
            self.deadlines.master_down += skew_s(health.priority) - skew_s(before.priority)
        if health.faults:
            return self._fail(now) if self.state is not State.FAULT else []
        if self.state in (State.INIT, State.FAULT) and not health.undecided:
            return self._listen(now)
        return []

    def advert_received(self, received: ReceivedAdvert, now: float) -> list[Effect]:
        """An advert that counts (:meth:`refusal` found nothing)."""
        peer = Peer(received.source, received.advert.priority, now)
        return self._backup_heard(peer, now) if self.state is State.BACKUP else self._master_heard(peer, now)

    def address_removed(self, address: Address, now: float) -> list[Effect]:
        """Another program took off a VIP that we hold: give up the rest, and let the election say who takes all."""
        effects = self._release()
        self.master = self.rival = None
        self.deadlines = Deadlines(master_down=now + skew_s(self.priority))
        reason = f"another program removed {address}"
        return effects + self._enter(State.BACKUP, reason, now) + self._notify("BACKUP")

    def deadline_reached(self, now: float) -> list[Effect]:
        """Do everything that is due."""
        effects: list[Effect] = []
        due = self._due
        if due(self.deadlines.master_down, now):
            effects += self._take_over(now)
        if due(self.deadlines.advert, now):
            effects += self._periodic_advert(now)
        if due(self.deadlines.addresses, now):
            effects += self._take_addresses(now)
        if due(self.deadlines.announce_again, now):
            self.deadlines.announce_again = None
            effects += self._announce(self._again_repeat)
        if due(self.deadlines.answer, now):
            self.deadlines.answer, self._answered_at = None, now
            effects += self._announce(self.settings.garp.lower_prio_repeat)
        if due(self.deadlines.refresh, now):
            self.deadlines.refresh = now + self.settings.garp.master_refresh_s
            effects += self._announce(self.settings.garp.master_refresh_repeat)
        return effects

    def stop(self, now: float, reason: str, notify: str = "STOP") -> list[Effect]:
        """Leave for good; a master tells its peers with priority 0."""
        effects = self._release() if self.state is State.MASTER else []
        self.deadlines = Deadlines()
        return effects + self._enter(State.STOP, reason, now) + self._notify(notify)

    def reconfigure(self, config: VrrpInstance, settings: Settings, now: float) -> list[Effect]:
        """A reload: the state stays, and so does every VIP that is in both configurations."""
        before, self.config, self.settings = self.config, config, settings
        if self.state is State.BACKUP and config.advert_int_s != before.advert_int_s:
            self.deadlines.master_down = now + self.master_down_s
        if self.state is not State.MASTER or config == before:
            return []
        self.deadlines.advert = now  # at once, with the priority that the new configuration gives
        if not self.holds_addresses:
            return []
        return self._exchange_addresses(before.virtual_ipaddress, config.virtual_ipaddress)

    # What is so

    def refusal(self, received: ReceivedAdvert) -> Optional[Refusal]:
        """Why this advert must be discarded here and now; None when it counts."""
        refused = refusal(self.settings, received)
        if refused is None and received.source == self.address:
            return Refusal.OWN_ADDRESS
        if refused is None and self.state not in (State.BACKUP, State.MASTER):
            return Refusal.NOT_LISTENING
        return refused

    @property
    def priority(self) -> int:
        return self.health.priority

    @property
    def master_down_s(self) -> float:
        return master_down_s(self.priority, self.config.advert_int_s)

    @staticmethod
    def _due(deadline: Optional[float], now: float) -> bool:
        return deadline is not None and deadline <= now

    def _preempts(self) -> bool:
        return not self.config.nopreempt or self.priority == OWNER_PRIORITY

    def _beats_us(self, peer: Peer) -> bool:
        """Higher priority wins; on a tie the higher address (RFC 3768 section 6.4.3)."""
        return (peer.priority, peer.address) > (self.priority, self.address)

    def _replaces_living_master(self, now: float) -> bool:
        return self.rival is not None and now - self.rival.heard_at < self.master_down_s

    # BACKUP

    def _listen(self, now: float) -> list[Effect]:
        self.deadlines = Deadlines(master_down=now if self.priority == OWNER_PRIORITY else now + self.master_down_s)
        reason = "started" if self.state is State.INIT else "all that was wrong is good again"
        return self._enter(State.BACKUP, reason, now) + self._notify("BACKUP")

    def _backup_heard(self, peer: Peer, now: float) -> list[Effect]:
        if peer.priority == RELEASE:
            self.master = peer
            if self.rival is not None and self.rival.address == peer.address:
                self.rival = None  # it has let go: nobody is left to wait for
            self.deadlines.master_down = now + skew_s(self.priority)
        elif peer.priority < self.priority and self._preempts():
            self.rival = peer  # discarded: the timer runs on, and we preempt when it ends
        else:
            self.master = peer
            self.deadlines.master_down = now + self.master_down_s
        return []

    def _take_over(self, now: float) -> list[Effect]:
        reason = self._take_over_reason(now)
        self.deadlines = Deadlines(advert=now + self.config.advert_int_s)
        effects: list[Effect] = [self._advert(self.priority)]
        if self._replaces_living_master(now):
            self.deadlines.addresses = now + HANDOVER_GAP_S
        else:
            effects += self._take_addresses(now)
        return effects + self._enter(State.MASTER, reason, now)

    def _take_over_reason(self, now: float) -> str:
        if self.priority == OWNER_PRIORITY:
            return "this node owns the addresses (priority 255)"
        if self._replaces_living_master(now) and self.rival:
            return f"preempting {self.rival.address}, priority {self.rival.priority} (ours {self.priority})"
        if self.master and self.master.priority == RELEASE:
            return f"{self.master.address} released the addresses"
        if self.master:
            return f"no advert from {self.master.address} for {now - self.master.heard_at:.2f} s"
        return f"no advert from anybody for {now - self.since:.2f} s"

    # MASTER

    def _periodic_advert(self, now: float) -> list[Effect]:
        """The next advert is due one interval after this one was, not after now: no drift."""
        interval_s = self.config.advert_int_s
        due = self.deadlines.advert or now
        self.deadlines.advert = due + interval_s if due + interval_s > now else now + interval_s
        return [self._advert(self.priority)]

    def _master_heard(self, peer: Peer, now: float) -> list[Effect]:
        if peer.priority == RELEASE:
            return self._assert_mastership(now)
        if self._beats_us(peer):
            return self._yield_to(peer, now)
        return self._answer_loser(peer, now)

    def _assert_mastership(self, now: float) -> list[Effect]:
        self.deadlines.advert = now + self.config.advert_int_s
        return [self._advert(self.priority)]

    def _answer_loser(self, peer: Peer, now: float) -> list[Effect]:
        """A second master that must give way: tell it, and tell the neighbours who we are.

        Such announcements are held to one set an interval, whatever the other side sends. One that would come too soon
        is made up for when the interval is over: the other side may have announced itself after our last one.
        """
        effects = self._assert_mastership(now)
        self.rival = peer
        if not self.holds_addresses:
            return effects  # they are announced when they come
        if self._answered_at is not None and now - self._answered_at < self.config.advert_int_s:
            self.deadlines.answer = self._answered_at + self.config.advert_int_s
            return effects
        self._answered_at = now
        self._again_repeat = self.settings.garp.lower_prio_repeat
        self.deadlines.announce_again = now + self.settings.garp.lower_prio_delay_s
        heard = f"advert of lower priority {peer.priority} from {peer.address}, ours {self.priority}"
        return [
            *effects,
            *self._announce(self.settings.garp.lower_prio_repeat),
            Log("info", f"({self.config.name}) {heard}"),
        ]

    def _yield_to(self, peer: Peer, now: float) -> list[Effect]:
        """One last advert makes the winner announce again: that heals what a split left behind."""
        effects = [*self._drop_addresses(), self._advert(self.priority)]
        self.master = peer
        self.deadlines = Deadlines(master_down=now + self.master_down_s)
        if peer.priority > self.priority:
            reason = f"{peer.address} has higher priority {peer.priority} (ours {self.priority})"
        else:
            reason = f"{peer.address} has the same priority {peer.priority} and a higher address"
        return effects + self._enter(State.BACKUP, reason, now) + self._notify("BACKUP")

    # FAULT

    def _fail(self, now: float) -> list[Effect]:
        effects = self._release() if self.state is State.MASTER else []
        self.deadlines = Deadlines()
        self.master = self.rival = None
        return effects + self._enter(State.FAULT, "; ".join(self.health.faults), now) + self._notify("FAULT")

    # Addresses and adverts

    def _take_addresses(self, now: float) -> list[Effect]:
        self.holds_addresses = True
        self.deadlines.addresses = None
        self._again_repeat = self.settings.garp.master_repeat
        if self.settings.garp.master_delay_s:
            self.deadlines.announce_again = now + self.settings.garp.master_delay_s
        if self.settings.garp.master_refresh_s:
            self.deadlines.refresh = now + self.settings.garp.master_refresh_s
        add = AddAddresses(self.config.interface, self.config.virtual_ipaddress)
        return [add, *self._announce(self.settings.garp.master_repeat), *self._notify("MASTER")]

    def _exchange_addresses(
        self, before: tuple[VirtualAddress, ...], after: tuple[VirtualAddress, ...]
    ) -> list[Effect]:
        gone = tuple(vip for vip in before if vip not in after)
        new = tuple(vip for vip in after if vip not in before)
        interface = self.config.interface
        effects: list[Effect] = [RemoveAddresses(interface, gone)] if gone else []
        if new:
            effects += [
                AddAddresses(interface, new),
                AnnounceAddresses(interface, new, self.settings.garp.master_repeat),
            ]
        return effects

    def _drop_addresses(self) -> list[Effect]:
        held, self.holds_addresses = self.holds_addresses, False
        return [RemoveAddresses(self.config.interface, self.config.virtual_ipaddress)] if held else []

    def _release(self) -> list[Effect]:
        return [self._advert(RELEASE), *self._drop_addresses()]

    def _announce(self, repeat: int) -> list[Effect]:
        if not repeat:
            return []
        return [AnnounceAddresses(self.config.interface, self.config.virtual_ipaddress, repeat)]

    def _advert(self, priority: int) -> SendAdvert:
        return message(self.settings, self.address, priority)

    # Telling people

    def _enter(self, state: State, reason: str, now: float) -> list[Effect]:
        before, self.state = self.state, state
        if (before, state) not in TRANSITIONS:
            raise ValueError(f"({self.config.name}) {before} may not become {state}: {reason}")
        self.since, self.reason = now, reason
        return [RecordTransition(self.config.name, before.value, state.value, self.priority, reason)]

    def _notify(self, state: str) -> list[Effect]:
        """First the state's own command, then the general one, as keepalived does."""
        config = self.config
        own = getattr(config.notify, state.lower())
        commands = [own] if own else []
        if config.notify.any:
            told = ("INSTANCE", config.name, state, str(self.priority))
            commands.append(Command(config.notify.any.argv + told, config.notify.any.user))
        return [RunNotify(config.name, state, tuple(commands))] if commands else []
