# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a run over many pairs takes: ``lbha.pair.site`` beside a public role that deploys keepalived.

The role is no part of this project: BENCH_KEEPALIVED_ROLE is the directory of a checkout of evrardjp/ansible-keepalived
and ANSIBLE_COLLECTIONS_PATH where the collections are that it asks for (ansible.posix, community.general). Without it
there is nothing to compare with, and no row. Both have as many nodes, up one lab after the other, because the kernel
carries twice as many that way; the role's package task is skipped, because keepalived is on the nodes already.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.contenders import NAMES, Contenders
from tests.bench.effort import Effort
from tests.bench.measures import NONE_AT_ALL, Measure, at_most
from tests.lab.demo import COLLECTIONS, SITE
from tests.lab.lab import Lab

FORKS = 20
LIMIT_S = 900.0
FIRST_NODE, FIRST_VIP = 11, 101  # in 10.0.0.0/24
NETWORK = "10.0.0"
RECAP = re.compile(r"^\S+ +: (ok=.*)$", re.MULTILINE)
LINES_SHOWN = 40
INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_OF_A_NODE = 6  # systemd's and logind's, all of root
INOTIFY_OF_OTHERS = 32  # a lab of five nodes may be up at the same time


@dataclass(frozen=True)
class Pair:
    """``number`` is its VRID, too."""

    number: int

    @property
    def name(self) -> str:
        return f"pair{self.number:02}"

    @property
    def nodes(self) -> tuple[str, str]:
        return f"{self.name}a", f"{self.name}b"

    @property
    def vip(self) -> str:
        return f"{NETWORK}.{FIRST_VIP + self.number - 1}/24"

    def addresses(self) -> dict[str, str]:
        first = FIRST_NODE + 2 * (self.number - 1)
        return {node: f"{NETWORK}.{first + index}" for index, node in enumerate(self.nodes)}


@dataclass(frozen=True)
class Ran:
    """One run of a playbook; tasks are those that did something on a host, in the mean."""

    seconds: float
    tasks: float
    changed: float


def measure(_contenders: Contenders, effort: Effort) -> list[Measure]:
    role = os.environ.get("BENCH_KEEPALIVED_ROLE")
    if not role:
        print("  site run: left out, BENCH_KEEPALIVED_ROLE names no role to compare with", file=sys.stderr)
        return []
    pairs = [Pair(number) for number in range(1, min(effort.pairs, _carried()) + 1)]
    runs: dict[str, list[Ran]] = {}
    for name in NAMES:
        with tempfile.TemporaryDirectory(prefix="vipd-bench-") as made, ExitStack() as labs:
            play = _ready(name, pairs, Path(made), role, labs)
            runs[name] = [play() for _turn in range(1 + effort.second_runs)]
    return list(_measures(runs, pairs))


def _carried() -> int:
    """Pairs whose nodes find as many inotify instances as they need."""
    return (int(INOTIFY_LIMIT.read_text()) - INOTIFY_OF_OTHERS) // (2 * INOTIFY_OF_A_NODE)


def _measures(runs: Mapping[str, list[Ran]], pairs: list[Pair]) -> Iterator[Measure]:
    title = f"site run, {len(pairs)} pairs"
    nodes = 2 * len(pairs)

    def row(what: str, unit: str, figure: Callable[[Ran], float], which: slice, **more: Any) -> Measure:
        ours, theirs = ([figure(run) for run in runs[name][which]] for name in NAMES)
        return Measure(f"{title}: {what}", unit, ours, theirs, **more)

    first, second = slice(0, 1), slice(1, None)
    yield row("the first, a node", "s", lambda run: run.seconds / nodes, first, target=at_most(1))
    yield row("nothing to do, a node", "s", lambda run: run.seconds / nodes, second, target=at_most(1))
    yield row("tasks a node, the first", "1", lambda run: run.tasks, first)
    yield row("tasks a node, nothing to do", "1", lambda run: run.tasks, second)
    yield row("of them changed, nothing to do", "1", lambda run: run.changed, second, target=NONE_AT_ALL)


def _ready(name: str, pairs: list[Pair], made: Path, role: str, labs: ExitStack) -> Callable[[], Ran]:
    """Nodes that are up, and what runs the playbook over them."""
    nodes = {node: address for pair in pairs for node, address in pair.addresses().items()}
    lab = labs.enter_context(Lab(f"bench-{name}-{os.getpid()}", nodes, progress=lambda _line: None))
    inventory = made / f"{name}.json"
    inventory.write_text(json.dumps(_inventory(pairs, _VARIABLES[name])))
    playbook = SITE if name == "vipd" else made / "deploy.json"
    if name != "vipd":
        plays = [{"hosts": "pairs", "become": True, "roles": [{"role": str(Path(role).resolve())}]}]
        playbook.write_text(json.dumps(plays))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "--forks", str(FORKS)]
    command += [
        "-i",
        str(inventory),
        "-i",
        str(lab.connection_file),
        "--skip-tags",
        "keepalived-packages",
        str(playbook),
    ]
    return lambda: _run([*command, "-e", "pair_hosts=pairs"])


def _inventory(pairs: list[Pair], variables: Callable[[Pair], dict[str, Any]]) -> dict[str, Any]:
    groups = {
        pair.name: {
            "hosts": {node: {"ansible_host": address} for node, address in pair.addresses().items()},
            "vars": variables(pair),
        }
        for pair in pairs
    }
    return {"all": {"children": {"pairs": {"children": groups}}}}


def _for_vipd(pair: Pair) -> dict[str, Any]:
    return {
        "single_master_hosts": list(pair.nodes),
        "single_master_vips": [pair.vip],
        "single_master_virtual_router_id": pair.number,
    }


def _for_keepalived(pair: Pair) -> dict[str, Any]:
    preferred = f"inventory_hostname == '{pair.nodes[0]}'"
    instance = {
        "interface": "eth0",
        "state": f"{{{{ 'MASTER' if {preferred} else 'BACKUP' }}}}",
        "virtual_router_id": pair.number,
        "priority": f"{{{{ 101 if {preferred} else 100 }}}}",
        "vips": [pair.vip],
    }
    return {"keepalived_use_latest_stable": False, "keepalived_instances": {"vip": instance}}


_VARIABLES: Mapping[str, Callable[[Pair], dict[str, Any]]] = {"vipd": _for_vipd, "keepalived": _for_keepalived}


def _run(command: list[str]) -> Ran:
    paths = [str(COLLECTIONS), *filter(None, [os.environ.get("ANSIBLE_COLLECTIONS_PATH")])]
    settings = {"ANSIBLE_COLLECTIONS_PATH": ":".join(paths), "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}
    began = time.monotonic()
    ran = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **settings},
        timeout=LIMIT_S,
        check=False,
    )
    seconds = time.monotonic() - began
    if ran.returncode != 0:
        end = "\n".join(ran.stdout.splitlines()[-LINES_SHOWN:])
        raise RuntimeError(f"{' '.join(command)}: exit status {ran.returncode}:\n{end}")
    counts = [dict(word.split("=") for word in line.split()) for line in RECAP.findall(ran.stdout)]
    return Ran(seconds, _mean(counts, "ok"), _mean(counts, "changed"))


def _mean(counts: list[dict[str, str]], key: str) -> float:
    return sum(int(count[key]) for count in counts) / len(counts)
