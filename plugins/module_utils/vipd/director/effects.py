# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done, for the director: imperative, frozen, in order. ``runtime/checkers.py`` carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional, Union

from ..config.commands import Command
from ..config.lvs import AnyChecker, Endpoint
from ..config.lvs_defaults import Timing
from ..config.lvs_services import ServiceKey
from .table import Service


@dataclass(frozen=True)
class Probe:
    """One checker of one real server, with nothing left to look up. Equal probes give equal answers.

    ``virtualhost`` is what the checker's urls fall back to. ``weight`` is what the server weighs by configuration.
    """

    checker: AnyChecker
    endpoint: Endpoint
    timing: Timing
    virtualhost: Optional[str] = None
    weight: int = 1


@dataclass(frozen=True)
class StartCheck:
    """Run ``probe`` now, and report as ``CheckFinished`` with the same number. ``step`` is which of its urls.

    ``due`` is when it should have begun, for the lateness that is published.
    """

    check: int
    probe: Probe
    step: int
    due: float


@dataclass(frozen=True)
class CancelCheck:
    """Its answer is no longer wanted."""

    check: int


@dataclass(frozen=True)
class ApplyTable:
    """Make the kernel's table so. ``owned`` are services that were ours and go when they are not in ``table``."""

    table: Mapping[ServiceKey, Service]
    owned: frozenset[ServiceKey]


@dataclass(frozen=True)
class RunScript:
    """``about`` and ``state`` are for the log; scripts about the same thing run one after another."""

    about: str
    state: str
    command: Command


@dataclass(frozen=True)
class Announce:
    """A real server (RS) or a virtual server (VS) is UP or DOWN: for notify FIFOs, and for a mail.

    ``names``: the real server's and its virtual server's, or that alone. ``alert``: what its ``smtp_alert`` says.
    """

    kind: str
    names: tuple[str, ...]
    state: str
    alert: Optional[bool]


@dataclass(frozen=True)
class Log:
    """A line for the journal."""

    level: str
    text: str


Effect = Union[StartCheck, CancelCheck, ApplyTable, RunScript, Announce, Log]
