# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All virtual servers of a node: events in, effects out, reload. No socket, no clock, no randomness of its own.

``handle(event, now)`` returns what is to be done, ``next_deadline()`` when to come back with DeadlineReached,
``snapshot()`` what ``vipctl`` shows. The table is applied as a whole: who carries it out looks for the difference. What
checks say is gathered up to the next deadline, which is now: a thousand that fail together cost one table.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional

from ..config import lvs_defaults
from ..config.checkers import BfdCheck, HttpGet
from ..config.lvs import AnyChecker, RealServer, VirtualServer
from ..config.lvs_services import Groups, ServiceKey, title
from ..config.model import Config
from ..config.network import Address
from .checking import START_S, Checking
from .effects import ApplyTable, CancelCheck, Effect, Probe, StartCheck
from .events import (
    AddressesChanged,
    AdminState,
    AdminStateChanged,
    CheckFinished,
    ConfigLoaded,
    DeadlineReached,
    Event,
    StopRequested,
)
from .real_server import RAMP_STEPS, Serving
from .table import Service
from .virtual_server import Balancing


class Director:
    """``jitter`` gives numbers from 0 to 1: how checks are spread over their warmup."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._balancing: dict[str, Balancing] = {}
        self._checks: dict[int, Checking] = {}
        self._home: dict[int, Balancing] = {}
        self._timers: list[tuple[float, int]] = []
        self._admin: dict[str, AdminState] = {}
        self._table: dict[ServiceKey, Service] = {}
        self._unsettled: dict[str, Balancing] = {}
        self._addresses: frozenset[Address] = frozenset()
        self._ramps: list[tuple[float, int, Serving, Balancing]] = []
        self._ramp_step_s = 0.0
        self._count = 0

    def handle(self, event: Event, now: float) -> list[Effect]:
        if isinstance(event, ConfigLoaded):
            return list(self._load(event.config, now))
        if isinstance(event, CheckFinished):
            self._finished(event, now)
            return []
        if isinstance(event, AdminStateChanged):
            return list(self._administer(event, now))
        if isinstance(event, AddressesChanged):
            self._move(event.addresses, now)
            return []
        if isinstance(event, DeadlineReached):
            self._climb(now)
            return [*self._settle_gathered(now), *self._start_due(now)]
        return list(self._stop(event))

    def next_deadline(self) -> Optional[float]:
        if self._unsettled:
            return 0.0
        return min((timers[0][0] for timers in (self._timers, self._ramps) if timers), default=None)

    def snapshot(self) -> dict[str, Any]:
        return {"virtual_servers": [balancing.snapshot() for balancing in self._balancing.values()]}

    @property
    def wishes(self) -> Mapping[str, AdminState]:
        """What operators want, the latest last."""
        return self._admin

    def names(self) -> set[str]:
        """What an operator may call the real servers that there are."""
        return {name for balancing in self._balancing.values() for one in balancing.serving for name in names(one)}

    # Checks

    def _start_due(self, now: float) -> Iterator[Effect]:
        while self._timers and self._timers[0][0] <= now:
            due, number = heapq.heappop(self._timers)
            check = self._checks.get(number)
            if check is None or check.due != due:
                continue
            if self._home[number].suspended(self._addresses):
                check.due = now + check.probe.timing.delay_loop_s
                self._schedule(check)
            else:
                yield StartCheck(number, check.begins(), check.step, due)

    def _finished(self, event: CheckFinished, now: float) -> None:
        check = self._checks.get(event.check)
        if check is None:
            return
        before = check.up, check.weight
        check.finished(event.success, event.detail, event.weight, now)
        self._schedule(check)
        if (check.up, check.weight) != before:
            home = self._home[event.check]
            self._unsettled[str(home)] = home

    def _settle_gathered(self, now: float) -> Iterator[Effect]:
        changed, self._unsettled = self._unsettled, {}
        if changed:
            yield from self._settle(now, *changed.values())

    def _move(self, addresses: frozenset[Address], now: float) -> None:
        """What was suspended, and is not any more, is looked at soon."""
        before, self._addresses = self._addresses, addresses
        for number, check in self._checks.items():
            home = self._home[number]
            if check.due is not None and home.suspended(before) and not home.suspended(addresses):
                check.due = min(check.due, now + START_S)
                self._schedule(check)

    def _schedule(self, check: Checking) -> None:
        if check.due is not None:
            heapq.heappush(self._timers, (check.due, check.number))

    # What follows

    def _settle(self, now: float, *changed: Balancing) -> Iterator[Effect]:
        """Tell what changed, and apply the table if it did."""
        for balancing in changed if self._ramp_step_s else ():
            for one in balancing.serving:
                if one.alive and not one.was_alive:
                    one.ramp = None
                    one.climb(self._ramp_step_s, now)
                    self._ramp(one, balancing)
        told = [effect for balancing in changed for effect in balancing.settle()]
        table = {**self._table}
        for balancing in changed:
            table.update(balancing.services())
        if table != self._table:
            owned = frozenset(self._table)
            self._table = table
            yield ApplyTable(table, owned)
        yield from told

    def _administer(self, event: AdminStateChanged, now: float) -> Iterator[Effect]:
        self._admin.pop(event.real_server, None)  # the latest is last
        self._admin[event.real_server] = event.state
        changed = []
        for balancing in self._balancing.values():
            chosen = [one for one in balancing.serving if event.real_server in names(one)]
            for one in chosen:
                one.admin = event.state
            if chosen:
                changed.append(balancing)
        yield from self._settle(now, *changed)

    def _climb(self, now: float) -> None:
        """Every slow start whose next step is due."""
        while self._ramps and self._ramps[0][0] <= now:
            due, _number, one, home = heapq.heappop(self._ramps)
            if one.climbs_at == due:  # it has not failed, and begun anew, meanwhile
                one.climb(self._ramp_step_s, now)
                self._ramp(one, home)
                self._unsettled[str(home)] = home

    def _ramp(self, one: Serving, home: Balancing) -> None:
        if one.climbs_at is not None:
            self._count += 1  # so that no two entries compare further than that
            heapq.heappush(self._ramps, (one.climbs_at, self._count, one, home))

    def _stop(self, event: StopRequested) -> Iterator[Effect]:
        """Nothing that a check has just said, or says yet, may put the services back."""
        for number in self._checks:
            yield CancelCheck(number)
        self._checks.clear()
        self._timers.clear()
        self._ramps.clear()
        self._unsettled.clear()
        for balancing in self._balancing.values():
            yield from balancing.stop()
        if event.release and self._table:
            owned = frozenset(self._table)
            self._table = {}
            yield ApplyTable({}, owned)

    # Configuration

    def _load(self, config: Config, now: float) -> Iterator[Effect]:
        """What did not change goes on as it is: its checks, their results, the quorum, and what operators want."""
        before, checks_before, unsettled = self._balancing, self._checks, self._unsettled
        self._balancing, self._checks, self._home, self._unsettled, self._ramps = {}, {}, {}, {}, []
        step_before_s, self._ramp_step_s = self._ramp_step_s, (config.global_defs.lvs.slow_start_s or 0) / RAMP_STEPS
        groups = {group.name: group for group in config.lvs.groups}
        table: dict[ServiceKey, Service] = {}
        changed = []
        for server in config.lvs.virtual_servers:
            old = before.get(title(server))
            goes_on = old if old and self._ramp_step_s == step_before_s and old.serves(server, groups) else None
            balancing = goes_on or self._balance(server, groups, old, now)
            self._enrol(balancing)
            if goes_on is None or str(balancing) in unsettled:
                changed.append(balancing)
                table.update(balancing.services())
            else:
                table.update(balancing.served)
        yield from (CancelCheck(number) for number in checks_before.keys() - self._checks.keys())
        owned = frozenset(self._table)
        self._table = table
        yield ApplyTable(table, owned)
        yield from self._tell_who_left(before)
        yield from self._tell_who_came(before, config.global_defs.lvs.rs_init_notifies)
        yield from self._settle(now, *changed)

    def _tell_who_left(self, before: Mapping[str, Balancing]) -> Iterator[Effect]:
        """As if it had failed."""
        for name, old in before.items():
            new = self._balancing.get(name)
            if new is None:
                yield from old.leave()
            elif new is not old:
                yield from old.let_go(_only_in(old, new))

    def _tell_who_came(self, before: Mapping[str, Balancing], of_servers: bool) -> Iterator[Effect]:
        """The same whether it came at the start or by a reload. ``of_servers``: ``rs_init_notifies``."""
        for name, new in self._balancing.items():
            old = before.get(name)
            if of_servers and new is not old:
                yield from new.welcome(_only_in(new, old) if old else new.serving)
            if old is None:
                yield from new.begin()

    def _balance(self, server: VirtualServer, groups: Groups, old: Optional[Balancing], now: float) -> Balancing:
        """``old``: the one of that name before a reload."""
        twins = {one.real.endpoint: one for one in reversed(old.serving)} if old else {}
        serving = [self._serve(server, real, twins.get(real.endpoint), now) for real in server.real_servers]
        starts_quorate = not any(one.checks for one in serving) or not server.timing.alpha
        return Balancing(server, groups, serving, old.quorate if old else starts_quorate)

    def _enrol(self, balancing: Balancing) -> None:
        self._balancing[str(balancing)] = balancing
        for one in balancing.serving:
            self._ramp(one, balancing)
            for check in one.checks:
                self._checks[check.number] = check
                self._home[check.number] = balancing

    def _serve(self, server: VirtualServer, real: RealServer, twin: Optional[Serving], now: float) -> Serving:
        """``twin``: the same one before a reload."""
        spare = list(twin.checks) if twin else []
        checks = [self._checking(probe, spare, now) for probe in _probes(server, real)]
        serving = Serving(server, real, checks)
        wanted = [state for name, state in self._admin.items() if name in names(serving)]
        serving.admin = wanted[-1] if wanted else AdminState.UP
        serving.was_alive = twin.was_alive if twin else serving.alive
        if twin and self._ramp_step_s:
            serving.ramp, serving.climbs_at = twin.ramp, twin.climbs_at
        return serving

    def _checking(self, probe: Probe, spare: list[Checking], now: float) -> Checking:
        """The one that asked this before, or a new one."""
        check = next((one for one in spare if one.asks(probe)), None)
        if check is not None:
            spare.remove(check)
            check.goes_on(probe, now, self._jitter())
        else:
            self._count += 1
            check = Checking(self._count, probe, now, self._jitter())
        self._schedule(check)
        return check


def _only_in(balancing: Balancing, other: Balancing) -> Iterator[Serving]:
    """The real servers that ``other`` lacks."""
    of_both = {one.real.endpoint for one in other.serving}
    return (one for one in balancing.serving if one.real.endpoint not in of_both)


def names(one: Serving) -> tuple[str, str]:
    """What an operator may call a real server."""
    return str(one.real.endpoint.address), str(one)


def _probes(server: VirtualServer, real: RealServer) -> Iterator[Probe]:
    endpoint = type(real.endpoint)(real.endpoint.address, lvs_defaults.port(server, real))
    for checker in real.checkers:
        if isinstance(checker, BfdCheck):
            continue  # there are no BFD sessions
        timing = lvs_defaults.timing(server, real, checker)
        yield Probe(checker, endpoint, timing, _virtualhost(server, real, checker), lvs_defaults.weight(server, real))


def _virtualhost(server: VirtualServer, real: RealServer, checker: AnyChecker) -> Optional[str]:
    own = checker.virtualhost if isinstance(checker, HttpGet) else None
    return own or real.virtualhost or server.virtualhost
