# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the project's checks and tests: a list of parts, two lanes at once, one log a part, one line a part.

The list is explicit: a suite that vanished fails instead of being passed over. Nothing here knows how a test works;
look next at the directories that the parts name. Start it through ``make check`` and ``make test``, or name parts:
``.venv/bin/python tests/run.py netns molecule-dual_master``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test"
BIN = ROOT / ".venv" / "bin"

TAIL_LINES = 60  # of a failed part's log: enough for pytest's summary and the last traceback
REASONS = re.compile(r"(FAILED|ERROR) \S|fatal: \[|E +\S")  # pytest's and Ansible's lines that say why
REASONS_MAX, REASON_MAX = 6, 300
HEARTBEAT_S = 60.0  # a silent continuous integration looks hung
STOP_GRACE_S = 20.0  # a suite that is told to stop takes its lab down first

MOLECULE_SCENARIOS = (
    *("operations", "mixed_providers", "migrate", "topologies", "keepalived_provider", "single_master", "dual_master"),
    "lvs_dr",  # brings its directors a kernel with IPVS where the running one has none
)
SUITE = "LBHA_LAB_SUITE"  # which Debian nodes run (tests/lab/image.py); who sets it decides for every scenario
ON_DEBIAN_13 = frozenset({"keepalived_provider", "migrate", "dual_master"})  # the rest runs on the lab's default, 12


def no_complaint(_log: str) -> str | None:
    return None


@dataclass(frozen=True)
class Part:
    """One command; ``complaint`` reads the log of a run that exited 0 and may still find fault with it."""

    name: str
    command: tuple[str, ...]
    limit_s: float = 300.0
    complaint: Callable[[str], str | None] = no_complaint
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    part: Part
    seconds: float
    fault: str | None

    @property
    def log(self) -> Path:
        return LOGS / f"{self.part.name}.log"


def pytest(name: str, *paths: str, python: Path = BIN / "python", limit_s: float = 900.0) -> Part:
    return Part(name, (str(python), "-m", "pytest", "-q", "--durations=5", *paths), limit_s)


def agent_suites() -> list[Part]:
    """The agent's tests on the controller's Python and on each older or newer one that tests/setup found."""
    own = pytest("agent", "tests/agent")
    others = sorted((ROOT / ".venvs").glob("py3*/bin/python"))
    return [own, *(pytest(f"agent-{python.parent.parent.name}", "tests/agent", python=python) for python in others)]


def molecule_fault(log: str) -> str | None:
    """Molecule exits 0 when a playbook of the sequence does not exist; its recap still counts it."""
    if found := re.search(r"missing=[1-9]\d*", log):
        return f"molecule reports {found[0]}: a playbook that its sequence names does not exist"
    return None if "missing=0" in log else "molecule's recap (missing=0) is not in the log"


def molecule(scenario: str) -> Part:
    command = (str(BIN / "molecule"), "test", "--no-command-borders", "-s", scenario)
    environment = {SUITE: os.environ.get(SUITE, "trixie")} if scenario in ON_DEBIAN_13 else {}
    return Part(f"molecule-{scenario}", command, limit_s=1800.0, complaint=molecule_fault, environment=environment)


def tool(name: str, *command: str, limit_s: float = 300.0) -> Part:
    return Part(name, (str(BIN / command[0]), *command[1:]), limit_s)


CHECK = (
    tool("format", "ruff", "format", "--check", "--diff"),
    tool("lint", "ruff", "check"),
    tool("types-agent", "mypy", "-p", "vipd"),
    replace(
        tool("types-plugins", "mypy", "plugins/plugin_utils", "extensions/eda/plugins/event_source"),
        environment={"MYPYPATH": ".ansible/collections:plugins/module_utils"},
    ),
    tool("types-tests", "mypy", "tests/lab", "tests/package", "tests/sim", "tests/run.py", "tests/generated_docs.py"),
    pytest("unit", "tests/unit"),
    pytest("agent", "tests/agent"),
    pytest("sim", "tests/sim"),
)
SLOWER_CHECKS = (
    *(part for part in agent_suites() if part.name != "agent"),
    tool("yamllint", "yamllint", "--strict", "."),
    tool("ansible-lint", "ansible-lint", "--strict"),
    tool("changelog", "antsibull-changelog", "lint"),
    Part("sanity", ("tests/sanity",), limit_s=900.0),
    pytest("package", "tests/package"),
    pytest("fuzz", "tests/fuzz"),
)
LAB = (
    *(molecule(scenario) for scenario in MOLECULE_SCENARIOS if scenario != "lvs_dr"),
    pytest("lab", "tests/lab", limit_s=1200.0),
    pytest("netns", "tests/netns", limit_s=1200.0),
    pytest("interop", "tests/interop", limit_s=1200.0),
)
IPVS_LAB = (
    molecule("lvs_dr"),
    Part(
        "lvs",
        (str(BIN / "python"), "-m", "tests.lvs"),
        limit_s=2400.0,
        environment={"PYTHONPATH": "plugins/module_utils"},
    ),
)

# The inner loop tries the same with fewer cases.
QUICK = {"AGENT_EXAMPLES": "10", "SIM_SEEDS": "60"}

