# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director without a kernel: time is a number, checks end as the test says, the table is what was applied last."""

from __future__ import annotations

from vipd.config.parse import parse
from vipd.director.director import Director
from vipd.director.effects import Announce, ApplyTable, CancelCheck, Effect, Log, RunScript, StartCheck
from vipd.director.events import (
    AdminState,
    AdminStateChanged,
    CheckFinished,
    ConfigLoaded,
    DeadlineReached,
    Event,
    StopRequested,
)


class Site:
    """``loaded`` at time 0. Checks that run are kept by the server's address."""

    def __init__(self, text: str, jitter: float = 0.0, own: str = "") -> None:
        self.director = Director(lambda: jitter)
        self.now = 0.0
        self.running: dict[str, StartCheck] = {}
        self.applied = 0
        self.applied_last: ApplyTable | None = None
        self.scripts: list[str] = []
        self.log: list[str] = []
        self.announced: list[str] = []
        self.table: dict[str, dict[str, int]] = {}
        self.load(text, own)

    def load(self, text: str, own: str = "") -> None:
        """``own``: what vipd's own file says."""
        parsed = parse(text, extensions=own)
        assert parsed.errors == ()
        self.handle(ConfigLoaded(parsed.config))

    def handle(self, event: Event) -> None:
        for effect in self.director.handle(event, self.now):
            self._carry_out(effect)

    def _carry_out(self, effect: Effect) -> None:
        if isinstance(effect, StartCheck):
            self.running[str(effect.probe.endpoint.address)] = effect
        elif isinstance(effect, CancelCheck):
            self.running = {server: check for server, check in self.running.items() if check.check != effect.check}
        elif isinstance(effect, ApplyTable):
            self.applied += 1
            self.applied_last = effect
            self.table = {
                str(key): {str(where): destination.weight for where, destination in service.destinations.items()}
                for key, service in effect.table.items()
            }
        elif isinstance(effect, RunScript):
            self.scripts.append(f"{effect.about} {effect.state}: {' '.join(effect.command.argv)}")
        elif isinstance(effect, Announce):
            self.announced.append(f"{effect.kind} {' '.join(effect.names)} {effect.state}")
        else:
            assert isinstance(effect, Log)
            self.log.append(effect.text)

    def wait(self) -> float:
        """Let time pass up to the next deadline; returns what passed."""
        due = self.director.next_deadline()
        assert due is not None
        passed, self.now = due - self.now, due
        self.handle(DeadlineReached())
        return passed

    def answer(self, server: str, success: bool, weight: int | None = None) -> None:
        """The check of ``server`` that runs now ends."""
        started = self.running.pop(server)
        self.handle(CheckFinished(started.check, success, "passes" if success else "fails", weight))
        if self.director.next_deadline() == 0.0:  # what checks say is gathered: it counts at once
            self.handle(DeadlineReached())

    def check(self, server: str, success: bool, weight: int | None = None) -> float:
        """Wait until ``server`` is checked, and answer; returns what time passed."""
        began = self.now
        while server not in self.running:
            self.wait()
        self.answer(server, success, weight)
        return self.now - began

    def want(self, server: str, state: AdminState) -> None:
        self.handle(AdminStateChanged(server, state))

    def stop(self, release: bool = True) -> None:
        self.handle(StopRequested(release))


def servers(count: int, inside: str = "", check: str = "TCP_CHECK {\n}") -> str:
    """Real servers 10.0.0.11 and on."""
    return "".join(f"real_server 10.0.0.{11 + number} 80 {{\n{inside}\n{check}\n}}\n" for number in range(count))


def service(*lines: str) -> str:
    """A virtual server that is checked each 10 s, from second 1 on."""
    inside = "\n".join(("lb_algo wrr", "lb_kind DR", "protocol TCP", "delay_loop 10", "warmup 0", *lines))
    return f"virtual_server 10.0.0.250 80 {{\n{inside}\n}}\n"
