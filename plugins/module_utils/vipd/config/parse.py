# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text to model, by the table in ``keywords/``. Bad content never raises: every finding is collected.

A value that cannot be used is reported and left at its default, so that one reading finds every
mistake. Who acts on a configuration looks at ``errors`` first, and then at what ``check`` says.
"""

from __future__ import annotations

from dataclasses import dataclass

from .cleared import cleared
from .diagnostics import Diagnostic, Findings, Severity
from .directions import directed
from .directives import Directives
from .files import Files, NoIncludes
from .inclusion import Includes
from .keywords.root import ROOT
from .lexer import statements
from .model import Config
from .parts import nested
from .reader import Reader


@dataclass(frozen=True)
class Parsed:
    config: Config
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)


def parse(text: str, file: str = "<string>", config_id: str = "") -> Parsed:
    """Read ``text``; ``file`` is what diagnostics call it, ``config_id`` selects ``@id`` lines."""
    return _parsed(text, file, config_id, NoIncludes())


def load(path: str, config_id: str = "") -> Parsed:
    """Read a file and what it includes. Raises ConfigError for what cannot be read."""
    files = Files(path)
    return _parsed(files.text, path, config_id, files)


def _parsed(text: str, file: str, config_id: str, includes: Includes) -> Parsed:
    findings = Findings()
    lines = Directives(config_id, includes, findings).lines(text, file)
    found = Reader(findings).fields(statements(lines, findings), ROOT)
    config = cleared(directed(Config(**nested(found, Config))), findings)
    return Parsed(config, findings.in_order())
