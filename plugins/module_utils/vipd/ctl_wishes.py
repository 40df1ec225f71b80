# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``vipctl yield`` and ``vipctl maintenance``: what an operator asks of a node. ``runtime/wishes.py`` does it."""

from __future__ import annotations

import argparse
import time
from typing import Any, Callable, Optional

from .asking import patience_s

# Asks the daemon: a command, how long to wait for the answer, what else it needs.
Ask = Callable[..., dict[str, Any]]

EXIT_OK = 0
EXIT_REFUSED = 3


def add_yield_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("instances", nargs="*", metavar="INSTANCE", help="which ones (default: all)")
    until = command.add_mutually_exclusive_group()
    until.add_argument("--for", dest="for_s", type=float, metavar="SECONDS", help="then take part as before")
    until.add_argument("--end", action="store_true", help="take part as before, from now on")
    command.add_argument("--force", action="store_true", help="let go at once, whether a peer is there or not")


def add_maintenance_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("action", choices=("on", "off", "status"))
    command.add_argument("--reason", default="", help="shown to whoever asks why")
    command.add_argument("--force", action="store_true", help="even if nobody takes the VIPs: they are then nowhere")


def give_away(flags: argparse.Namespace, ask: Ask) -> tuple[int, dict[str, Any], list[str]]:
    """The exit status, the daemon's answer, and that in sentences."""
    wanted = {"instances": flags.instances, "for_s": flags.for_s, "force": flags.force, "end": flags.end}
    answer = ask("yield", timeout_s=patience_s(ask("status")), **wanted)
    sentences = [_standing(one) for one in answer["instances"]]
    refused = answer["kept"] and not flags.end
    return EXIT_REFUSED if refused else EXIT_OK, answer, sentences


def maintenance(flags: argparse.Namespace, ask: Ask) -> tuple[int, dict[str, Any], list[str]]:
    """As :func:`give_away`."""
    if flags.action == "status":
        status = ask("status")
        return EXIT_OK, {"maintenance": status["maintenance"], "note": status["maintenance_note"]}, _told(status)
    on = flags.action == "on"
    answer = ask("maintenance", timeout_s=patience_s(ask("status")), on=on, reason=flags.reason, force=flags.force)
    sentences = [f"maintenance is {'on' if answer['maintenance'] else 'off'}", *map(_standing, answer["instances"])]
    return EXIT_OK if answer["maintenance"] == on else EXIT_REFUSED, answer, sentences


def notice(status: dict[str, Any]) -> list[str]:
    """What stands above the table of ``vipctl status``."""
    return _told(status) if status["maintenance"] else []


def _told(status: dict[str, Any]) -> list[str]:
    if not status["maintenance"]:
        return ["maintenance is off"]
    note: Optional[dict[str, Any]] = status["maintenance_note"]
    if not note:
        return ["maintenance is on"]
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(note["since"]))
    return [f"maintenance is on since {since}{': ' + note['reason'] if note['reason'] else ''}"]


def _standing(one: dict[str, Any]) -> str:
    if one["state"] == "MASTER":
        return f"{one['name']} stays here: no peer took {', '.join(one['vips']) or 'over'}"
    master = one["master"]
    if master and master["priority"]:
        return f"{one['name']} is {one['state']}; {master['address']} is master with priority {master['priority']}"
    return f"{one['name']} is {one['state']}; no master is known yet"
