# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VRRP process: turns the world into events, and gives the core's effects to the interpreter.

One loop over epoll and one timerfd. It must never block, import asyncio, open a file
or write a log line. Sockets are drained before a timer is acted on: an advert that arrived while
this process was stalled counts before the deadline that has passed meanwhile.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Callable, Optional

from ..config.model import Address
from ..core.effects import Log, RecordTransition
from ..core.events import (
    AddressLost,
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    FileRead,
    LinkChanged,
    MaintenanceChanged,
    PacketRejected,
    ProcessesCounted,
    RouteRemoved,
    RuleRemoved,
    ScriptFinished,
    SocketsMissing,
    StopRequested,
    YieldEnded,
    YieldRequested,
)
from ..core.router import Router
from ..core.snapshot import instances, node
from ..linux import process, systemd
from ..linux.link import Link
from ..linux.removal_watch import AddressKey, Removal, identity
from ..linux.timerfd import DeadlineTimer, monotonic
from ..wire.errors import WireError
from . import snapshots
from .channel import Channel
from .collector import keep_what_there_is
from .interpreter import Interpreter
from .lateness import Lateness
from .messages import (
    DumpWanted,
    Prepared,
    Recorded,
    Refused,
    ReloadWanted,
    Retired,
    SnapshotPart,
    SnapshotTaken,
    SnapshotWanted,
    Stopped,
)
from .signals import DUMPS, HARMLESS
from .sockets import Place, Receiver

# Packets taken from one socket before timers and other sockets get their turn: more than its buffer
# holds (linux/vrrp_socket.py), so that one turn drains all that waited through a stall; no more, so
# that a flood cannot hold up the adverts for longer than some 40 ms.
PACKETS_PER_TURN = 4096

# How long the worker may take to run the last notify scripts (keepalived gives them 1 s as well).
STOP_GRACE_S = 1.5

# The worker ends its scripts first: SIGTERM, 2 s, SIGKILL, and one second for the last notify scripts; then comes a
# shutdown_script, with its own timeout.
WORKER_END_S = 6.0

# A worker that should have said something is given up after so many beats of the watchdog, each of them half of what
# systemd allows: a minute with the role's WatchdogSec. Time says nothing here: it passes for a paused machine as well.
SILENT_BEATS = 24

EXIT_OK = 0
EXIT_WORKER_DIED = 1
EXIT_REFUSED = 5  # as the command line's for a configuration that has errors


