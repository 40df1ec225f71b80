# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The five things done to a master, how each is undone, and how long the VIP may be gone for it.

A new one is a new entry here; the drill, the table and the timeline take it as they take the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import bounds
from .lab import Node
from .pair import Pair
from .record import Bound

KEYS = ("a", "b", "c", "d", "e")


@dataclass(frozen=True)
class Exercise:
    """What is done to the master and how it is undone; ``bound`` None when nothing in the pair would notice."""

    key: str
    title: str
    recovery: str
    strike: Callable[[Node], object]
    recover: Callable[[Node], object]
    bound: Bound | None


def exercises(pair: Pair) -> tuple[Exercise, ...]:
    service = pair.service
    master, backup = pair.master.instance, pair.backup.instance
    silence = bounds.master_down(backup)
    return (
        Exercise(
            "a",
            f"systemctl stop {service}",
            f"systemctl start {service}",
            lambda node: node.run("systemctl", "stop", service),
            lambda node: node.run("systemctl", "start", service),
            bounds.skew(backup),
        ),
        Exercise(
            "b",
            f"SIGKILL of {service}",
            "systemd restarts it",
            lambda node: node.run("systemctl", "kill", "--kill-whom=all", "--signal=KILL", service),
            lambda node: None,
            silence,
        ),
        Exercise("c", "power cut", "power on", Node.power_cut, Node.power_on, silence),
        Exercise(
            "d",
            "nginx stopped and masked",
            "nginx unmasked and started",
            lambda node: node.run("systemctl", "mask", "--runtime", "--now", "nginx"),
            _bring_nginx_back,
            bounds.check_script(master, backup, pair.master.scripts),
        ),
        Exercise("e", "cable pulled", "cable plugged in", Node.pull_cable, Node.plug_cable, silence),
    )


def _bring_nginx_back(node: Node) -> None:
    node.run("systemctl", "unmask", "--runtime", "nginx")
    node.run("systemctl", "start", "nginx")