# What runs at the same time: two lanes of about the same length. The suites that measure milliseconds come last.
LANES: dict[str, tuple[tuple[Part, ...], ...]] = {
    "check": (CHECK[:-2], tuple(replace(part, environment=QUICK) for part in CHECK[-2:])),
    "test": ((*CHECK, *SLOWER_CHECKS, *IPVS_LAB), LAB),
}


class Run:
    """The state that lanes share: what is under way, what came out, whether to stop."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False
        self.lock = threading.Lock()

    def lane(self, parts: Iterable[Part]) -> None:
        for part in parts:
            if self.stopping:
                return
            outcome = self.carry_out(part)
            with self.lock:
                self.outcomes.append(outcome)
                report(outcome)

    def carry_out(self, part: Part) -> Outcome:
        began = time.monotonic()
        environment = {**os.environ, **ENVIRONMENT, **part.environment}
        with (LOGS / f"{part.name}.log").open("wb") as log:
            log.write(f"$ {shlex.join(part.command)}\n".encode())
            log.flush()
            # A session of its own: what a suite started can be stopped with it.
            process = subprocess.Popen(
                part.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.processes[part.name] = process
            fault = await_end(part, process, began)
            del self.processes[part.name]
        if fault is None:
            fault = part.complaint((LOGS / f"{part.name}.log").read_text(errors="replace"))
        return Outcome(part, time.monotonic() - began, fault)

    def stop(self) -> None:
        self.stopping = True
        for process in list(self.processes.values()):
            end(process)


def await_end(part: Part, process: subprocess.Popen[bytes], began: float) -> str | None:
    while True:
        try:
            status = process.wait(timeout=HEARTBEAT_S)
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - began
            if passed > part.limit_s:
                end(process)
                return f"not done after {passed:.0f} s (its limit is {part.limit_s:.0f} s)"
            print(f"  ...     {part.name:<22} under way for {passed:.0f} s", flush=True)
        else:
            return None if status == 0 else f"exit status {status}"


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask with INT, on which pytest runs its teardowns (a lab goes down); then KILL what is left of the session."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=STOP_GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def report(outcome: Outcome) -> None:
    word = "failed" if outcome.fault else "ok"
    print(f"  {word:<7} {outcome.part.name:<22} {outcome.seconds:7.1f} s", flush=True)
    if outcome.fault:
        lines = outcome.log.read_text(errors="replace").splitlines()
        for line in lines[-TAIL_LINES:]:
            print(f"  | {line}")
        print(f"  + {outcome.part.name}: {outcome.fault}; the whole log: {outcome.log.relative_to(ROOT)}", flush=True)


def reasons(log: str) -> list[str]:
    """The last lines of a log that name a failure, cut short; its very last line where none does."""
    lines = log.replace(r"\n", "\n").splitlines()  # Ansible shows a command's output as one line
    found = [line for line in lines if REASONS.match(line)] or lines[-1:]
    return [line[:REASON_MAX] for line in found[-REASONS_MAX:]]


def summarize(outcomes: list[Outcome]) -> int:
    """Say at the very end what failed and why: whoever reads a long output often has its end alone."""
    failed = [outcome for outcome in outcomes if outcome.fault]
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    for outcome in failed:
        print(f"  failed  {outcome.part.name}: {outcome.fault}")
        for reason in reasons(outcome.log.read_text(errors="replace")):
            print(f"  | {reason}")
    return 1 if failed else 0


ENVIRONMENT = {
    "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible" / "collections"),
    "PYTHONDONTWRITEBYTECODE": "1",
    "NO_COLOR": "1",
    "LBHA_RUN": str(os.getpid()),  # names the labs of molecule, so that two runs on a machine do not share one
}


def strays() -> list[str]:
    """Scenarios on disk that the list above forgot: they would never run."""
    on_disk = {path.parent.name for path in ROOT.glob("molecule/*/molecule.yml")}
    return sorted(on_disk - set(MOLECULE_SCENARIOS))


def lanes_for(words: list[str]) -> tuple[tuple[Part, ...], ...]:
    if words and words[0] in LANES and len(words) == 1:
        return LANES[words[0]]
    known = {part.name: part for lane in LANES["test"] for part in lane}
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        choice = ", ".join(["check", "test", *known])
        sys.exit(f"tests/run.py: no part named {' '.join(unknown) or '(none given)'}; there are: {choice}")
    return (tuple(known[word] for word in words),)


def announce_absent() -> None:
    for version in ("3.9", "3.11", "3.13"):
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        if version != here and not (ROOT / ".venvs" / f"py{version}").exists():
            print(f"  absent  agent-py{version:<17} this machine has no Python {version}")


def main(words: list[str]) -> int:
    if forgotten := strays():
        sys.exit(f"tests/run.py: add molecule/{forgotten[0]} to MOLECULE_SCENARIOS")
    lanes = lanes_for(words)
    if os.geteuid() != 0 and any(part in (*LAB, *IPVS_LAB) for lane in lanes for part in lane):
        sys.exit(
            "tests/run.py: run this as root: its lab boots nodes and makes network namespaces ('make check' does not)"
        )
    LOGS.mkdir(parents=True, exist_ok=True)
    if words == ["test"]:
        announce_absent()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = Run()
    threads = [threading.Thread(target=run.lane, args=(lane,), daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        run.stop()
        return 130
    return summarize(run.outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
