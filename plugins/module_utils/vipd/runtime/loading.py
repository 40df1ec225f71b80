# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration file, read and judged on the node that is to run it: the same for a start, a reload and ``vipd -t``.

Only here are the model's own checks joined by what this node has: its interfaces and its programs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..checks.security import unrunnable
from ..config.check import check
from ..config.diagnostics import Diagnostic, Severity
from ..config.model import Config
from ..config.parse import load


def judge(path: str, config_id: str, interfaces: Collection[str]) -> tuple[Config, tuple[Diagnostic, ...]]:
    """The configuration and everything found. Raises ConfigError when it cannot be read."""
    parsed = load(path, config_id)
    return parsed.config, (*parsed.diagnostics, *check(parsed.config, interfaces), *unrunnable(parsed.config))


def has_errors(findings: Sequence[Diagnostic]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
