# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that a configuration names, and the accounts they run as. Nothing here runs them: ``checks/`` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class ScriptUser:
    """The account a script runs as; without ``group``, the account's own."""

    user: str
    group: Optional[str] = None


@dataclass(frozen=True)
class Command:
    """A program and its arguments; run without a shell."""

    argv: tuple[str, ...]
    user: Optional[ScriptUser] = None


@dataclass(frozen=True)
class Notify:
    """What is run when an instance or a group enters a state: that state's command, then ``any`` with four words more.

    ``deleted`` and ``master_rx_lower_pri`` exist for instances alone. ``says_deleted``: an instance that a reload
    removes is told as DELETED, not as FAULT. Source: keepalived.conf(5), notify_*.
    """

    master: Optional[Command] = None
    backup: Optional[Command] = None
    fault: Optional[Command] = None
    stop: Optional[Command] = None
    deleted: Optional[Command] = None
    master_rx_lower_pri: Optional[Command] = None
    any: Optional[Command] = None
    says_deleted: bool = False


NOTIFIES_NOBODY = Notify()


@dataclass(frozen=True)
class Fifo:
    """A named pipe that gets a line an event, and the program that keepalived starts to read it.

    Without ``owner`` it belongs to whom its script runs as.
    """

    path: str
    script: Optional[Command] = None
    owner: Optional[ScriptUser] = None
