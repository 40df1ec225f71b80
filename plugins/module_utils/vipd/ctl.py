# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipctl: what an operator asks a running vipd, and of a configuration before it runs.

The daemon answers on the socket of ``runtime/control.py``; sentences are made by ``core/explain.py`` and
``config/difference.py``, findings by ``config/``. ``reload``, ``rs``, ``yield`` and ``maintenance`` change something.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, Callable, Optional

from . import ctl_diff, ctl_exporter, ctl_replay, ctl_wishes
from .asking import NoAnswerError, ask
from .config.diagnostics import ConfigError
from .core.explain import explain
from .ctl_check import add_arguments, check_files
from .ctl_replay import replay
from .director.listing import FIGURES, figures, real_server_rows
from .director.listing import lines as ipvsadm_lines
from .runtime.options import DIRECTOR_SOCKET, RUNTIME_DIRECTORY

RELOAD_TIMEOUT_S = 30.0  # a program that reads a notify FIFO may take its time to end

EXIT_OK = 0
EXIT_NO_DAEMON = 1
EXIT_CONFIG = 5

_RS_COLUMNS = ("VIRTUAL SERVER", "REAL SERVER", "STATE", "WEIGHT", "REASON")
_COLUMNS = ("INSTANCE", "STATE", "SINCE", "PRIORITY", "VIPS", "MASTER", "REASON")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Do what the sub-command says; returns the exit status."""
    flags = _parser().parse_args(arguments)
    try:
        status: int = flags.run(flags)
    except NoAnswerError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_NO_DAEMON
    return status


def _status(flags: argparse.Namespace) -> int:
    status = ask(flags.socket, "status")
    if flags.format == "json":
        _print_json(status)
        return EXIT_OK
    rows = [_row(instance) for instance in status["instances"]]
    _print(*ctl_wishes.notice(status), *_table([_COLUMNS, *rows]))
    return EXIT_OK


def _explain(flags: argparse.Namespace) -> int:
    instances = ask(flags.socket, "status")["instances"]
    names = {instance["name"] for instance in instances}
    if flags.instance and flags.instance not in names:
        raise NoAnswerError(f"no instance {flags.instance!r}; this node has {', '.join(sorted(names)) or 'none'}")
    chosen = [instance for instance in instances if flags.instance in (None, instance["name"])]
    if flags.format == "json":
        _print_json({instance["name"]: explain(instance, instances) for instance in chosen})
    else:
        _print(*(sentence for instance in chosen for sentence in explain(instance, instances)))
    return EXIT_OK


def _ipvs(flags: argparse.Namespace) -> int:
    answer = ask(os.path.join(os.path.dirname(flags.socket), DIRECTOR_SOCKET), "ipvs")
    if flags.format == "json":
        _print_json(answer)
    else:
        _print(*(figures(answer, flags.figures) if flags.figures else ipvsadm_lines(answer)))
    return EXIT_OK


def _real_servers(flags: argparse.Namespace) -> int:
    path = os.path.join(os.path.dirname(flags.socket), DIRECTOR_SOCKET)
    if flags.state is None:
        answer = ask(path, "director")
    else:
        answer = ask(path, "rs", real_server=flags.real_server, state=flags.state)
    if flags.format == "json":
        _print_json(answer)
    else:
        _print(*_table([_RS_COLUMNS, *real_server_rows(answer, flags.real_server)]))
    return EXIT_OK


def _history(flags: argparse.Namespace) -> int:
    """The transitions that the daemon remembers, the oldest first."""
    history = ask(flags.socket, "status")["history"]
    if flags.format == "json":
        _print_json(history)
        return EXIT_OK
    rows = [
        (
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one["at"])),
            one["instance"],
            f"{one['before']} -> {one['after']}",
            str(one["priority"]),
            one["reason"],
        )
        for one in history
    ]
    _print(*_table([("WHEN", "INSTANCE", "TRANSITION", "PRIORITY", "REASON"), *rows]))
    return EXIT_OK


def _stats(flags: argparse.Namespace) -> int:
    """Counters, by keepalived's names; what stands at 0 everywhere is left out of the table."""
    instances = ask(flags.socket, "status")["instances"]
    if flags.format == "json":
        _print_json({one["name"]: {"stats": one["stats"], "counters": one["counters"]} for one in instances})
        return EXIT_OK
    names = [
        name for name in (instances[0]["stats"] if instances else ()) if any(one["stats"][name] for one in instances)
    ]
    rows = [(one["name"], *(str(one["stats"][name]) for name in names)) for one in instances]
    _print(*_table([("INSTANCE", *names), *rows]))
    return EXIT_OK


def _reload(flags: argparse.Namespace) -> int:
    """0 when the configuration was loaded, 5 when it was refused and the running one stays in force."""
    answer = ask(flags.socket, "reload", timeout_s=RELOAD_TIMEOUT_S)
    if flags.format == "json":
        _print_json(answer)
    else:
        sentences = [difference["sentence"] for difference in answer.get("differences", [])]
        _print(*answer["findings"], *(sentences or ["nothing is changed"] if answer["reloaded"] else []))
    return EXIT_OK if answer["reloaded"] else EXIT_CONFIG


