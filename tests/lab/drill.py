# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Breaks the master in five ways, one after the other, and records what a client and the kernel saw.

    python3 -m tests.lab.drill [--lab demo] [--service vipd|keepalived] [--events a,b]

It records and never judges: ``report.py`` gives the verdicts, ``timeline.py`` draws them. Between two events the
pair is always whole again: the preferred master is the only holder and the client is being answered.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from . import record, report, timeline
from .addresses import AddressWatch
from .exercises import KEYS, Exercise, exercises
from .holders import HolderLog
from .lab import Lab, LabError, Node, missing_requirements
from .pair import CONFIGURATIONS, read_pair
from .probe import INTERVAL_S
from .record import Event, Probe, Run

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "demo"

STEADY_S = 1.2  # so long all must have been well before anything is done next: the view of an event starts 1 s before
READY_LIMIT_S = 30.0
TAKEOVER_LIMIT_S = 10.0  # beyond the bound: how late is worth knowing, for ever is not
RECOVERY_LIMIT_S = 30.0
LONGEST_DRILL_S = 900.0
LOOK_EVERY_S = 0.02


class ProbeLog:
    """The probe in the client's namespace, and what it has told so far."""

    def __init__(self, client: Node, vip: str, start_s: float) -> None:
        self._start_s = start_s
        self._lock = threading.Lock()
        self._probes: list[Probe] = []
        self._last_failure_s = float("-inf")
        self._command = ["ip", "netns", "exec", client.netns, sys.executable, "-m", "tests.lab.probe", vip]
        self._reader = threading.Thread(target=self._read, name="probe", daemon=True)

    def __enter__(self) -> ProbeLog:
        command = [*self._command, "--seconds", str(LONGEST_DRILL_S)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            sent_s, *rest = json.loads(line)
            probe = Probe(round(sent_s - self._start_s, 6), *rest)
            with self._lock:
                self._probes.append(probe)
                if probe.error is not None:
                    self._last_failure_s = max(self._last_failure_s, probe.sent_s)

    def steady(self, now_s: float, for_s: float) -> bool:
        """Every probe sent in the last ``for_s`` that has an outcome was answered, and they did have one."""
        with self._lock:
            recent = [probe for probe in self._probes[-1000:] if probe.sent_s >= now_s - for_s]
            return len(recent) >= for_s / INTERVAL_S / 2 and self._last_failure_s < now_s - for_s

    def in_order(self) -> tuple[Probe, ...]:
        with self._lock:
            return tuple(sorted(self._probes, key=lambda probe: probe.sent_s))

    @property
    def alive(self) -> bool:
        return self._process.poll() is None


class Drill:
    """One run over one pair; every time is counted from its start."""

    def __init__(self, lab: Lab, service: str) -> None:
        self.pair = read_pair(lab, service)
        self._start_s = time.monotonic()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._log = HolderLog()
        namespaces = {member.node.name: member.node.netns for member in self.pair.members}
        self._watch = AddressWatch(self._log, namespaces, self.pair.vips, self._start_s)
        self._probe = ProbeLog(lab["client"], self.pair.vips[0], self._start_s)

    def run(self, chosen: Sequence[Exercise]) -> Run:
        events: list[Event] = []
        problems: list[str] = []
        with self._watch, self._probe:
            try:
                for exercise in chosen:
                    events.append(self._perform(exercise))
                    print(f"  {report.summary(self._so_far(events, problems), events[-1])}", flush=True)
            except LabError as error:
                problems.append(str(error))
            return self._so_far(events, problems)

    def _perform(self, exercise: Exercise) -> Event:
        master = self.pair.master.node
        if exercise.bound is None:
            raise LabError(f"event {exercise.key}: no track_script in {master.name}'s configuration would notice")
        self._await_whole(f"before event {exercise.key}")
        print(f"({exercise.key}) {exercise.title} on {master.name}", flush=True)
        problems: list[str] = []
        struck_s = self._now()
        exercise.strike(master)
        limit_s = exercise.bound.seconds + TAKEOVER_LIMIT_S
        if not self._comes_true(lambda: self._taken_over(struck_s), limit_s):
            problems.append(f"{self.pair.backup.node.name} did not hold the VIP and answer within {limit_s:.1f} s")
        recovered_s = self._now()
        exercise.recover(master)
        if not self._comes_true(self._whole, RECOVERY_LIMIT_S):
            problems.append(f"{master.name} did not take the VIP back within {RECOVERY_LIMIT_S:.0f} s")
            master.run("systemctl", "restart", self.pair.service, check=False)  # so that the other events can be tried
        problems += self._disagreements()
        return Event(
            exercise.key,
            exercise.title,
            exercise.recovery,
            exercise.bound,
            struck_s,
            recovered_s,
            self._now(),
            tuple(problems),
        )

    def _await_whole(self, when: str) -> None:
        if not self._comes_true(self._whole, READY_LIMIT_S):
            holders = ", ".join(sorted(self._log.holders(self.pair.vips[0]))) or "nobody"
            answers = "answered" if self._probe.steady(self._now(), STEADY_S) else "not answered"
            raise LabError(
                f"{when}: expected {self.pair.master.node.name} alone to hold {self.pair.vips[0]} and the client to be "
                f"answered for {STEADY_S:g} s; found: {holders} holding it, the client {answers}"
            )

    def _whole(self) -> bool:
        master, now_s = self.pair.master.node.name, self._now()
        alone_s = min(self._log.alone_for(master, vip, now_s) for vip in self.pair.vips)
        return alone_s >= STEADY_S and self._probe.steady(now_s, STEADY_S)

    def _taken_over(self, since_s: float) -> bool:
        """In the history, not only now: a master that restarts fast may have it back already."""
        backup = self.pair.backup.node.name
        took = any(held.node == backup and held.start_s >= since_s for held in self._log.intervals(self._now()))
        return took and self._probe.steady(self._now(), STEADY_S)

    def _comes_true(self, condition: Callable[[], bool], limit_s: float) -> bool:
        until_s = self._now() + limit_s
        while not condition():
            if not (self._probe.alive and self._watch.alive):
                raise LabError("the drill's own instruments died: the probe or the address watch; nothing is proven")
            if self._now() > until_s:
                return False
            time.sleep(LOOK_EVERY_S)
        return True

    def _disagreements(self) -> list[str]:
        """The instrument is checked too: what the kernels say when asked against what was watched."""
        found = []
        for member in self.pair.members:
            shown = member.node.run("ip", "-json", "-4", "address", "show", check=False).stdout or "[]"
            held = {address["local"] for link in json.loads(shown) for address in link.get("addr_info", [])}
            for vip in self.pair.vips:
                if (vip in held) != (member.node.name in self._log.holders(vip)):
                    has = "has" if vip in held else "does not have"
                    found.append(f"{member.node.name} {has} {vip}, and the address watch says otherwise")
        return found

    def _so_far(self, events: Sequence[Event], problems: Sequence[str]) -> Run:
        return Run(
            started=self._started,
            service=self.pair.service,
            vip=self.pair.vips[0],
            master=self.pair.master.node.name,
            backup=self.pair.backup.node.name,
            priorities={member.node.name: member.instance.priority for member in self.pair.members},
            advert_int_s=self.pair.backup.instance.advert_int_s,
            probe_interval_ms=INTERVAL_S * 1000,
            events=tuple(events),
            probes=self._probe.in_order(),
            holdings=self._log.intervals(self._now()),
            problems=tuple(problems),
        )

    def _now(self) -> float:
        return time.monotonic() - self._start_s


def drill(lab: Lab, service: str, keys: Sequence[str], output: Path = OUTPUT) -> int:
    """Run it, write run.json and timeline.html, print the table; 0 when every event passed."""
    one = Drill(lab, service)
    chosen = [exercise for exercise in exercises(one.pair) if not keys or exercise.key in keys]
    run = one.run(chosen)
    record.save(run, output / "run.json")
    (output / "timeline.html").write_text(timeline.page(run), encoding="utf-8")
    print(f"\n{report.table(run)}\n")
    print(f"timeline   {output / 'timeline.html'}\nrecording  {output / 'run.json'}")
    if report.passed(run):
        return 0
    print(f"What the nodes logged: .venv/bin/python -m tests.lab logs --lab {lab.name} {run.master} -- -u {service}")
    return 1


def parse_keys(text: str) -> list[str]:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if unknown := sorted(set(keys) - set(KEYS)):
        raise argparse.ArgumentTypeError(f"no event {', '.join(unknown)}; there are {', '.join(KEYS)}")
    return keys


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab.drill", description="Break the master in five ways.")
    parser.add_argument("--lab", default="demo")
    parser.add_argument("--service", choices=sorted(CONFIGURATIONS), default="vipd")
    parser.add_argument("--events", type=parse_keys, default=[], metavar="a,b,…", help="all five unless given")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    try:
        if lacks := missing_requirements():
            raise LabError(" ".join(lacks))
        return drill(Lab.attach(options.lab), options.service, options.events, options.output)
    except (LabError, KeyboardInterrupt) as error:
        print(f"drill: {str(error) or 'interrupted'}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
