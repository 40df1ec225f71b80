# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole of ``make demo`` after set-up: boot a lab, deploy the example, break it five ways, show figures.

    python3 -m tests.lab.demo [--service vipd|keepalived] [--events a,b] [--down]

It runs the playbook as a user would, with the example's inventory; only the connections are the lab's. A step that
fails shows the end of its log and where the whole log is. The lab stays up afterwards, unless ``--down``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from .drill import OUTPUT, ROOT, drill, parse_keys
from .lab import Lab, LabError, missing_requirements
from .pair import CONFIGURATIONS, read_pair

INVENTORY = ROOT / "playbooks/inventory-example.yml"
SITE = ROOT / "playbooks/site.yml"
WEB_SERVERS = Path(__file__).with_name("web.yml")
COLLECTIONS = ROOT / ".ansible/collections"

LOG_LINES_SHOWN = 25
FIRST_ANSWER_LIMIT_S = 20.0
ASK_AGAIN_AFTER_S = 0.2


class StepError(Exception):
    """Its text is for a person, and all there is to say."""


@contextmanager
def step(name: str) -> Iterator[None]:
    print(f"── {name}", flush=True)
    started_s = time.monotonic()
    yield
    print(f"   {name}: {time.monotonic() - started_s:.1f} s", flush=True)


def play(name: str, lab: Lab, playbook: Path, *arguments: str) -> None:
    """Run a playbook as a user would; the lab's connections come last, so that they win."""
    ansible_playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORKS": "10",
        "LC_ALL": "C.UTF-8",
    }
    run_logged(name, [ansible_playbook, *arguments, "-i", str(lab.connection_file), str(playbook)], settings)


def run_logged(name: str, command: Sequence[str], settings: Mapping[str, str]) -> None:
    """All that it says goes to a log; the end of that is in the error when it fails."""
    log = OUTPUT / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **settings}
    with log.open("w", encoding="utf-8") as written, _started(command, environment) as running:
        follow(cast("IO[str]", running.stdout), written)
    if running.returncode != 0:
        end = "\n".join(log.read_text(encoding="utf-8").splitlines()[-LOG_LINES_SHOWN:])
        raise StepError(f"{name} failed; its log ends:\n\n{end}\n\nThe whole log: {log}")


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=environment,
    )


def follow(output: IO[str], log: IO[str]) -> None:
    """Copy a playbook's output to ``log``; say on the terminal which task it is at, and how it ended."""
    show = _progress()
    recap = False
    for line in output:
        log.write(line)
        if line.startswith(("TASK [", "RUNNING HANDLER [")):
            show(line[line.index("[") + 1 : line.rindex("]")])
        recap = recap or line.startswith("PLAY RECAP")
        if recap and " : " in line:
            show("")
            print(f"   {' '.join(line.split())}", flush=True)


def _progress() -> Callable[[str], None]:
    """The task at hand, on a line that is written over; in a log, one line whenever the role changes."""
    role = ""

    def overwrite(task: str) -> None:
        print(f"\r\033[K   {task[:100]}" if task else "\r\033[K", end="", flush=True)

    def append(task: str) -> None:
        nonlocal role
        now, _separator, _module = task.rpartition(" : ")
        if now and now != role:
            role = now
            print(f"   {role}", flush=True)

    return overwrite if sys.stdout.isatty() else append


def ask(lab: Lab, vip: str) -> None:
    """What a user would do first: a page through the VIP, from the client."""
    until_s = time.monotonic() + FIRST_ANSWER_LIMIT_S
    while time.monotonic() < until_s:
        answer = lab["client"].run("curl", "-sS", "--fail", "--max-time", "2", f"http://{vip}/", check=False)
        if answer.returncode == 0:
            print(f"   client$ curl http://{vip}/\n   {answer.stdout.strip()}")
            return
        time.sleep(ASK_AGAIN_AFTER_S)
    raise StepError(
        f"no answer from http://{vip}/ within {FIRST_ANSWER_LIMIT_S:.0f} s: {answer.stderr.strip()}\n"
        f"Look on the nodes: {_shell(lab, 'lb01')}, then vipctl status and journalctl -u vipd"
    )


def demo(options: argparse.Namespace) -> int:
    lab = Lab(options.lab, detached=True)
    with step("boot the lab"):
        lab.up()
    with step("set up the web servers behind the pair"):
        play("web", lab, WEB_SERVERS)
    with step(f"deploy the pair: {SITE.relative_to(ROOT)} with {INVENTORY.relative_to(ROOT)}"):
        play("site", lab, SITE, "-i", str(INVENTORY), "-e", f"vipd_provider={options.service}")
    pair = read_pair(lab, options.service)
    with step("ask through the VIP"):
        ask(lab, pair.vips[0])
    with step("break it"):
        outcome = drill(lab, options.service, options.events)
    if options.down:
        lab.down()
    else:
        print(how_to_play(lab, options.service))
    return outcome


def how_to_play(lab: Lab, service: str) -> str:
    state = "vipctl status, vipctl explain, " if service == "vipd" else ""
    return (
        f"\nThe lab stays up:\n"
        f"  {_shell(lab, 'lb01')}    and there: {state}journalctl -fu {service}\n"
        f"  .venv/bin/python -m tests.lab power-cut --lab {lab.name} lb01    or power-on, cable-pull, cable-plug\n"
        f"  {'make down' if lab.name == 'demo' else f'.venv/bin/python -m tests.lab down --lab {lab.name}'}"
    )


def _shell(lab: Lab, node: str) -> str:
    return f"make shell NODE={node}" if lab.name == "demo" else f"LBHA_LAB={lab.name} make shell NODE={node}"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab.demo", description="Deploy a pair and break it.")
    parser.add_argument("--lab", default="demo", metavar="NAME")
    parser.add_argument("--service", choices=sorted(CONFIGURATIONS), default="vipd")
    parser.add_argument("--events", type=parse_keys, default=[], metavar="a,b,…", help="all five unless given")
    afterwards = parser.add_mutually_exclusive_group()
    afterwards.add_argument("--keep", action="store_true", help="leave the lab up at the end (this is the default)")
    afterwards.add_argument("--down", action="store_true", help="take the lab down at the end")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if lacks := missing_requirements():
        return _fail(" ".join(lacks))
    if not COLLECTIONS.is_dir():
        return _fail(f"{COLLECTIONS} is missing: run `make setup`")
    try:
        return demo(options)
    except (LabError, StepError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted; what is up now goes with `make down`")


def _fail(sentence: str) -> int:
    print(f"demo: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
