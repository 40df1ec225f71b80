# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps traffic from and to VIPs that their master must not accept (RFC 9568 section 6.1), by a table of our own.

Worker process and release alone: it runs nft(8) and waits for it. The table is static: an address is in it whether this
node holds it or not, so that a takeover has nothing to do here. It is replaced in one transaction and never shared: a
table of that name that others made is left alone. Neighbour discovery is never dropped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Optional

from ..wire.address import Address

PROGRAM = "nft"

# On every rule: by this a table is known to be ours.
TAG = "vipd: no_accept"


class NftablesError(Exception):
    """The message is nft's."""


@dataclass(frozen=True)
class Table:
    """``addresses`` are dropped everywhere; ``link_local`` ones, each with its interface, there."""

    name: str
    priority: int
    addresses: frozenset[Address] = frozenset()
    link_local: frozenset[tuple[Address, str]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.addresses or self.link_local)


class Firewall:
    """The table as it is now. Every method raises NftablesError."""

    def __init__(self) -> None:
        self._present: Optional[Table] = None

    @property
    def table(self) -> str:
        """The name of the table that there is; empty without one."""
        return self._present.name if self._present else ""

    def ensure(self, wanted: Table) -> None:
        """Drop what ``wanted`` drops; what was dropped before stays so until :meth:`retire`."""
        before = self._present
        if before is None or (before.name, before.priority) != (wanted.name, wanted.priority):
            self._become(wanted)
            return
        addresses, link_local = before.addresses | wanted.addresses, before.link_local | wanted.link_local
        self._become(replace(wanted, addresses=addresses, link_local=link_local))

    def retire(self, wanted: Table) -> None:
        """Drop no more than that."""
        self._become(wanted)

    def remove(self) -> None:
        if self._present:
            remove(self._present.name)
        self._present = None

    def _become(self, wanted: Table) -> None:
        before, after = self._present or None, wanted or None
        if before == after:
            return
        removal = _removal(before.name) if before else ""
        run(removal + (_removal(after.name) + _script(after) if after else ""))
        self._present = after


def path() -> Optional[str]:
    """Where the program is; None when it is not installed. (shutil would bring compression into the VRRP process.)"""
    candidates = (os.path.join(directory, PROGRAM) for directory in os.get_exec_path())
    return next((one for one in candidates if os.access(one, os.X_OK)), None)


def is_foreign(name: str) -> bool:
    """Whether there is a table of that name that others made."""
    try:
        listed = run("", "list", "table", "inet", name)
    except NftablesError:
        return False
    return TAG not in listed


def remove(name: str) -> None:
    """Remove our table, if it is there."""
    run(_removal(name))


def run(script: str, *arguments: str) -> str:
    """Runs nft with ``script`` as its input, or with ``arguments``; returns what it says."""
    program = path()
    if program is None:
        raise NftablesError(f"there is no program {PROGRAM}")
    source, said = os.memfd_create("script"), os.memfd_create("said")
    try:
        os.write(source, script.encode())
        os.lseek(source, 0, os.SEEK_SET)
        actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, said, 1), (os.POSIX_SPAWN_DUP2, said, 2)]
        argv = [PROGRAM, *(arguments or ("-f", "-"))]
        _pid, status = os.waitpid(os.posix_spawn(program, argv, os.environ, file_actions=actions), 0)
        os.lseek(said, 0, os.SEEK_SET)
        text = os.read(said, os.fstat(said).st_size).decode(errors="replace")
    finally:
        os.close(source)
        os.close(said)
    if status != 0:
        raise NftablesError(" ".join(text.split()))
    return text


def _removal(name: str) -> str:
    """Adding first makes it no error when there is none."""
    return f"add table inet {name}\ndelete table inet {name}\n"


def _script(table: Table) -> str:
    lines = [f"table inet {table.name} {{"]
    for chain, hook, end, port in (("in", "input", "daddr", "iifname"), ("out", "output", "saddr", "oifname")):
        lines += [
            f"chain {chain} {{",
            f"type filter hook {hook} priority {table.priority}; policy accept;",
            "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
            *_drops(f"ip {end}", (str(one) for one in table.addresses if one.version == 4)),
            *_drops(f"ip6 {end}", (str(one) for one in table.addresses if one.version == 6)),
            *_drops(f"ip6 {end} . {port}", (f'{one} . "{interface}"' for one, interface in table.link_local)),
            "}",
        ]
    return "\n".join([*lines, "}", ""])


def _drops(what: str, elements: Iterable[str]) -> list[str]:
    listed = ", ".join(sorted(elements))
    return [f'{what} {{ {listed} }} drop comment "{TAG}"'] if listed else []