def _yield(flags: argparse.Namespace) -> int:
    return _wish(flags, ctl_wishes.give_away)


def _maintenance(flags: argparse.Namespace) -> int:
    return _wish(flags, ctl_wishes.maintenance)


def _wish(flags: argparse.Namespace, wish: Callable[..., tuple[int, dict[str, Any], list[str]]]) -> int:
    """0 when it is so now, 3 when no peer took the VIPs and they stay."""
    status, answer, sentences = wish(flags, lambda command, **more: ask(flags.socket, command, **more))
    if flags.format == "json":
        _print_json(answer)
    else:
        _print(*sentences)
    return status


def _export(flags: argparse.Namespace) -> int:
    return ctl_exporter.export(flags.listen, flags.once, flags.socket)


def _diff(flags: argparse.Namespace) -> int:
    """0 when nothing differs, 1 when something does, 5 when a file cannot be loaded: as diff(1), but for the last."""
    try:
        found = ctl_diff.compare(flags.files, flags.config_id, lambda command, more: ask(flags.socket, command, **more))
    except ConfigError as error:
        sys.stderr.writelines(f"{diagnostic}\n" for diagnostic in error.diagnostics)
        return EXIT_CONFIG
    if flags.format == "json":
        _print_json(found)
    else:
        _print(*(difference["sentence"] for difference in found))
    return ctl_diff.EXIT_DIFFERENT if found else EXIT_OK


def _row(instance: dict[str, Any]) -> tuple[str, ...]:
    base, priority = instance["base_priority"], instance["priority"]
    master = instance["master"]
    return (
        instance["name"],
        instance["state"],
        _duration(instance["since_s"]),
        str(priority) if priority == base else f"{priority} ({base}{priority - base:+d})",
        ", ".join(instance["vips"]),
        _holder(instance["state"], master),
        instance["reason"],
    )


def _holder(state: str, master: Optional[dict[str, Any]]) -> str:
    if state == "MASTER":
        return "this node"
    return f"{master['address']} ({master['priority']})" if master and master["priority"] else "-"


def _duration(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour}h"
    return f"{hour}h {minute}m" if hour else f"{minute}m {second}s" if minute else f"{second}s"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _print_json(data: object) -> None:
    _print(json.dumps(data, indent=2))


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vipctl", description="Ask a running vipd, or check a configuration.")
    default = os.path.join(RUNTIME_DIRECTORY, "control.sock")
    parser.add_argument("--socket", default=default, metavar="PATH", help="control socket (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("status", _status, "state, priority and holder of every instance"),
        ("explain", _explain, "why this node is, or is not, the master"),
        ("replay", replay, "run a recording through a fresh core, and show what it does"),
        ("history", _history, "the last transitions, with their reasons"),
        ("stats", _stats, "what every instance has counted"),
        ("diff", _diff, "what a reload would do with a file, or what differs in two files"),
        ("reload", _reload, "load the configuration file again, if nothing is wrong with it"),
        ("yield", _yield, "give VIPs to a peer, and do not take them back at once"),
        ("maintenance", _maintenance, "keep this node out of elections, over restarts too, or let it take part again"),
        ("exporter", _export, "serve metrics for Prometheus over HTTP"),
        ("check", check_files, "find the mistakes in configuration files"),
        ("rs", _real_servers, "the real servers and why they serve or not; or what an operator wants of one"),
        ("ipvs", _ipvs, "virtual servers and their real servers in the kernel, as ipvsadm -Ln shows them"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        if run is not _export:
            command.add_argument("--format", choices=("table", "json"), default="table", help="(default: %(default)s)")
        command.set_defaults(run=run)
        if run is _ipvs:
            chosen = command.add_mutually_exclusive_group()
            for figure, what in zip(FIGURES, ("connections, packets and octets so far", "the same, a second")):
                chosen.add_argument(f"--{figure}", dest="figures", action="store_const", const=figure, help=what)
        if run is _real_servers:
            command.add_argument("real_server", nargs="?", metavar="ADDRESS[:PORT]", help="one of them (default: all)")
            command.add_argument("state", nargs="?", choices=("up", "drain", "down"), help="what is wanted of it")
        if run is _explain:
            command.add_argument("instance", nargs="?", help="one instance (default: all)")
        if run is replay:
            ctl_replay.add_arguments(command)
        if run is _yield:
            ctl_wishes.add_yield_arguments(command)
        if run is _maintenance:
            ctl_wishes.add_maintenance_arguments(command)
        if run is _diff:
            ctl_diff.add_arguments(command)
        if run is _export:
            ctl_exporter.add_arguments(command)
        if run is check_files:
            add_arguments(command)
    return parser
