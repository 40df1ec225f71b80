# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's command line, for people, the Makefile and molecule's playbooks.

A lab started from here stays up until ``down``, as its owner is the command that returns at once;
``--owner PID`` ties it to a longer run instead.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from .host import LabError, has_ipvs, missing_requirements, say
from .lab import DEFAULT_NODES, Lab, Node, default_address, running_labs

DEFAULT_LAB = "demo"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 1 when something failed, said in one line; 2 for a wrong command line."""
    options = _parser().parse_args(arguments)
    if lacks := missing_requirements():
        return _fail(" ".join(lacks))
    try:
        options.act(options)
    except LabError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted; what is up now goes at the next `up` or `down`.")
    return 0


def _fail(sentence: str) -> int:
    say(sentence)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab", description="Debian nodes whose power can be cut.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, act: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=text, description=text)
        added.add_argument(
            "--lab",
            default=os.environ.get("LBHA_LAB", DEFAULT_LAB),
            metavar="NAME",
            help="which lab (default: $LBHA_LAB or %(default)s)",
        )
        added.set_defaults(act=act)
        return added

    up = action("up", _up, "start a lab, after removing the one of the same name")
    up.add_argument(
        "--nodes",
        default=os.environ.get("LBHA_NODES", ",".join(DEFAULT_NODES)),
        help="NAME or NAME=ADDRESS, with commas (default: $LBHA_NODES or %(default)s)",
    )
    up.add_argument(
        "--ipvs",
        default=os.environ.get("LBHA_IPVS", ""),
        metavar="NAMES",
        help="nodes that need IPVS: each gets a kernel of its own where the running one has none (default: $LBHA_IPVS)",
    )
    up.add_argument("--owner", type=int, metavar="PID", help="remove the lab after this process has gone")
    action("down", _down, "remove a lab")
    action("status", _status, "show the labs and their nodes")
    for name, (fault, text) in _NODE_ACTIONS.items():
        action(name, _on_node(fault), text).add_argument("node", metavar="NODE")
    for name, act, text in (
        ("shell", _shell, "log in by ssh, or run a command that way"),
        ("exec", _execute, "run a command in a node, without ssh"),
        ("logs", _logs, "show a node's journal, on or off; options go to journalctl"),
    ):
        with_rest = action(name, act, text)
        with_rest.add_argument("node", metavar="NODE")
        with_rest.add_argument("rest", nargs="*", metavar="-- ARGUMENT")
    return parser


_NODE_ACTIONS: dict[str, tuple[Callable[[Node], None], str]] = {
    "power-cut": (Node.power_cut, "cut a node's power"),
    "power-on": (Node.power_on, "boot a node that is off"),
    "shutdown": (Node.shutdown, "halt a node in good order"),
    "cable-pull": (Node.pull_cable, "pull a node's network cable"),
    "cable-plug": (Node.plug_cable, "plug it in again"),
    "reconnect": (Node.reconnect, "renew a node's interface (boot.sh does, when a node reboots)"),
}


def _on_node(act: Callable[[Node], None]) -> Callable[[argparse.Namespace], None]:
    return lambda options: act(_node(options))


def _node(options: argparse.Namespace) -> Node:
    return Lab.attach(options.lab)[options.node]


def _up(options: argparse.Namespace) -> None:
    machines = [] if has_ipvs() else options.ipvs.split(",")
    lab = Lab(options.lab, _addresses(options.nodes), options.owner is None, options.owner, machines=machines)
    lab.up()
    print(lab.connection_file)


def _addresses(nodes: str) -> dict[str, str]:
    """By name; a node without an address has its default one."""
    named = (node.partition("=") for node in nodes.split(","))
    return {name: address or default_address(name) for name, _equals, address in named}


def _down(options: argparse.Namespace) -> None:
    Lab(options.lab).down()
    say(f"{options.lab}: down")


def _status(options: argparse.Namespace) -> None:
    labs = running_labs()
    for lab in labs:
        print(f"{lab.name}: {'left up' if lab.detached else 'in use'}, inventory {lab.connection_file}")
        for node in lab:
            print(f"  {node.name:<8} {node.address:<12} {node.mac}  {_condition(node)}")
    if not labs:
        print("no lab is up")


def _condition(node: Node) -> str:
    if not node.is_running():
        return "off"
    return f"on, process {node.leader_pid}" + ("" if node.has_cable() else ", cable pulled")


def _shell(options: argparse.Namespace) -> None:
    _become(_node(options).login_command(*options.rest))


def _execute(options: argparse.Namespace) -> None:
    _become(_node(options).command(*(options.rest or ["/bin/bash"])))


def _logs(options: argparse.Namespace) -> None:
    _become(_node(options).journal_command(*options.rest))


def _become(argv: list[str]) -> NoReturn:
    sys.stdout.flush()
    os.execvp(argv[0], argv)
