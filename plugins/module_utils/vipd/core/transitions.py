# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of an instance, and which may follow which: the table is the truth.

``instance.py`` refuses a step that is not here; the diagram in docs/state-machine.md is made from it.
"""

from __future__ import annotations

from enum import Enum


class State(str, Enum):
    """The value is what ``notify`` scripts and ``vipctl`` show."""

    INIT = "INIT"
    BACKUP = "BACKUP"
    MASTER = "MASTER"
    FAULT = "FAULT"
    STOP = "STOP"

    def __str__(self) -> str:
        return self.value


_FAULT = "the interface, its source address, a deciding check or another member of the sync group is not good"

TRANSITIONS: dict[tuple[State, State], str] = {
    (State.INIT, State.BACKUP): "the interface, its address and all deciding checks are good, of the whole sync group",
    (State.INIT, State.FAULT): _FAULT,
    (State.INIT, State.STOP): "asked to stop",
    (
        State.BACKUP,
        State.MASTER,
    ): "no acceptable advert for Master_Down, or skew after priority 0; never in maintenance",
    (State.BACKUP, State.FAULT): _FAULT,
    (State.BACKUP, State.STOP): "asked to stop",
    (State.MASTER, State.BACKUP): (
        "an advert that beats ours, a VIP that other programs keep removing, a process that stood still, "
        "a member of the sync group that gave way, or an operator who asked to yield or for maintenance"
    ),
    (State.MASTER, State.FAULT): _FAULT,
    (State.MASTER, State.STOP): "asked to stop",
    (State.FAULT, State.BACKUP): "everything is good again",
    (State.FAULT, State.STOP): "asked to stop",
}
