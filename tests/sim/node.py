# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node: the VRRP process around a real ``Router``, the worker beside it, a clock, and a kernel's address table.

``turn`` is runtime/engine.py's: what waits in the sockets first, expired deadlines after it. Effects are carried out as
runtime/interpreter.py does. The worker is a delay: links, scripts and configurations reach the core through it, and
when the VRRP process dies it releases what that held. The node keeps no opinion: ``checkers.py`` watches it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vipd.config.model import Config, Route
from vipd.core.advert import RELEASE, message
from vipd.core.effects import (
    AddAddresses,
    AddRoutes,
    AnnounceAddresses,
    Log,
    RecordTransition,
    RemoveAddresses,
    RemoveRoutes,
    RunNotify,
    SendAdvert,
)
from vipd.core.events import (
    AddressRefused,
    AddressRemoved,
    ConfigLoaded,
    DeadlineReached,
    Event,
    FileRead,
    LinkChanged,
    MaintenanceChanged,
    ProcessesCounted,
    RouteRemoved,
    ScriptFinished,
    StopRequested,
    YieldEnded,
    YieldRequested,
)
from vipd.core.router import Router
from vipd.core.settings import resolve
from vipd.core.transitions import State
from vipd.wire.address import Address

from .packet import Packet, opened, sealed
from .segment import PRIMARY, TRACKED
from .site import FILE, PROCESS, SCRIPT

if TYPE_CHECKING:
    from .world import World

# A socket's receive buffer holds about this many adverts; more are lost.
SOCKET_LIMIT = 256

# The last notify scripts get this long (runtime/engine.py).
STOP_GRACE_S = 1.5

# A deadline on the node's clock, turned into the world's time and back.
ROUNDING_S = 1e-9


