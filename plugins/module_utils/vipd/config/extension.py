# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd's own options, from a file beside the keepalived.conf, put into the model: instances are found by name.

The file has the same grammar. Its name is ``FILE_NAME``; where there is none, nothing is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .diagnostics import Findings
from .directives import Directives
from .files import Files, NoIncludes
from .keywords.extension import EXTENSION
from .keywords.root import ROOT, homes
from .lexer import Line, statements
from .model import Config, Place, Smtp
from .parts import onto
from .reader import Reader

FILE_NAME = "vipd.conf"


def extended(config: Config, text: str, file: str, config_id: str, findings: Findings) -> Config:
    """``config`` with what ``text`` says; where it names what is not there, that is an error."""
    return _extended(config, Directives(config_id, NoIncludes(), findings).lines(text, file), findings)


def extended_by_file(config: Config, path: str, config_id: str, findings: Findings) -> Config:
    """The same from a file and what it includes. Raises ConfigError for what cannot be read."""
    files = Files(path)
    return _extended(config, Directives(config_id, files, findings).lines(files.text, path), findings)


def _extended(config: Config, lines: Iterable[Line], findings: Findings) -> Config:
    found = Reader(findings, _homes).fields(statements(lines, findings), EXTENSION)
    known = {instance.name for instance in config.instances}
    for extension in found.pop("instances", ()):
        if extension.name not in known:
            message = f"there is no vrrp_instance {extension.name} to extend"
            remedy = f"the configuration has {', '.join(sorted(known)) or 'none'}"
            findings.error(extension.place, message, remedy, ours=True)
    place = found.pop("global_defs.place", config.global_defs.place)
    config = replace(config, **onto(config, found))
    _check_login(config.global_defs.smtp, place, findings)
    return config


def _homes(name: str) -> tuple[str, ...]:
    return ("the keepalived.conf beside this file",) if homes(name) or ROOT.find(name) else ()


def _check_login(smtp: Smtp, place: Place, findings: Findings) -> None:
    if (smtp.user is None) != (smtp.password_file is None):
        lacking = "password_file" if smtp.password_file is None else "user"
        findings.error(place, f"smtp has no {lacking}", "a login needs user and password_file", ours=True)
    if smtp.user is not None and smtp.tls == "none":
        message = "smtp would send its password without encryption"
        findings.warning(place, message, "add tls starttls, or tls implicit", ours=True)
