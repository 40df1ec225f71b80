# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``vipctl check``: the mistakes in the files of one node or of several, found before anything is touched.

Reads files and, when asked to, looks at this node: its interfaces, addresses and programs. What is said comes from
``config/``.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from collections.abc import Iterable
from typing import Any

from .asking import served
from .checks.security import insecure, unrunnable
from .config.across import across
from .config.check import check
from .config.diagnostics import ConfigError, Diagnostic, Severity
from .config.model import Config
from .config.parse import Parsed, concealed, load
from .linux.own_addresses import own_addresses
from .runtime.collector import without_collector
from .runtime.ipvs_here import ipvs_here
from .runtime.options import Options

EXIT_OK = 0
EXIT_UNREADABLE = 4
EXIT_CONFIG = 5
EXIT_SECURITY = 6


def add_arguments(command: argparse.ArgumentParser) -> None:
    host = socket.gethostname().split(".")[0]
    command.add_argument("files", nargs="+", metavar="FILE", help="of one node each; several are compared")
    command.add_argument("-i", "--config-id", default=host, metavar="ID", help="(default: the host name)")
    command.add_argument(
        "--as",
        dest="compared",
        choices=("keepalived",),
        help="exit as keepalived -t would on this node: 0, 4 unreadable, 5 anything it says, 6 insecure scripts",
    )
    command.add_argument("--here", action="store_true", help="look at this node too: interfaces, addresses, programs")


@without_collector()
def check_files(flags: argparse.Namespace) -> int:
    """0 when nothing is wrong, 5 on an error, 4 when a file cannot be read: as ``vipd -t``."""
    as_keepalived = flags.compared == "keepalived"
    here = flags.here or as_keepalived
    texts: list[Parsed] = []
    findings: list[Diagnostic] = []
    statuses = [EXIT_OK]
    for path in flags.files:
        try:
            parsed = load(path, flags.config_id)
        except ConfigError as error:
            findings += error.diagnostics
            statuses.append(EXIT_UNREADABLE)
            continue
        checked = (_of_this_node if here else check)(parsed.config)
        found = (*parsed.diagnostics, *concealed(checked, parsed))
        statuses.append((status_as_keepalived if as_keepalived else _status_of)(found, parsed.config))
        findings += found
        texts.append(parsed)
    compared = concealed(across([one.config for one in texts]), *texts)
    _tell((*findings, *compared), flags.format)
    statuses.append(EXIT_OK if as_keepalived else _status_of(compared, Config()))
    return EXIT_UNREADABLE if EXIT_UNREADABLE in statuses else max(statuses)


def _of_this_node(config: Config) -> tuple[Diagnostic, ...]:
    interfaces = [name for _index, name in socket.if_nameindex()]
    vips = {
        vip.address for one in config.instances for vip in (*one.virtual_ipaddress, *one.virtual_ipaddress_excluded)
    }
    found = ipvs_here(config, served(Options(config_path="").director_path))
    return (*check(config, interfaces, own_addresses(vips)), *unrunnable(config), *found)


def status_as_keepalived(findings: Iterable[Diagnostic], config: Config) -> int:
    """As keepalived 2.2.7 exits, whose manual page says otherwise; an insecure script outweighs everything else."""
    if insecure(config):
        return EXIT_SECURITY
    return EXIT_CONFIG if any(not found.ours for found in findings) else EXIT_OK


def _status_of(findings: Iterable[Diagnostic], _config: Config) -> int:
    return EXIT_CONFIG if any(found.severity is Severity.ERROR for found in findings) else EXIT_OK


def _tell(findings: Iterable[Diagnostic], form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps([_finding(finding) for finding in findings], indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{finding}\n" for finding in findings)


def _finding(finding: Diagnostic) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "remedy": finding.remedy,
        "keepalived_says_so": not finding.ours,
    }