class Engine:
    """The loop. ``run`` returns the exit status of the daemon."""

    def __init__(self, channel: Channel, recording: bool = False) -> None:
        self._recording = recording
        self._channel = channel
        self._router = Router()
        self._interpreter = Interpreter(channel.send)
        self._timer = DeadlineTimer()
        self._epoll = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}
        self._watched: dict[Removal, Event] = {}
        self._receivers: dict[Receiver, int] = {}
        self._links: dict[str, Link] = {}
        self._missing: frozenset[Place] = frozenset()
        self._loaded = False
        self._running = False
        self._watched_for_writing = False
        self.worker_end_s = WORKER_END_S
        self._stopping_until: Optional[float] = None
        self._exit_status = EXIT_OK
        self._watchdog_s = systemd.watchdog_interval_s()
        self._watchdog_at: Optional[float] = None
        self._silence_s: Optional[float] = None
        self._silent_beats = 0
        self.last_words = ""
        self._lateness = Lateness()
        self._receive: dict[type, Callable[[Any], None]] = {
            Prepared: self._take_prepared,
            Refused: self._refuse,
            ScriptFinished: self._happened,
            ProcessesCounted: self._happened,
            FileRead: self._happened,
            YieldRequested: self._happened,
            YieldEnded: self._happened,
            MaintenanceChanged: self._happened,
            SnapshotWanted: self._give_snapshot,
        }

    def run(self) -> int:
        """Loop until stopped and the worker has ended."""
        self._watch(self._channel.fileno(), self._read_channel)
        self._epoll.register(self._timer.fileno(), select.EPOLLIN)  # it wakes; arming it anew is all it needs
        self._watch(self._interpreter.removals.fileno(), self._read_removals)
        with self._signals_watched():
            while not self._finished():
                self._turn()
        return self._exit_status

    def _turn(self) -> None:
        """Sleep until something is ready or due; then sockets first, deadlines after them."""
        deadline = self._next_deadline()
        self._timer.arm(deadline)
        ready = self._epoll.poll()
        self._note_lateness(deadline)
        for fileno, _mask in ready:
            reader = self._readers.get(fileno)  # an earlier reader of this turn may have closed it
            if reader is not None:
                reader()
        self._act_on_deadlines()
        self._watch_for_writing()

    def _note_lateness(self, deadline: Optional[float]) -> None:
        """Before any packet is read: an advert that waited through a stall would move the deadline, and hide it."""
        late_s = monotonic() - deadline if deadline is not None else 0.0
        if late_s > 0:
            self._lateness.note(late_s)

    def _finished(self) -> bool:
        return self._stopping_until is not None and (self._channel.closed or monotonic() >= self._stopping_until)

    # World to events

    def _happened(self, event: Event) -> None:
        now = monotonic()
        if self._recording:
            self._channel.send(Recorded(now, event))
        effects = self._router.handle(event, now)
        refused = self._interpreter.carry_out(effects)
        if any(isinstance(effect, RecordTransition) for effect in effects) or isinstance(event, MaintenanceChanged):
            systemd.notify(f"STATUS={self._router.states()}")
        for refusal in refused:
            self._happened(refusal)

    def _read_packets(self, interface: str, receiver: Receiver) -> None:
        for _packet in range(PACKETS_PER_TURN):
            try:
                received = receiver.receive()
            except WireError as error:
                self._happened(PacketRejected(interface, error.reason.value))
                continue
            if received is None:
                return
            self._happened(AdvertReceived(interface, received))

    def _read_removals(self) -> None:
        for removal in self._interpreter.removals.removals():
            self._removed(removal)
        own = self._interpreter.removals.take_own()
        if self._interpreter.removals.overrun:
            self._make_up_for_lost_notifications()
        elif own:
            self._put_back(self._interpreter.missing(self._links, own))

    def _make_up_for_lost_notifications(self) -> None:
        self._channel.send(Log("warning", "the kernel told more changes than were read: looking at all addresses"))
        self._interpreter.removals.overrun = False
        self._interpreter.put_routes_back()
        for interface, address in self._interpreter.missing(self._links):
            self._happened(AddressRemoved(interface, address))

    def _put_back(self, lost: Sequence[tuple[str, Address]]) -> None:
        """Routes after the addresses: they may need them."""
        for interface, address in lost:
            self._happened(AddressLost(interface, address))
        if lost:
            self._interpreter.put_routes_back()

    def _removed(self, removal: Removal) -> None:
        if isinstance(removal, AddressKey):
            for name in [name for name, link in self._links.items() if link.index == removal.interface_index]:
                self._happened(AddressRemoved(name, removal.address))
        elif removal in self._watched:
            self._happened(self._watched[removal])

    def _read_channel(self) -> None:
        self._silent_beats = 0
        for message in self._channel.receive():
            self._receive[type(message)](message)
            del message  # a configuration is big, and has been taken in
        if self._loaded and not self._running:
            self._started()
        if self._channel.closed:
            self._forget_worker()

    def _read_signals(self, descriptor: int) -> None:
        for number in os.read(descriptor, 64):
            if number == signal.SIGHUP:
                self._channel.send(ReloadWanted())
            elif number in (signal.SIGTERM, signal.SIGINT):
                self._stop()
            elif number in DUMPS:
                self._channel.send(DumpWanted(DUMPS[number], self._snapshot()))
            elif number in HARMLESS:
                self._channel.send(Log("info", f"signal {number} has no meaning to vipd: ask vipctl status instead"))

    def _forget_worker(self) -> None:
        """Without a worker nothing is checked any more: give way, and let systemd start afresh."""
        del self._readers[self._channel.fileno()]
        self._epoll.unregister(self._channel.fileno())
        if self._stopping_until is None:
            self._exit_status = EXIT_WORKER_DIED
            self._stop()

    # Deadlines

    def _next_deadline(self) -> Optional[float]:
        deadlines = (self._router.next_deadline(), self._watchdog_at, self._stopping_until)
        return min((at for at in deadlines if at is not None), default=None)

    def _act_on_deadlines(self) -> None:
        now = monotonic()
        due = self._router.next_deadline()
        if due is not None and due <= now:
            self._happened(DeadlineReached())
        if self._watchdog_at is not None and self._watchdog_at <= now:
            self._feed_watchdog(now)

    def _feed_watchdog(self, now: float) -> None:
        """Twice in each interval that systemd allows, as sd_watchdog_enabled(3) advises."""
        if self._watchdog_s is not None:
            systemd.notify("WATCHDOG=1")
            beat_s = self._watchdog_s / 2
            self._watchdog_at = now + beat_s
            self._miss_worker(beat_s)

    def _miss_worker(self, beat_s: float) -> None:
        """One that lives and does nothing is as bad as a dead one; only that it will not write this to the log."""
        self._silent_beats += 1
        if self._silence_s is None or self._silent_beats <= SILENT_BEATS + self._silence_s / beat_s:
            return
        if self._stopping_until is None:
            self.last_words = f"the worker said nothing for {self._silent_beats * beat_s:.0f} s, its checks stand still"
            self._exit_status = EXIT_WORKER_DIED
            self._stop()

    # What the worker says

    def _take_prepared(self, prepared: Prepared) -> None:
        """A configuration, or links that changed: sockets first, then what the core makes of it.

        Links that are gone come last: an instance that the new configuration leaves out must end as left out, on an
        interface that is still there. What an interface that came, or was made anew, should have and has not is put on
        it: a master may hold addresses on others than its own.
        """
        node = prepared.config.global_defs
        self.worker_end_s = WORKER_END_S + (node.shutdown_script_timeout_s if node.shutdown_script else 0.0)
        self._silence_s = prepared.silence_s
        self._interpreter.prepare(prepared)
        self._watch_routes(prepared)
        self._watch_vrrp_sockets()
        new = {name for name, link in prepared.links.items() if _is_another(link, self._links.get(name))}
        absent = self._interpreter.absent(new)
        if self._interpreter.sockets.missing != self._missing:
            self._missing = self._interpreter.sockets.missing
            self._happened(SocketsMissing(self._missing))
        for name, link in sorted(prepared.links.items()):
            if link != self._links.get(name):
                self._happened(LinkChanged(name, link.up, link.address, link.link_local, link.addresses))
        self._happened(ConfigLoaded(prepared.config))
        if self._loaded:
            self._furnish(prepared, new, absent)
        for name in sorted(self._links.keys() - prepared.links.keys()):
            self._happened(LinkChanged(name, up=False, address=None))
        self._links = dict(prepared.links)
        self._interpreter.retire(prepared)
        self._watch_vrrp_sockets()
        self._channel.send(Retired())
        self._loaded = True

    def _furnish(self, prepared: Prepared, new: set[str], absent: Sequence[tuple[str, Address]]) -> None:
        """Put on the interfaces that are ``new``, or up again, what is held there and is not there."""
        missing = self._interpreter.missing({name: prepared.links[name] for name in new})
        self._put_back(sorted({*absent, *missing}, key=str))
        if any(link.up and not _was_up(self._links.get(name)) for name, link in prepared.links.items()):
            self._interpreter.put_routes_back()

    def _refuse(self, _refused: Refused) -> None:
        self._exit_status = EXIT_REFUSED
        self._stop()

    def _watch_routes(self, prepared: Prepared) -> None:
        self._watched = _identities(prepared)
        self._interpreter.removals.subscribe(routes=bool(prepared.routes), rules=bool(prepared.rules))

    def _started(self) -> None:
        """Ready. From here on nothing big is allocated: the collector would only add pauses."""
        self._running = True
        keep_what_there_is()
        process.give_back_memory()
        refused = process.lock_memory()
        if refused is not None:
            self._channel.send(Log("info", refused))
        systemd.notify(f"READY=1\nMAINPID={os.getpid()}")
        self._feed_watchdog(monotonic())

    def _give_snapshot(self, _wanted: SnapshotWanted) -> None:
        self._channel.send(SnapshotTaken(self._snapshot()))

    def _snapshot(self) -> Mapping[str, Any]:
        """What there is to know; the instances are sent here, before it."""
        for part in snapshots.packed(instances(self._router, monotonic())):
            self._channel.send(SnapshotPart(part))
        return {**node(self._router), "lateness": self._lateness.snapshot(), "dropped_messages": self._channel.dropped}

    # The end

    def _stop(self) -> None:
        if self._stopping_until is not None:
            return
        systemd.notify(f"STOPPING=1\nEXTEND_TIMEOUT_USEC={round(1e6 * (STOP_GRACE_S + self.worker_end_s))}")
        self._happened(StopRequested())
        self._stopping_until = monotonic() + STOP_GRACE_S
        self._channel.send(Stopped())

    # Descriptors and signals

    def _watch(self, fileno: int, reader: Callable[[], None]) -> None:
        self._epoll.register(fileno, select.EPOLLIN)
        self._readers[fileno] = reader

    def _watch_vrrp_sockets(self) -> None:
        """A closed socket has left epoll by itself, and its number may already be a new one's."""
        receivers = self._interpreter.sockets.receivers
        for receiver in self._receivers.keys() - receivers.keys():
            del self._readers[self._receivers.pop(receiver)]
        for receiver in receivers.keys() - self._receivers.keys():
            self._watch_receiver(receiver, receivers[receiver])

    def _watch_receiver(self, receiver: Receiver, interface: str) -> None:
        self._receivers[receiver] = receiver.fileno()
        self._watch(receiver.fileno(), lambda: self._read_packets(interface, receiver))

    def _watch_for_writing(self) -> None:
        self._channel.flush()
        wanted = self._channel.has_unsent
        if wanted is not self._watched_for_writing and not self._channel.closed:
            self._watched_for_writing = wanted
            self._epoll.modify(self._channel.fileno(), select.EPOLLIN | (select.EPOLLOUT if wanted else 0))

    @contextmanager
    def _signals_watched(self) -> Iterator[None]:
        """Signals become readable bytes, so that they are handled between events, never inside one."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._watch(reading, lambda: self._read_signals(reading))
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, *DUMPS, *HARMLESS):
            signal.signal(number, _noted)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            os.close(writing)
            os.close(reading)


def _identities(prepared: Prepared) -> dict[Removal, Event]:
    """What it means when one of them is removed."""
    watched: dict[Removal, Event] = {}
    for route, item in prepared.routes.items():
        watched[identity(item.delete)] = RouteRemoved(route)
    for rule, item in prepared.rules.items():
        watched[identity(item.delete)] = RuleRemoved(rule)
    return watched


def _is_another(link: Link, before: Optional[Link]) -> bool:
    """Whether nothing that was put on the one before is on it."""
    return before is None or before.index != link.index


def _was_up(before: Optional[Link]) -> bool:
    return before is not None and before.up


def _noted(_number: int, _frame: Optional[FrameType]) -> None:
    """A handler must exist for the wakeup descriptor to be written."""
