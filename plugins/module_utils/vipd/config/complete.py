# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keepalived makes of a block as a whole, once its keywords are read.

What it ignores in the light of the rest of the file is in ``cleared.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Optional

from .commands import Command
from .diagnostics import Findings
from .lexer import Statement
from .model import DEFAULT_PRIORITY, DEFAULT_STATE, OWNER_PRIORITY, VrrpInstance

# Stands for what every such block should have and this one has not; ``check`` says so.
MISSING: Mapping[str, Any] = {
    "command": Command(()),
    "file": "",
    "group": (),
    "interface": "",
    "process": (),
    "virtual_router_id": 0,
}

_MISSING: dict[type[Any], Mapping[str, Any]] = {}  # by kind, as soon as one is read


def complete(kind: type[Any], found: dict[str, Any], statement: Statement, findings: Findings) -> Any:
    """A ``kind`` with the fields ``found`` in the block of ``statement``."""
    if kind is VrrpInstance:
        _instance(found, statement, findings)
    return kind(**{**_missing(kind), **found})


def _missing(kind: type[Any]) -> Mapping[str, Any]:
    """What stands for each field of a ``kind`` that has to be given."""
    if kind not in _MISSING:
        _MISSING[kind] = {field.name: MISSING[field.name] for field in fields(kind) if field.name in MISSING}
    return _MISSING[kind]


def _instance(found: dict[str, Any], statement: Statement, findings: Findings) -> None:
    """Of state and priority, keepalived derives the one from the other where only one is given."""
    state, priority = found.get("state"), found.get("priority")
    found["priority"] = priority or (OWNER_PRIORITY if state == "MASTER" else DEFAULT_PRIORITY)
    found["state"] = state or ("MASTER" if priority == OWNER_PRIORITY else DEFAULT_STATE)
    found["auth_pass"] = _auth_pass(statement, found.pop("auth_type", None), found.get("auth_pass"), findings)


def _auth_pass(statement: Statement, kind: Optional[str], password: Optional[str], findings: Findings) -> Optional[str]:
    lines = (inner.place for inner in statement.body or () if inner.keyword == "authentication")
    place = next(lines, statement.place)
    if kind == "AH":
        findings.error(place, "auth_type AH is not supported by this version of vipd", "use PASS")
    elif kind == "PASS" and password is None:
        findings.error(place, "auth_type PASS has no auth_pass", "add one of at most 8 characters")
    elif kind is None and password is not None:
        findings.warning(place, "auth_pass has no effect without auth_type", "add auth_type PASS")
    return password if kind == "PASS" else None
