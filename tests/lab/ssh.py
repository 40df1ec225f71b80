# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way into a node: ssh through the node's network namespace.

No cable is used, so a connection outlives a pulled one, and the host needs no route.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .host import run

PORT = 22
KEY_NAME = "id_ed25519"
PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Door:
    """Where a node's sshd answers: at an address that means something in a namespace of the host."""

    namespace: str
    address: str


def make_key(state_dir: Path) -> str:
    """Make the lab's key; returns its public half."""
    key = state_dir / KEY_NAME
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lbha-lab", "-f", str(key))
    return key.with_suffix(".pub").read_text()


def options(state_dir: Path, door: Door, node: str) -> list[str]:
    """Options of ssh, the user's own configuration left aside; a control socket of its own for each node:
    two labs have nodes of the same address, and Ansible names its sockets after the address."""
    address = door.address.replace("%", "%%")  # ssh takes one for a variable of its own
    return [
        *("-F", "/dev/null"),
        *("-o", f"ProxyCommand=ip netns exec {door.namespace} nc {address} {PORT}"),
        *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
        *("-o", "IdentitiesOnly=yes"),
        *("-o", "ControlMaster=auto", "-o", "ControlPersist=60s", "-o", f"ControlPath={state_dir}/ssh-{node}"),
    ]


def shell_command(state_dir: Path, door: Door, node: str, *argv: str) -> list[str]:
    """The ssh command that logs in as root."""
    return ["ssh", *options(state_dir, door, node), "-i", str(state_dir / KEY_NAME), f"root@{node}", *argv]


def write_connection_file(path: Path, doors: Iterable[tuple[str, Door]]) -> None:
    """An inventory of connection variables only, laid over the inventory a person wrote."""
    lines = ["# Connections to the lab's nodes: ansible-playbook -i INVENTORY -i this file", "all:", "  hosts:"]
    for node, door in doors:
        lines += [
            f"    {node}:",
            "      ansible_connection: ssh",
            "      ansible_user: root",
            "      ansible_pipelining: true",
            f"      ansible_python_interpreter: {PYTHON}",
            f"      ansible_ssh_private_key_file: {path.parent / KEY_NAME}",
            f"      ansible_ssh_common_args: {json.dumps(shlex.join(options(path.parent, door, node)))}",
        ]
    path.write_text("\n".join(lines) + "\n")
