# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration file, read and judged on the node that is to run it: the same for a start, a reload and ``vipd -t``.

Only here are the model's own checks joined by what this node has: its interfaces and its programs.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Sequence
from typing import Optional

from ..config.diagnostics import ConfigError, Diagnostic, Severity
from ..config.model import Config
from . import errand
from .collector import without_collector

Findings = tuple[Diagnostic, ...]


class Loads:
    """Whether the last attempt to load a configuration went well, and when the running one was loaded (wall clock)."""

    def __init__(self, started_at: float) -> None:
        self._started_at = self._loaded_at = started_at
        self._last_ok = True

    def loaded(self, at: float) -> None:
        self._loaded_at, self._last_ok = at, True

    def refused(self) -> None:
        self._last_ok = False

    def status(self) -> dict[str, object]:
        running = {"loaded_at": self._loaded_at, "last_reload_ok": self._last_ok}
        return {"started_at": self._started_at, "configuration": running}


def judge(path: str, config_id: str, interfaces: Collection[str]) -> tuple[Config, Findings]:
    """The configuration and everything found. Raises ConfigError when it cannot be read.

    The parser is loaded in a process that ends: it takes 4 MB, and more for a long file.
    """
    return readable(*errand.run(lambda: read(path, config_id, interfaces), f"reading {path}"))


def readable(config: Optional[Config], findings: Findings) -> tuple[Config, Findings]:
    """What :func:`read` returned. Raises ConfigError for a file that cannot be read."""
    if config is None:
        raise ConfigError(findings)
    return config, findings


def read(path: str, config_id: str, interfaces: Collection[str]) -> tuple[Optional[Config], Findings]:
    """As :func:`judge` does, in this process, and with None for a file that cannot be read."""
    from ..checks.security import unrunnable  # noqa: PLC0415  loaded here alone, to end with this process
    from ..config.check import check  # noqa: PLC0415
    from ..config.parse import concealed, load  # noqa: PLC0415
    from .refusals import refusals  # noqa: PLC0415

    with without_collector():
        try:
            parsed = load(path, config_id)
        except ConfigError as error:
            return None, error.diagnostics
        found = (*check(parsed.config, interfaces), *unrunnable(parsed.config), *refusals(parsed.config))
    return parsed.config, (*parsed.diagnostics, *concealed(found, parsed))


def packed(config: Config) -> bytes:
    """For :func:`unpacked`, in the process that needs it: nothing of it stays in one that hands it on."""
    return pickle.dumps(config)


def unpacked(config: bytes) -> Config:
    with without_collector():
        model: Config = pickle.loads(config)
    return model


def has_errors(findings: Sequence[Diagnostic]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
