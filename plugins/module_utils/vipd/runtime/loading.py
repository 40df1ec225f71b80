# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration file, read and judged on the node that is to run it: the same for a start, a reload and ``vipd -t``.

Only here are the model's own checks joined by what this node has: its interfaces and its programs.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Collection, Sequence
from typing import NoReturn, Optional

from ..config.diagnostics import ConfigError, Diagnostic, Severity
from ..config.model import Config

Findings = tuple[Diagnostic, ...]


def judge(path: str, config_id: str, interfaces: Collection[str]) -> tuple[Config, Findings]:
    """The configuration and everything found. Raises ConfigError when it cannot be read."""
    packed, findings = judge_packed(path, config_id, interfaces)
    return unpacked(packed), findings


def unpacked(config: bytes) -> Config:
    model: Config = pickle.loads(config)
    return model


def judge_packed(path: str, config_id: str, interfaces: Collection[str]) -> tuple[bytes, Findings]:
    """As :func:`judge` does; the configuration is for :func:`unpacked`, in the process that needs it.

    The work is done in a process of its own, which takes the parser and all that it allocated with it: 4 MB for each
    of the two processes that live for years, and more for a long file.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _judge_and_end(writing, path, config_id, interfaces)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError(f"reading {path} failed: the traceback of the process that read it is above")
    packed, findings = pickle.loads(answer)
    if packed is None:
        raise ConfigError(findings)
    return packed, findings


def _judge_and_end(writing: int, path: str, config_id: str, interfaces: Collection[str]) -> NoReturn:
    try:
        config, findings = _judge(path, config_id, interfaces)
        answer = pickle.dumps((pickle.dumps(config) if config else None, findings))
        with open(writing, "wb") as pipe:
            pipe.write(answer)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _judge(path: str, config_id: str, interfaces: Collection[str]) -> tuple[Optional[Config], Findings]:
    from ..checks.security import unrunnable  # noqa: PLC0415  loaded here alone, to end with this process
    from ..config.check import check  # noqa: PLC0415
    from ..config.parse import concealed, load  # noqa: PLC0415

    try:
        parsed = load(path, config_id)
    except ConfigError as error:
        return None, error.diagnostics
    found = (*check(parsed.config, interfaces), *unrunnable(parsed.config))
    return parsed.config, (*parsed.diagnostics, *concealed(found, parsed))


def has_errors(findings: Sequence[Diagnostic]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