class Node:
    """``number`` is that of its address; None while the interface has none."""

    def __init__(self, world: World, name: str, number: int, rate: float, booted_s: float) -> None:
        self.world, self.name = world, name
        self.number: int | None = number
        self._rate, self._booted_s = rate, booted_s
        self.router: Router | None = None
        self.config = Config()
        self.links_up = {PRIMARY: True, TRACKED: True}
        self.script_succeeds = True
        self.file_says = 0
        self.processes = 1
        self.maintenance = False
        self.stalled = self.stopping = False
        self.kernel: set[Address] = set()
        self.refuses: set[Address] = set()  # what the kernel would not take
        self.absent: set[Address] = set()  # what it did not take
        self.routes: set[Route] = set()
        self.sockets: deque[Packet | Event] = deque()
        self.woke_at = -1.0
        self._sent: dict[int, tuple[SendAdvert, list[Packet]]] = {}
        self._told: dict[str, LinkChanged] = {}
        self._refused: list[Address] = []
        self._alarm_at = float("inf")
        self._life = 0
        self._carry_out: dict[type, Callable[[Any], None]] = {
            SendAdvert: self._send_advert,
            AddAddresses: self._add_addresses,
            RemoveAddresses: self._remove_addresses,
            AnnounceAddresses: self._announce_addresses,
            AddRoutes: lambda effect: self.routes.update(effect.routes),
            RemoveRoutes: lambda effect: self.routes.difference_update(effect.routes),
            RunNotify: self._note_notify,
            RecordTransition: self._note_transition,
            Log: lambda _log: None,
        }

    # What is so

    @property
    def running(self) -> bool:
        return self.router is not None

    @property
    def able(self) -> bool:
        """It can hear and be heard, and acts on it."""
        return self.router is not None and not self.stalled and self.links_up[PRIMARY]

    def clock(self, time_s: float) -> float:
        """CLOCK_MONOTONIC of this node: another origin, and not quite the same second."""
        return self._booted_s + time_s * self._rate

    @property
    def now(self) -> float:
        return self.clock(self.world.schedule.now)

    # The life of the daemon

    def start(self) -> None:
        if self.stopping:
            self._ended(self._life)
        if self.router is not None:
            return
        self._life += 1
        self.router, self.stalled, self._alarm_at = Router(), False, float("inf")
        self.config = self.world.site.config(self.name)
        self._told = {}
        self.world.checkers.started(self)
        if self.maintenance:
            self.sockets.append(MaintenanceChanged(on=True, force=True))
        self.tell_links()
        for tell in (self.tell_script, self.tell_file, self.tell_processes):
            self.after_latency(tell)

    def stop(self) -> None:
        """In order, as systemctl stop does: the daemon lives on for a moment, until its last scripts have run."""
        if self.router is not None and not self.stalled and not self.stopping:
            self.stopping = True
            self._happen(StopRequested())
            self.world.checkers.died(self)
            self.world.schedule.after(self.world.rng.uniform(0, STOP_GRACE_S), self._ended, self._life)

    def _ended(self, life: int) -> None:
        if life == self._life and self.stopping:
            self._gone()
            self.world.checkers.died(self)

    def cut_power(self) -> None:
        self._gone()
        self._clear_kernel()
        self.world.ask_anew(self)

    def crash(self) -> None:
        """The VRRP process dies; the worker notices and releases, unless the power goes first."""
        if self.router is not None:
            self._gone()
            self.world.schedule.after(self.world.rng.uniform(0.001, 0.01), self._release, self._life)

    def _gone(self) -> None:
        self.router = None
        self.stalled = self.stopping = False
        self.sockets.clear()
        self.world.checkers.gone(self)

    def _release(self, life: int) -> None:
        """runtime/release.py: only an instance that still had a VIP says goodbye."""
        if life != self._life or self.router is not None:
            return
        source = self.world.site.speech.source(self.number) if self.number is not None else None
        for instance in self.config.instances:
            held = self.kernel & {vip.address for vip in instance.virtual_ipaddress}
            if held and source and self.links_up[PRIMARY]:
                goodbye = message(resolve(instance, self.config.global_defs), source, RELEASE)
                self.world.send(self, sealed(goodbye, self.world.site.speech.hops))
        self._clear_kernel()
        self.world.ask_anew(self)
        self.world.checkers.died(self)

    def _clear_kernel(self) -> None:
        self.kernel.clear()
        self.absent.clear()
        self.routes.clear()

    def stall(self) -> None:
        self.stalled = self.router is not None

    def wake(self) -> None:
        if self.stalled:
            self.stalled = False
            self.woke_at = self.world.schedule.now
            self.turn()

    # What the worker tells

    def after_latency(self, tell: Callable[[], None]) -> None:
        """The worker needs a moment; what it would tell a daemon that is gone by then is lost."""
        life = self._life
        self.world.schedule.after(
            self.world.rng.uniform(0.001, 0.05), lambda: tell() if life == self._life and self.running else None
        )

    def tell_links(self) -> None:
        """Only what differs from what was told before: a flap shorter than the worker's latency is not seen."""
        speech = self.world.site.speech
        links = {name: speech.link(name, up, self.number) for name, up in self.links_up.items()}
        changed = [link for name, link in links.items() if self._told.get(name) != link]
        self._told = links
        if changed:
            self.sockets.extend([*changed, ConfigLoaded(self.config)])
            self.turn()

    def tell_script(self) -> None:
        self.sockets.append(ScriptFinished(SCRIPT, self.script_succeeds, "told"))
        self.turn()

    def tell_file(self) -> None:
        self.sockets.append(FileRead(FILE, self.file_says))
        self.turn()

    def tell_processes(self) -> None:
        self.sockets.append(ProcessesCounted(PROCESS, self.processes))
        self.turn()

    def tell_maintenance(self) -> None:
        self.sockets.append(MaintenanceChanged(self.maintenance, force=True))
        self.turn()

    def tell_yield(self, asked: YieldRequested | YieldEnded) -> None:
        self.sockets.append(asked)
        self.turn()

    def tell_config(self) -> None:
        self.config = self.world.site.config(self.name)
        self.sockets.append(ConfigLoaded(self.config))
        self.turn()

    # The VRRP process

    def receive(self, packet: Packet) -> None:
        if len(self.sockets) >= SOCKET_LIMIT:
            self.world.overflowed(self)
            return
        self.sockets.append(packet)
        self.turn()

    def turn(self) -> None:
        if self.router is None or self.stalled:
            return
        self._drain()
        self._set_alarm(self._act_on_deadlines())
        self.world.checkers.settled(self)

    def _drain(self) -> None:
        while self.sockets:
            item = self.sockets.popleft()
            self._happen(opened(item) if isinstance(item, Packet) else item)

    def _act_on_deadlines(self) -> float | None:
        """Returns the next one."""
        assert self.router is not None
        now = self.now
        while (due := self.router.next_deadline()) is not None and due <= now + ROUNDING_S:
            self._happen(DeadlineReached(), max(due, now))
        return due

    def _happen(self, event: Event, now: float | None = None) -> None:
        assert self.router is not None
        self.world.checkers.about_to(self, event)
        effects = self.router.handle(event, self.now if now is None else now)
        self.world.transcript.note(self.world.schedule.now, self.name, event, effects)
        for effect in effects:
            self._carry_out[type(effect)](effect)
        if isinstance(event, ConfigLoaded):
            self.world.ask_anew(self)
        elif isinstance(event, (AddressRemoved, RouteRemoved)):
            self.world.checkers.repaired(self, event)
        refused, self._refused = self._refused, []
        for address in refused:
            self.absent.add(address)
            self._happen(AddressRefused(PRIMARY, address, "told"))

    def _set_alarm(self, due: float | None) -> None:
        """One call in the schedule is enough: when it comes too early, it asks again."""
        if due is None:
            return
        at = (due - self._booted_s) / self._rate
        if at < self._alarm_at:
            self._alarm_at = at
            self.world.schedule.at(at, self._alarm, at, self._life)

    def _alarm(self, at: float, life: int) -> None:
        if at != self._alarm_at or life != self._life:
            return
        self._alarm_at = float("inf")
        if self.router is None or self.stalled:
            return
        due = self.router.next_deadline()
        if due is not None and due <= self.now + ROUNDING_S:
            self.turn()
        else:
            self._set_alarm(due)

    # Effects

    def _send_advert(self, effect: SendAdvert) -> None:
        self.world.checkers.sent(self, effect)
        if self.links_up[PRIMARY]:
            self.world.send(self, self._packets(effect))

    def _packets(self, effect: SendAdvert) -> list[Packet]:
        """A steady master sends the same for years; comparing is cheaper than encoding, or hashing."""
        effect_before, packets = self._sent.get(effect.advert.vrid, (None, []))
        if effect != effect_before:
            packets = sealed(effect, self.world.site.speech.hops)
            self._sent[effect.advert.vrid] = (effect, packets)
        return packets

    def _add_addresses(self, effect: AddAddresses) -> None:
        addresses = {vip.address for vip in effect.addresses}
        self.absent -= addresses
        self.kernel |= addresses - self.refuses
        self._refused += sorted(addresses & self.refuses)
        self.world.answer(self)
        self.world.checkers.added(self, effect)

    def steal(self, address: Address) -> None:
        """Another program takes an address off; netlink says so."""
        self.kernel.discard(address)
        self.world.ask_anew(self)
        self.sockets.append(AddressRemoved(PRIMARY, address))
        self.turn()

    def steal_route(self, route: Route) -> None:
        self.routes.discard(route)
        self.sockets.append(RouteRemoved(route))
        self.turn()

    def _remove_addresses(self, effect: RemoveAddresses) -> None:
        addresses = {vip.address for vip in effect.addresses}
        self.kernel -= addresses
        self.absent -= addresses

    def _announce_addresses(self, effect: AnnounceAddresses) -> None:
        addresses = tuple(vip for vip in effect.addresses if vip.address not in self.absent)
        self.world.checkers.announced(self, replace(effect, addresses=addresses))
        if self.links_up[PRIMARY]:
            for vip in addresses:
                self.world.network.announce(self.name, vip.address, effect.repeat)

    def _note_notify(self, effect: RunNotify) -> None:
        self.world.checkers.notified(self, effect)

    def _note_transition(self, effect: RecordTransition) -> None:
        if effect.after in (State.FAULT, State.STOP):
            self.world.ask_anew(self)
        self.world.checkers.changed(self, effect)
