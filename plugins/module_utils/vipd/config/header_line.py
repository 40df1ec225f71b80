# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A header of the requests that checks make, a line of its block: ``NAME VALUE``.

A value may be a password, so no message repeats one. Source: RFC 9110 section 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .diagnostics import Findings
from .lexer import Statement
from .lvs_settings import Header
from .values import BadValueError
from .words import word

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Those that a check says itself; ``virtualhost`` is for the first.
OWN = ("host", "user-agent", "connection", "content-length", "transfer-encoding")


@dataclass(frozen=True)
class HeaderLine:
    """``NAME VALUE``, one of what a check sends besides its own."""

    def read(self, statement: Statement, findings: Findings) -> Header:
        name, value = statement.keyword.rstrip(":"), " ".join(statement.arguments)
        if not _NAME.fullmatch(name) or not value:
            raise BadValueError("needs the name of a header and its value, such as X-Forwarded-Proto https")
        if name.lower() in OWN:
            raise BadValueError(f"cannot be {name}, which a check says itself")
        if not value.isprintable():
            raise BadValueError(f"has a value of {name} with a character that cannot be printed")
        return Header(name, value)

    def write(self, value: Header) -> str:
        return f"{word(value.name)} {word(value.header_value)}"
