# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text to model, by the table in ``keywords/``. Bad content never raises: every finding is collected.

A value that cannot be used is reported and left at its default, so that one reading finds every
mistake. Who acts on a configuration looks at ``errors`` first, and then at what ``check`` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Optional

from .cleared import cleared
from .diagnostics import Diagnostic, Findings, Secrets, Severity
from .directions import directed
from .directives import Directives
from .extension import FILE_NAME, extended, extended_by_file
from .files import Files, NoIncludes, beside
from .inclusion import Includes
from .keywords.root import ROOT
from .lexer import statements
from .model import Config
from .parts import nested
from .reader import Reader

EXTENSIONS = "<extensions>"  # what diagnostics call the text of vipd's own file


@dataclass(frozen=True)
class Parsed:
    """``secrets`` are the text's: what is found later may name things by the same words, see :func:`concealed`."""

    config: Config
    diagnostics: tuple[Diagnostic, ...]
    secrets: Secrets = field(repr=False, compare=False)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)


def concealed(found: Iterable[Diagnostic], *texts: Parsed) -> tuple[Diagnostic, ...]:
    """What was found in the models of these texts, without the secrets of any."""
    secrets = Secrets()
    for text in texts:
        secrets.update(text.secrets)
    return tuple(map(secrets.hidden, found))


def parse(text: str, file: str = "<string>", config_id: str = "", extensions: str = "") -> Parsed:
    """Read ``text``; ``file`` is what diagnostics call it, ``config_id`` selects ``@id`` lines.

    ``extensions`` is the text of vipd's own file.
    """
    findings = Findings()
    config = _config(text, file, config_id, NoIncludes(), findings)
    if extensions:
        config = extended(config, extensions, EXTENSIONS, config_id, findings)
    return Parsed(config, findings.in_order(), findings.secrets)


def load(path: str, config_id: str = "", extensions: Optional[str] = None) -> Parsed:
    """Read a file, what it includes, and vipd's own file: ``extensions``, or vipd.conf in the same directory.

    Raises ConfigError for what cannot be read.
    """
    findings = Findings()
    files = Files(path)
    config = _config(files.text, path, config_id, files, findings)
    own = extensions or beside(path, FILE_NAME)
    if own is not None:
        config = extended_by_file(config, own, config_id, findings)
    return Parsed(config, findings.in_order(), findings.secrets)


def _config(text: str, file: str, config_id: str, includes: Includes, findings: Findings) -> Config:
    lines = Directives(config_id, includes, findings).lines(text, file)
    found = Reader(findings).fields(statements(lines, findings), ROOT)
    return cleared(directed(Config(**nested(found, Config))), findings)
