# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipctl: what an operator asks a running vipd, and of a configuration before it runs.

Reads only. The daemon answers on the socket of ``runtime/control.py``; sentences are made by
``core/explain.py``, findings by ``config/``.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any, Optional

from . import ctl_replay
from .core.explain import explain
from .ctl_check import add_arguments, check_files
from .ctl_replay import replay
from .director.listing import lines as ipvsadm_lines
from .director.listing import real_server_rows
from .runtime.options import DIRECTOR_SOCKET, RUNTIME_DIRECTORY

ANSWER_TIMEOUT_S = 5.0

EXIT_OK = 0
EXIT_NO_DAEMON = 1

_RS_COLUMNS = ("VIRTUAL SERVER", "REAL SERVER", "STATE", "WEIGHT", "REASON")
_COLUMNS = ("INSTANCE", "STATE", "SINCE", "PRIORITY", "VIPS", "MASTER", "REASON")


class NoAnswerError(Exception):
    """The daemon could not be asked; the text says what to do."""


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
    _print(*_table([_COLUMNS, *rows]))
    return EXIT_OK


def _explain(flags: argparse.Namespace) -> int:
    instances = ask(flags.socket, "status")["instances"]
    names = {instance["name"] for instance in instances}
    if flags.instance and flags.instance not in names:
        raise NoAnswerError(f"no instance {flags.instance!r}; this node has {', '.join(sorted(names)) or 'none'}")
    chosen = [instance for instance in instances if flags.instance in (None, instance["name"])]
    if flags.format == "json":
        _print_json({instance["name"]: explain(instance) for instance in chosen})
    else:
        _print(*(sentence for instance in chosen for sentence in explain(instance)))
    return EXIT_OK


def _ipvs(flags: argparse.Namespace) -> int:
    answer = ask(os.path.join(os.path.dirname(flags.socket), DIRECTOR_SOCKET), "ipvs")
    if flags.format == "json":
        _print_json(answer)
    else:
        _print(*ipvsadm_lines(answer))
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


def ask(path: str, command: str, **arguments: str) -> dict[str, Any]:
    """The daemon's answer. Raises NoAnswerError."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_TIMEOUT_S)
            connection.connect(path)
            connection.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer: dict[str, Any] = json.loads(lines.readline())
    except PermissionError:
        raise NoAnswerError(f"not allowed to connect to {path}: become root or join the group that owns it") from None
    except (OSError, ValueError) as error:
        raise NoAnswerError(f"no answer from vipd on {path} ({error}); is it running? systemctl status vipd") from None
    if "error" in answer:
        raise NoAnswerError(f"vipd on {path} answers: {answer['error']}")
    return answer


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
        ("check", check_files, "find the mistakes in configuration files"),
        ("rs", _real_servers, "the real servers and why they serve or not; or what an operator wants of one"),
        ("ipvs", _ipvs, "virtual servers and their real servers in the kernel, as ipvsadm -Ln shows them"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--format", choices=("table", "json"), default="table", help="(default: %(default)s)")
        command.set_defaults(run=run)
        if run is _real_servers:
            command.add_argument("real_server", nargs="?", metavar="ADDRESS[:PORT]", help="one of them (default: all)")
            command.add_argument("state", nargs="?", choices=("up", "drain", "down"), help="what is wanted of it")
        if run is _explain:
            command.add_argument("instance", nargs="?", help="one instance (default: all)")
        if run is replay:
            ctl_replay.add_arguments(command)
        if run is check_files:
            add_arguments(command)
    return parser
